"""Exceptions whose classes change, or define by themselves what other exceptions have from `BaseException`."""

from __future__ import annotations

import io

import pytest
from logly import logger
from logly.loguru import logger as dialect

LOGGERS = pytest.mark.parametrize("library", [logger, dialect], ids=["logly", "loguru"])


def logged(library, error, **options):
    """Return what a sink gets for an exception that was raised."""
    stream = io.StringIO()
    options = {"backtrace": False, "diagnose": False, **options}
    sink = library.add(stream, format="{message}", **options)
    try:
        raise error
    except BaseException:
        library.exception("failed")
    library.remove(sink)
    return stream.getvalue()


@LOGGERS
def test_text_that_a_class_gets_later_is_shown(library):
    class Failure(Exception):
        pass

    before = logged(library, Failure(1))
    Failure.__str__ = lambda _: "changed"

    assert "Failure: 1\n" in before
    assert "Failure: changed\n" in logged(library, Failure(1))


@LOGGERS
def test_new_module_and_name_of_a_class_are_shown(library):
    class Failure(Exception):
        pass

    logged(library, Failure())
    Failure.__module__, Failure.__qualname__ = "elsewhere", "Moved"

    assert "\nelsewhere.Moved\n" in logged(library, Failure())


@LOGGERS
def test_notes_are_shown_of_the_class_and_of_the_exception(library):
    class Failure(Exception):
        pass

    assert "of the" not in logged(library, Failure())
    noted = Failure()
    noted.__notes__ = ["of the exception"]
    shown = logged(library, noted)
    Failure.__notes__ = ["of the class"]

    assert "of the exception\n" in shown
    assert "of the class\n" in logged(library, Failure())


@LOGGERS
def test_cause_that_a_class_defines_is_shown(library):
    class Failure(Exception):
        @property
        def __cause__(self):
            return KeyError("defined")

    text = logged(library, Failure())

    assert "KeyError: 'defined'\n" in text
    assert "The above exception was the direct cause" in text


@LOGGERS
def test_removed_traceback_is_not_shown(library):
    class Failure(Exception):
        @property
        def __traceback__(self):
            return None

    text = logged(library, Failure(2))

    assert "Failure: 2\n" in text
    assert "Traceback" not in text


@LOGGERS
def test_context_is_hidden_by_a_cause_of_none(library):
    error = ValueError("shown")
    error.__context__ = KeyError("hidden")

    shown = logged(library, error)
    error.__suppress_context__ = True

    assert "KeyError" in shown
    assert "KeyError" not in logged(library, error)


@LOGGERS
def test_arguments_that_hold_themselves_are_shown(library):
    value = []
    value.append(value)

    assert "ValueError: [[...]]\n" in logged(library, ValueError(value))


@LOGGERS
def test_text_without_end_is_not_made(library):
    value = ["x"]
    for _ in range(60):
        value = [value, value]

    text = logged(library, ValueError(value), diagnose=True)

    assert "ValueError: " in text
    assert len(text) < 200_000

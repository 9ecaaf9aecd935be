"""Tracebacks in text lines: text of an exception never begins a line, or all of it is on one line."""

from __future__ import annotations

import io
import logging
import sys
import traceback

import pytest
from logly import logger

FORGED = "2025-01-15 10:30:45 | INFO | forged"
new = pytest.mark.skipif(sys.version_info < (3, 11), reason="notes and groups came with Python 3.11")


class Said(Exception):
    def __str__(self):
        return f"said\n{FORGED}"


def noted():
    error = ValueError("noted")
    error.add_note(FORGED)
    error.add_note(f"more\n{FORGED}")
    return error


def grouped():
    return ExceptionGroup(f"group\n{FORGED}", [ValueError(f"member\n{FORGED}")])  # noqa: F821 - from 3.11 on


def chained():
    error = ValueError("outer")
    error.__cause__ = ValueError(f"inner\n{FORGED}")
    return error


def misspelt():
    return SyntaxError(f"bad\n{FORGED}", (f"made.py\n{FORGED}", 1, 1, f"a b\n{FORGED}"))


def named():
    return type(f"Odd\n{FORGED}", (Exception,), {})("named")


def mimicking():
    return ValueError(f"x\nTraceback (most recent call last):\n  File\nValueError: y\n{FORGED}")


MAKERS = [
    lambda: ValueError(f"x\n{FORGED}"),
    Said,
    chained,
    misspelt,
    named,
    mimicking,
    pytest.param(noted, marks=new),
    pytest.param(grouped, marks=new),
]


def written(error, **options):
    """Return the output of a sink for an exception."""
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, **{"format": "{message}", **options})
    try:
        raise error
    except Exception:
        logger.exception("failed")
    return stream.getvalue()


@pytest.mark.parametrize(
    "options",
    [{}, {"multiline": "indent"}, {"diagnose": True}, {"backtrace": True}, {"format": "{message}\n{exception}"}],
    ids=str,
)
@pytest.mark.parametrize("maker", MAKERS)
def test_text_of_an_exception_begins_no_line(maker, options):
    shown = written(maker(), **options)

    assert FORGED in shown
    assert not any(line.startswith(FORGED) for line in shown.splitlines())


def test_first_line_of_the_text_stands_behind_the_type():
    shown = written(ValueError(f"x\n{FORGED}\n\n\tcell"))

    assert shown.endswith(f"\nValueError: x\n    {FORGED}\n\n\tcell\n")


def test_text_that_shows_colours_begins_no_line():
    shown = written(ValueError(f"x\n{FORGED}"), color=True)

    assert f"\n    {FORGED}\n" in shown


@pytest.mark.parametrize("part", ["file", "function"])
def test_name_of_code_begins_no_line(part):
    logger.remove_all()
    stream = io.StringIO()
    logger.add(stream, format="{message}")
    code = compile("def fail(): 1 / 0", f"made\n{FORGED}" if part == "file" else "made", "exec")
    scope = {}
    exec(code, scope)
    function = scope["fail"]
    if part == "function":
        function.__code__ = function.__code__.replace(co_name=f"fail\n{FORGED}")

    try:
        function()
    except ZeroDivisionError:
        logger.exception("failed")

    assert f"\n    {FORGED}" in stream.getvalue()


def test_file_and_stream_of_one_logger_have_their_own_way(tmp_path):
    logger.remove_all()
    logger.add(tmp_path / "one.log", format="{message}", multiline="escape")
    logger.add(tmp_path / "raw.log", format="{message}", multiline="raw")
    logger.add(tmp_path / "app.log", format="{message}")

    logger.opt(exception=ValueError("x\ny")).error("failed")

    assert logger.complete(timeout=30)
    assert (tmp_path / "one.log").read_text() == "failed\\nValueError: x\\ny\n"
    assert (tmp_path / "raw.log").read_text() == "failed\nValueError: x\ny\n"
    assert (tmp_path / "app.log").read_text() == "failed\nValueError: x\n    y\n"


@pytest.mark.parametrize("maker", MAKERS)
def test_raw_traceback_is_pythons_own(maker):
    error = maker()

    shown = written(error, multiline="raw")

    assert shown == "failed\n" + "".join(traceback.format_exception(type(error), error, error.__traceback__))


def test_raw_traceback_keeps_control_characters():
    assert "\x1b[31m" in written(ValueError("\x1b[31m"), multiline="raw")


@pytest.mark.parametrize("options", [{}, {"diagnose": True}, {"format": "{message} {exception}"}], ids=str)
@pytest.mark.parametrize("maker", MAKERS)
def test_traceback_stands_on_the_line_where_that_is_asked_for(maker, options):
    shown = written(maker(), multiline="escape", **options)

    assert shown.startswith("failed")
    assert shown.count("\n") == 1


def test_traceback_on_the_line_is_pythons_text_when_unescaped():
    error = ValueError("x\ny")

    shown = written(error, multiline="escape")

    expected = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    assert shown == "failed\\n" + expected.rstrip().replace("\n", "\\n") + "\n"


def test_setting_of_the_logger_puts_tracebacks_on_the_line():
    logger.configure(multiline="escape")

    assert written(ValueError("x")).count("\n") == 1


def test_traceback_of_a_raw_message_follows_its_sink():
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, multiline="escape")

    logger.opt(raw=True, exception=ValueError("x\ny")).error("failed")

    assert stream.getvalue() == "failed\\nValueError: x\\ny"


def test_stack_stands_on_the_line_too():
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, format="{message}", multiline="escape")

    logger.opt(stack=True).info("here")

    assert stream.getvalue().startswith("here\\nStack (most recent call last):\\n")
    assert stream.getvalue().count("\n") == 1


def test_callback_and_json_get_pythons_text():
    got = []
    logger.add_callback(got.append)
    error = ValueError("x\ny")

    written(error)

    logger.complete()
    assert got[0]["exception"]["traceback"].endswith("ValueError: x\ny\n")
    assert got[0]["exception"]["message"] == "x\ny"


def test_text_of_an_exception_from_elsewhere_begins_no_line():
    from logly import LoglyHandler

    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, format="{message}")
    record = logging.LogRecord("other", logging.ERROR, __file__, 1, "failed", (), None)
    record.exc_text = f"Traceback (most recent call last):\n  File\nValueError: x\n{FORGED}"
    record.stack_info = f"Stack (most recent call last):\n  File\n{FORGED}"

    LoglyHandler().emit(record)

    lines = stream.getvalue().splitlines()
    assert [line for line in lines if line[:1] != " "] == [
        "failed", "Traceback (most recent call last):", "Stack (most recent call last):",
    ]  # fmt: skip
    assert lines.count(f"    {FORGED}") == 2

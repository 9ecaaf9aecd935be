"""Exceptions whose own code is in the way, and what is left of exceptions once they are logged."""

from __future__ import annotations

import gc
import io
import json
import weakref

import pytest
from logly import logger


class UnreadableCause(Exception):
    """Its cause cannot be asked for."""

    @property
    def __cause__(self):
        raise RuntimeError


class StrangeCause(Exception):
    """Its cause is no exception."""

    __cause__ = 5


class Undecided(Exception):
    """Neither true nor false."""

    def __bool__(self):
        raise RuntimeError


class Dynamic(Exception):
    """Takes attributes from a dict, and lets out that they are not there."""

    def __getattr__(self, name):
        return {}[name]


class Closed(Exception):
    """No attribute can be asked for."""

    def __getattribute__(self, name):
        raise RuntimeError


@pytest.mark.parametrize("kind", [UnreadableCause, StrangeCause, Undecided, Dynamic, Closed])
@pytest.mark.parametrize("options", [{}, {"diagnose": True}, {"backtrace": True}, {"json": True}])
def test_frames_and_message_are_shown_whatever_the_exception_does(no_console, kind, options):
    def fail():
        raise kind("no such user")

    stream = io.StringIO()
    logger.add(stream, format="{message}", **options)

    try:
        fail()
    except Exception:
        logger.exception("failed")

    if options.get("json"):
        assert "exception" in json.loads(stream.getvalue())
    else:
        assert "in fail\n" in stream.getvalue()
        assert "no such user\n" in stream.getvalue()


def test_traceback_that_was_caught_elsewhere_goes_with_an_exception_that_cannot_be_changed(no_console):
    class Frozen(Exception):
        def __setattr__(self, name, value):
            raise AttributeError(name)

    try:
        raise KeyError
    except KeyError as error:
        traceback = error.__traceback__
    stream = io.StringIO()
    logger.add(stream, format="{message}")

    logger.error("failed", exc_info=(Frozen, Frozen("no"), traceback))

    assert "raise KeyError" in stream.getvalue()


class Local:
    """What stands in a local variable of what failed."""


def failing(found):
    local = Local()
    found.append(weakref.ref(local))
    raise ValueError("no")


@pytest.mark.parametrize("options", [{}, {"json": True}, {"diagnose": True, "backtrace": True}])
def test_local_variables_are_let_go_of_once_the_exception_is_logged(no_console, tmp_path, options):
    found = []
    with (tmp_path / "stream").open("w") as file:
        for sink in (io.StringIO(), file, tmp_path / "file", "stderr", lambda _: None):
            logger.add(sink, **options)
        logger.add_callback(lambda _: None)
        with logger.catch():
            failing(found)
        try:
            failing(found)
        except ValueError:
            logger.bind(a=1).patch(lambda record: record["extra"].update(b=2)).exception("failed")
        assert logger.complete(30)
        gc.collect()

        assert [reference() for reference in found] == [None, None]

"""Exceptions whose own code interferes with logging, and the references that remain after they are logged."""

from __future__ import annotations

import builtins
import gc
import io
import json
import logging
import os
import sys
import traceback
import weakref

import pytest
from logly import logger

from tests.support import child


class UnreadableCause(Exception):
    """Reading its cause raises an error."""

    @property
    def __cause__(self):
        raise RuntimeError


class StrangeCause(Exception):
    """Its cause is not an exception."""

    __cause__ = 5


class Undecided(Exception):
    """Its truth value raises an error."""

    def __bool__(self):
        raise RuntimeError


class Dynamic(Exception):
    """Reads attributes from a dict, and raises `KeyError` for missing ones."""

    def __getattr__(self, name):
        return {}[name]


class Closed(Exception):
    """Reading any attribute raises an error."""

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
    """The type of a local variable in the failing function."""


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


ExceptionGroup = getattr(builtins, "ExceptionGroup", None)
groups = pytest.mark.skipif(sys.version_info < (3, 11), reason="exception groups came with Python 3.11")


def wide():
    return ExceptionGroup("many", [ValueError(number) for number in range(100_000)])


def deep():
    error = ValueError("leaf")
    for number in range(5_000):
        error = ExceptionGroup(f"level {number}", [error])
    return error


def bushy():
    """Make nested groups: each has the previous one as both of its members, 2**60 in all."""
    error = ValueError("leaf")
    for number in range(60):
        error = ExceptionGroup(f"level {number}", [error, error])
    return error


def wide_cause():
    error = ValueError("plain")
    error.__cause__ = wide()
    return error


@groups
@pytest.mark.parametrize("make", [wide, deep, bushy, wide_cause])
@pytest.mark.parametrize("options", [{}, {"diagnose": True, "backtrace": True}, {"json": True}], ids=str)
def test_groups_of_very_many_are_shown_in_a_moment(no_console, make, options, monkeypatch):
    read = [0]
    original = traceback.TracebackException.__init__

    def counted(self, *args, **kwargs):
        read[0] += 1
        assert read[0] < 10_000, "traceback reads all of them"
        original(self, *args, **kwargs)

    monkeypatch.setattr(traceback.TracebackException, "__init__", counted)
    stream = io.StringIO()
    logger.add(stream, format="{message}", **options)

    logger.error("failed", exc_info=make())

    assert "ValueError" in stream.getvalue() or make in (deep, bushy)
    assert "cannot be rendered" not in stream.getvalue()
    assert "unprintable" not in stream.getvalue()


def plain_groups():
    """Make groups that `traceback` reads in a moment but that have more members than it prints."""

    def outer():
        return ExceptionGroup("outer", [ExceptionGroup("inner", [ValueError(number) for number in range(600)])])

    error = ExceptionGroup("last", [KeyError("a"), outer()])
    error.add_note("a note")
    error.__cause__ = outer()
    error.__cause__.__context__ = TypeError("first")
    return error


@groups
@pytest.mark.parametrize("make", [wide, plain_groups])
def test_what_is_left_out_of_groups_is_what_python_prints_as_a_number(no_console, make):
    stream = io.StringIO()
    logger.add(stream, format="{message}")
    error = make()

    logger.error("failed", exc_info=error)

    assert stream.getvalue() == "failed\n" + "".join(traceback.format_exception(error))


class Endless(list):
    def __iter__(self):
        while True:
            yield "again"


@groups
@pytest.mark.parametrize("notes", [["again"] * 100_000, Endless(["again"])], ids=["many", "endless"])
@pytest.mark.parametrize("is_member", [True, False])
def test_notes_without_end_are_cut(no_console, notes, is_member):
    error = ValueError("noted")
    error.__notes__ = notes
    stream = io.StringIO()
    logger.add(stream, format="{message}")

    logger.error("failed", exc_info=ExceptionGroup("group", [error]) if is_member else error)

    assert stream.getvalue().count("again\n") == 1_000
    assert stream.getvalue().count("[further notes are left out]\n") == 1


@groups
def test_notes_in_json_are_cut(no_console):
    error = ValueError("noted")
    error.__notes__ = ["again"] * 100_000
    stream = io.StringIO()
    logger.add(stream, json=True)

    logger.error("failed", exc_info=error)

    notes = json.loads(stream.getvalue())["exception"]["notes"]
    assert notes == ["again"] * 1_000 + ["[further notes are left out]"]


@groups
def test_handlers_are_given_the_text_of_very_many(no_console):
    stream = io.StringIO()
    logger.add(logging.StreamHandler(stream))
    error = bushy()
    error.exceptions[0].__cause__ = wide()

    logger.error("failed", exc_info=error)

    assert "ExceptionGroup: level 59" in stream.getvalue()
    assert "and 99985 more exceptions" in stream.getvalue()


def test_end_of_a_chain_of_very_many_is_shown(no_console):
    error = ValueError("number 0")
    for number in range(1, 5_000):
        following = ValueError(f"number {number}")
        setattr(following, "__cause__" if number % 2 else "__context__", error)
        error = following
    stream = io.StringIO()
    logger.add(stream, format="{message}")

    logger.error("failed", exc_info=error)

    lines = stream.getvalue().splitlines()
    assert lines[:2] == ["failed", "...: those that came before are left out"]
    shown = [line for line in lines if line.startswith("ValueError: ")]
    assert shown == [f"ValueError: number {number}" for number in range(4_900, 5_000)]
    assert lines.count("The above exception was the direct cause of the following exception:") == 50


def test_chain_that_can_be_shown_is_shown_as_a_whole(no_console):
    error = ValueError("number 0")
    for number in range(1, 500):
        following = ValueError(f"number {number}")
        following.__context__ = error
        error = following
    stream = io.StringIO()
    logger.add(stream, format="{message}")

    logger.error("failed", exc_info=error)

    assert stream.getvalue() == "failed\n" + "".join(traceback.format_exception(type(error), error, None))


@pytest.mark.parametrize("options", ["", "diagnose=True, backtrace=True", "json=True"])
@pytest.mark.parametrize("group", ["error", pytest.param("ExceptionGroup('g', [error])", marks=groups)])
def test_source_that_is_a_pipe_is_not_waited_for(options, group, tmp_path):
    os.mkfifo(tmp_path / "pipe.py")
    code = f"""
from logly import logger
logger.add("app.log", format="{{message}}", {options})
try:
    exec(compile("1 / 0", "pipe.py", "exec"))
except ZeroDivisionError as error:
    error.__traceback__ = error.__traceback__.tb_next
    logger.error("failed", exc_info={group})
"""

    finished = child.run(code, cwd=tmp_path)

    finished.check()
    assert "pipe.py" in (tmp_path / "app.log").read_text()

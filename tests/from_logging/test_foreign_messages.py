"""Messages of `logging` that hold more than a message: tracebacks that a queue handler adds, and colours."""

from __future__ import annotations

import copy
import logging
import logging.handlers
import queue
import sys
from contextlib import contextmanager

import logly
import pytest
from logly import logger


class Oldest(logging.handlers.QueueHandler):
    """A queue handler that leaves the stack in the record, as up to Python 3.11."""

    def prepare(self, record):
        message = self.format(record)
        made = copy.copy(record)
        made.message = made.msg = message
        made.args = made.exc_info = made.exc_text = None
        return made


class Latest(logging.handlers.QueueHandler):
    """A queue handler that removes the stack from the record, as from Python 3.12 on."""

    def prepare(self, record):
        made = Oldest.prepare(self, record)
        made.stack_info = None
        return made


QUEUES = [logging.handlers.QueueHandler, Oldest, Latest]


@contextmanager
def queued(kind=logging.handlers.QueueHandler, formatter=None):
    """Send the records of the logger `app` through a queue to logly's handler."""
    waiting = queue.SimpleQueue()
    handler = kind(waiting)
    handler.setFormatter(formatter)
    listener = logging.handlers.QueueListener(waiting, logly.LoglyHandler())
    app = logging.getLogger("app")
    app.handlers, app.propagate = [handler], False
    listener.start()
    try:
        yield app
    finally:
        listener.stop()


def fail():
    {}["lost"]


@pytest.mark.parametrize("kind", QUEUES)
def test_traceback_in_a_message_becomes_the_exception(json_file, kind):
    with queued(kind) as app:
        try:
            fail()
        except KeyError:
            app.exception("%s broke", "it")

    (record,) = json_file.read()
    error = record["exception"]
    assert record["message"] == "it broke"
    assert (error["type"], error["module"], error["message"]) == ("KeyError", "builtins", "'lost'")
    assert [frame["function"] for frame in error["frames"]][-1] == "fail"
    assert error["frames"][-1]["code"] == '{}["lost"]'
    assert error["frames"][-1]["line"] == fail.__code__.co_firstlineno + 1


@pytest.mark.parametrize("kind", QUEUES)
def test_traceback_has_lines_of_its_own(text, kind):
    with queued(kind) as app:
        try:
            fail()
        except KeyError:
            app.exception("broke")

    assert text.lines[:2] == ["broke", "Traceback (most recent call last):"]
    assert text.lines[-1].strip() == "KeyError: 'lost'"


@pytest.mark.parametrize("kind", QUEUES)
@pytest.mark.parametrize("is_failing", [False, True])
def test_stack_in_a_message_becomes_the_stack(json_file, kind, is_failing):
    with queued(kind) as app:
        try:
            fail()
        except KeyError:
            app.error("here", exc_info=is_failing, stack_info=True)

    (record,) = json_file.read()
    assert (record["message"], record.get("exception", {}).get("type")) == ("here", "KeyError" if is_failing else None)
    assert record["stack"][-1]["code"].startswith("app.error(")


def test_form_of_the_queue_stays_in_the_message(json_file):
    with queued(formatter=logging.Formatter("<%(name)s> %(message)s")) as app:
        try:
            fail()
        except KeyError:
            app.exception("broke")

    assert json_file.read()[0]["message"] == "<app> broke"


TEXT_WITH_A_TRACEBACK = 'in the child:\nTraceback (most recent call last):\n  File "x", line 1, in y\nOther: no'


class ManyLines(Exception):
    """An exception class of this module."""


def _of_several_lines():
    raise ManyLines("first: 1\nsecond\n\n  third")


def _with_a_cause():
    try:
        fail()
    except KeyError as error:
        raise ManyLines("second") from error


def _of_a_traceback():
    raise ManyLines(TEXT_WITH_A_TRACEBACK)


def _without_a_message():
    raise ManyLines


def _of_a_class_in_a_function():
    class Local(Exception):
        pass

    raise Local("it")


def _of_syntax():
    compile("a b", "x", "exec")


FAILURES = {
    _of_several_lines: ("ManyLines", "first: 1\nsecond\n\n  third"),
    _with_a_cause: ("ManyLines", "second"),
    _of_a_traceback: ("ManyLines", TEXT_WITH_A_TRACEBACK),
    _without_a_message: ("ManyLines", ""),
    _of_a_class_in_a_function: ("Local", "it"),
    _of_syntax: ("SyntaxError", "invalid syntax"),
}


@pytest.mark.parametrize("failing", FAILURES)
def test_type_and_message_are_read_from_the_text(json_file, failing):
    with queued() as app:
        try:
            failing()
        except Exception:
            app.exception("broke")

    (record,) = json_file.read()
    assert record["message"] == "broke"
    assert (record["exception"]["type"], record["exception"]["message"]) == FAILURES[failing]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="groups of exceptions came with Python 3.11")
def test_group_is_read_from_the_text(json_file):
    with queued() as app:
        try:
            raise ExceptionGroup("several", [ValueError("one"), KeyError("two")])  # noqa: F821 - see the mark
        except Exception:
            app.exception("broke")

    (record,) = json_file.read()
    error = record["exception"]
    assert (record["message"], error["type"]) == ("broke", "ExceptionGroup")
    assert error["message"] == "several (2 sub-exceptions)"
    assert error["frames"][-1]["function"] == "test_group_is_read_from_the_text"


@pytest.mark.parametrize(("text", "kind"), [("KeyError", "KeyError"), ("it:\nb.C: d", "C"), (" ", "")])
def test_text_without_a_traceback_is_read_as_far_as_it_goes(json_file, text, kind):
    logly.LoglyHandler().handle(logging.makeLogRecord({"msg": "m", "levelno": 40, "exc_text": text}))

    error = json_file.read()[0]["exception"]
    assert (error["type"], error["frames"]) == (kind, [])


NO_TRACEBACKS = [
    "Traceback (most recent call last):\n  File",
    "hello\nTraceback (most recent call last):\nno frame",
    'hello\nTraceback (most recent call last):\n  File "x", line 1, in y\n',
    "hello\nStack (most recent call last):\nno frame",
    'hello\nTraceback (most recent call last):\n  File "x", line 1, in y\nthis is no type',
]


@pytest.mark.parametrize("message", NO_TRACEBACKS)
def test_message_that_ends_otherwise_stays_whole(json_file, message):
    with queued() as app:
        app.error(message)

    (record,) = json_file.read()
    assert (record["message"], record.get("exception"), record.get("stack")) == (message, None, None)


def test_message_that_went_through_no_queue_stays_whole(json_file):
    message = 'hello\nTraceback (most recent call last):\n  File "x", line 1, in y\nKeyError: 1'

    logly.LoglyHandler().handle(logging.makeLogRecord({"msg": message, "levelno": 40, "name": "app"}))

    (record,) = json_file.read()
    assert (record["message"], "exception" in record) == (message, False)


def test_many_headers_take_no_time(json_file):
    with queued() as app:
        app.error("\nTraceback (most recent call last):\n  a" * 20_000)

    assert len(json_file.read()) == 1


# Colours


def test_colours_of_werkzeug_are_left_out(text):
    internal = pytest.importorskip("werkzeug._internal")
    style = pytest.importorskip("werkzeug.serving")._ansi_style

    with logly.intercept_logging():
        internal._log("info", style("Press CTRL+C to quit", "bold", "red"))

    assert text.lines == ["Press CTRL+C to quit"]


COLOURED = {
    "\x1b[32mdefault\x1b[39;49;00m: job": "default: job",
    "\x1b[1;38;5;208mbold\x1b[0m": "bold",
    "\x1b[38;2;1;2;3mtrue\x1b[m": "true",
    "\x1b[4:3mcurly\x1b[24m": "curly",
    "[31m is no colour": "[31m is no colour",
}


@pytest.mark.parametrize("message", COLOURED)
def test_colours_of_any_library_are_left_out(records, message):
    with logly.intercept_logging():
        logging.getLogger("app").info("%s", message)

    assert [record["message"] for record in records] == [COLOURED[message]]


def test_other_escapes_are_kept_and_shown_escaped(text):
    with logly.intercept_logging():
        logging.getLogger("app").info("\x1b[2J\x1b]0;title\x07 \x1b[3\x1b[31m1m")

    assert text.lines == ["\\x1b[2J\\x1b]0;title\\x07 \\x1b[31m"]


def test_colours_that_the_program_logs_by_logly_are_data(records):
    logger.info("\x1b[31mred")

    assert records[0]["message"] == "\x1b[31mred"


def test_colours_in_fields_are_data(records):
    with logly.intercept_logging():
        logging.getLogger("app").info("hello", extra={"shown": "\x1b[31mred"})

    assert records[0]["shown"] == "\x1b[31mred"

"""Sinks that lead back to `logging` while logly intercepts it."""

from __future__ import annotations

import contextlib
import io
import logging
import sys

import logly
import pytest
from logly import Logger, logger

from tests.support import standard
from tests.support.child import run


class Writer:
    """A replacement for `sys.stdout` that logs each line, as task runners do."""

    def __init__(self, name="app", level=logging.INFO):
        self.logger, self.level, self.buffer = logging.getLogger(name), level, ""

    def write(self, text):
        self.buffer += text
        while "\n" in self.buffer:
            line, self.buffer = self.buffer.split("\n", 1)
            self.logger.log(self.level, line)

    def flush(self):
        """Do nothing."""


class Raw(io.RawIOBase):
    """A file that logs, to be wrapped in one of Python's text streams."""

    def writable(self):
        return True

    def write(self, data):
        logging.getLogger("app").info(bytes(data).decode().rstrip("\n"))
        return len(data)


@pytest.fixture(autouse=True)
def _standard_loggers(monkeypatch):
    with standard.restored():
        logging.root.handlers[:] = []
        logger.configure(format="{message}")
        yield


@pytest.fixture
def last(monkeypatch):
    """Give the stream that replaces `sys.__stderr__`."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "__stderr__", stream)
    return stream


@pytest.fixture
def before():
    """Give a handler that the logger `app` had before, detached from the root."""
    made = standard.Collector()
    app = logging.getLogger("app")
    app.handlers, app.propagate = [made], False
    app.setLevel(logging.INFO)
    return made


def lines(collector):
    return [record.getMessage() for record in collector.records]


def counts(sink=None):
    sinks = logger.stats()["sinks"]
    found = next(iter(sinks.values())) if sink is None else sinks[sink]
    return found["accepted"], found["written"], sum(found["dropped"].values())


def say_everything():
    logger.info("logly")
    print("print")  # noqa: T201 - it is about that
    logging.getLogger("lib").warning("library")
    logging.getLogger("app").info("its own")


def printing(line):
    print(line, end="")  # noqa: T201 - as above


EVERYTHING = ["logly", "print", "library", "its own"]


def test_lines_of_an_output_that_logs_reach_the_handlers_before(before):
    with contextlib.redirect_stdout(Writer()), logly.intercept_logging():
        say_everything()

    assert lines(before) == EVERYTHING
    assert counts() == (4, 4, 0)


def test_lines_of_an_error_output_that_logs_reach_the_handlers_before(before):
    logger.add("stderr")
    with contextlib.redirect_stderr(Writer()), logly.intercept_logging():
        logger.info("logly")
        logging.getLogger("lib").warning("library")

    # Reports from logly are lines too.
    assert [line for line in lines(before) if not line.startswith("logly: ")] == ["logly", "library"]


def test_stream_of_pythons_that_logs_leads_to_the_handlers_before(before):
    stream = io.TextIOWrapper(io.BufferedWriter(Raw()), write_through=True)
    with stream, contextlib.redirect_stdout(stream), logly.intercept_logging():
        logger.info("logly")

    assert lines(before) == ["logly"]


def test_handlers_of_the_root_and_of_parents_are_handlers_before():
    root = standard.Collector()
    logging.root.handlers[:] = [root]

    with contextlib.redirect_stdout(Writer("app.db")), logly.intercept_logging():
        logger.info("one")
    with contextlib.redirect_stdout(Writer("app.db")), logly.intercept_logging(loggers=["app"]):
        logger.info("two")
    with contextlib.redirect_stdout(Writer("app")), logly.intercept_logging(), logly.intercept_logging(loggers=["app"]):
        logger.info("three")

    assert lines(root) == ["one", "two", "three"]


def test_lines_go_to_the_last_stream_when_there_were_no_handlers(last):
    # pytest has added its own handlers.
    logging.root.handlers[:] = []
    with contextlib.redirect_stdout(Writer()), logly.intercept_logging():
        say_everything()

    assert last.getvalue().splitlines() == EVERYTHING
    assert counts() == (4, 4, 0)


def test_handler_before_that_writes_to_that_output_ends_at_the_last_stream(last):
    with contextlib.redirect_stdout(Writer()):
        logging.root.handlers[:] = [logging.StreamHandler(sys.stdout)]
        with logly.intercept_logging():
            logger.info("logly")

    assert last.getvalue().splitlines() == ["logly"]


def test_handler_that_stays_has_the_line_once(last):
    own = standard.Collector()
    app = logging.getLogger("app")
    app.addHandler(own)

    with contextlib.redirect_stdout(Writer()), logly.intercept_logging():
        logger.info("logly")

    assert (lines(own), last.getvalue()) == (["logly"], "")


def test_handler_that_the_program_added_itself_leads_there_too(last):
    logging.root.handlers[:] = [logly.LoglyHandler()]
    logging.root.setLevel(logging.INFO)

    with contextlib.redirect_stdout(Writer()):
        logger.info("logly")

    assert last.getvalue().splitlines() == ["logly"]


@pytest.mark.parametrize("in_background", [False, True])
def test_function_that_prints_leads_to_the_handlers_before(before, in_background):
    logger.remove_all()
    sink = logger.add(printing, format="{message}", async_write=in_background)

    with contextlib.redirect_stdout(Writer()), logly.intercept_logging():
        logger.info("logly")
        logger.complete()

    assert lines(before) == ["logly"]
    assert counts(sink) == (1, 1, 0)


def test_function_that_prints_beside_a_file_gives_the_file_each_line_once(before, tmp_path):
    logger.remove_all()
    logger.add(printing, format="{message}")
    file = logger.add(tmp_path / "log", format="{message}")

    with contextlib.redirect_stdout(Writer()), logly.intercept_logging():
        logger.info("logly")

    assert (lines(before), logger.read(file)) == (["logly"], "logly\n")


@pytest.mark.parametrize("in_background", [False, True])
def test_console_beside_a_file_gives_the_file_each_line_once(before, tmp_path, in_background):
    logger.add("console", format="{message}", async_write=in_background)
    file = logger.add(tmp_path / "log", format="{message}")

    with contextlib.redirect_stdout(Writer()), logly.intercept_logging():
        logger.info("logly")
        logger.complete()

    assert (lines(before), logger.read(file)) == (["logly"], "logly\n")


def _forwarding_function():
    logger.add(lambda line: logging.getLogger("app").info(line.rstrip()), format="{message}")


class Forwarding(logging.Handler):
    """A handler that logs each record through another logger."""

    def emit(self, record):
        logging.getLogger("app").info(self.format(record))


class Propagating(logging.Handler):
    """A handler that passes each record to a logger of `logging`."""

    def emit(self, record):
        logging.getLogger("app").handle(record)


WAYS = {
    "function": _forwarding_function,
    "forwarding": lambda: logger.add(Forwarding()),
    "propagating": lambda: logger.add(Propagating()),
    "logging": lambda: logger.add("logging:app"),
    "in the background": lambda: logger.add("logging:app", async_write=True),
}


@pytest.mark.parametrize("way", WAYS)
def test_only_sink_that_logs_by_logging_reaches_the_handlers_before(before, way):
    logger.remove_all()
    WAYS[way]()

    with logly.intercept_logging():
        logger.info("logly")
        logging.getLogger("app").info("library")
        logger.complete()

    # `add("logging")` does not send records back that came from `logging`.
    assert lines(before) == (
        ["logly"] if "logging:app" in way or way in {"logging", "in the background"} else ["logly", "library"]
    )


@pytest.mark.parametrize("way", WAYS)
def test_sink_that_logs_by_logging_beside_another_gives_that_each_line_once(before, way):
    logger.remove_all()
    got = []
    logger.add(got.append, format="{message}")
    WAYS[way]()

    with logly.intercept_logging():
        logger.info("logly")
        logger.complete()

    assert got[0] == "logly\n"
    assert len(got) == (2 if way in {"function", "forwarding"} else 1)


def test_what_a_sink_says_of_its_work_is_taken_as_before(before, text):
    def send(line):
        logging.getLogger("lib").warning("sending")

    logger.add(send)

    with logly.intercept_logging():
        logger.info("logly")

    assert (text.lines, lines(before)) == (["logly", "sending"], [])


def test_chatter_of_an_only_sink_stays_below_the_level_before(last):
    logger.remove_all()
    logger.add(lambda line: logging.getLogger("lib").debug("connecting"))

    with logly.intercept_logging():
        logger.info("logly")

    assert last.getvalue() == ""


def test_output_of_another_logger_that_logs_is_taken_by_none(before):
    other = Logger()
    other.configure(format="{message}")

    with contextlib.redirect_stdout(Writer()), logly.intercept_logging():
        other.info("of the other")

    assert lines(before) == ["of the other"]


def test_records_within_a_filter_are_ordinary(before, text):
    logger.set_level("INFO")

    def is_wanted(record):
        if record["message"] == "logly":
            logging.getLogger("lib").info("within")
        return True

    logger.add(io.StringIO(), filter=is_wanted)
    with logly.intercept_logging():
        logger.info("logly")

    assert sorted(text.lines) == ["logly", "within"]


CELERY = """
import logging, sys
import logly
from celery.utils.log import LoggingProxy, get_logger
from logly import logger
logging.basicConfig(stream=sys.__stdout__, format="%(name)s: %(message)s", level="INFO")
logger.configure(format="{message}")
sys.stdout = LoggingProxy(get_logger("celery.redirected"), logging.WARNING)
logly.intercept_logging()
logger.info("logly")
print("print")
"""


def test_redirected_output_of_celery_keeps_its_lines():
    pytest.importorskip("celery")

    finished = run(CELERY)

    finished.check(stdout="celery.redirected: logly\ncelery.redirected: print\n")


TOLD = """
import logging, sys, logly
from logly import logger
class Writer:
    def write(self, text):
        if text.strip(): logging.getLogger("app").warning(text.rstrip())
    def flush(self): pass
sys.stdout = Writer()
logly.intercept_logging()
logger.configure(format="{message}")
for number in range(3): logger.info("line {number}", number=number)
"""


def test_one_line_says_that_an_output_leads_back():
    errors = run(TOLD).check().stderr.splitlines()

    assert [line for line in errors if line.startswith("line")] == ["line 0", "line 1", "line 2"]
    (told,) = [line for line in errors if not line.startswith("line")]
    assert told.startswith("logly: standard output or another sink leads back to logging, which logly intercepts")

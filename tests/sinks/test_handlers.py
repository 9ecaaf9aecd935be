"""Handlers of `logging` as sinks."""

from __future__ import annotations

import logging
import logging.handlers
import queue
import sys
import threading

import logly.testing
import pytest
from logly import logger

from tests.support import child
from tests.support.standard import Collector

pytestmark = pytest.mark.usefixtures("no_console")


@pytest.fixture
def handler():
    """Give a handler that is a sink."""
    collector = Collector()
    logger.add(collector, level="TRACE")
    return collector


def test_handler_gets_the_rendered_message(handler):
    logger.info("paid {amount} EUR, 100% {sure}", amount=12)

    assert handler.records[0].getMessage() == "paid 12 EUR, 100% {sure}"


def test_record_says_where_the_call_was(handler):
    logger.info("hello")

    (record,) = handler.records
    here = "test_record_says_where_the_call_was"
    assert (record.name, record.pathname, record.funcName) == (__name__, __file__, here)
    assert record.lineno == test_record_says_where_the_call_was.__code__.co_firstlineno + 1
    assert (record.thread, record.threadName) == (threading.get_ident(), threading.current_thread().name)


@pytest.mark.parametrize(("name", "number"), [("TRACE", 5), ("SUCCESS", 25), ("FAIL", 45), ("CRITICAL", 50)])
def test_record_has_number_and_name_of_the_level(handler, name, number):
    logger.log(name, "hello")

    (record,) = handler.records
    assert (record.levelno, record.levelname) == (number, name)


def test_record_has_the_time_of_the_call(handler):
    with logly.testing.freeze("2025-01-15T10:30:45.123Z"):
        logger.info("hello")

    (record,) = handler.records
    assert (record.created, record.msecs) == (1736937045.123, 123.0)
    assert record.relativeCreated < 0


def test_fields_are_attributes(handler):
    logger.bind(user="ada").info("hello", amount=12, tags=["a"])

    (record,) = handler.records
    assert (record.user, record.amount, record.tags) == ("ada", 12, ["a"])


@pytest.mark.parametrize("name", ["name", "msg", "args", "levelno", "message", "asctime", "exc_text", "created"])
def test_field_takes_the_place_of_nothing(handler, name):
    logger.info("hello", **{name: "forged"})

    (record,) = handler.records
    assert getattr(record, name, None) != "forged"
    assert record.getMessage() == "hello"


def test_record_carries_the_exception(handler):
    try:
        1 / 0
    except ZeroDivisionError:
        logger.exception("failed")

    (record,) = handler.records
    assert record.exc_info[0] is ZeroDivisionError
    assert logging.Formatter("%(message)s").format(record).endswith("ZeroDivisionError: division by zero")


def test_record_without_an_exception_has_none(handler):
    logger.info("hello")

    assert (handler.records[0].exc_info, handler.records[0].exc_text) == (None, None)


@pytest.mark.parametrize("options", [{}, {"async_write": True}, {"backtrace": True}], ids=str)
def test_handler_with_a_format_has_the_exception_too(options):
    handler, lines = Collector(), []
    logger.add(handler, format="{level}: {message}", **options)
    logger.add(lines.append, format="{level}: {message}", backtrace="backtrace" in options)
    try:
        1 / 0
    except ZeroDivisionError as error:
        logger.exception("failed")
        logger.error("again", exc_info=(KeyError, KeyError("k"), None))
        caught = error
    logger.complete(timeout=30)

    first, second = handler.records
    assert first.exc_info == (ZeroDivisionError, caught, caught.__traceback__)
    assert (first.getMessage(), second.getMessage()) == ("ERROR: failed", "ERROR: again")
    assert [logging.Formatter().format(record) + "\n" for record in handler.records] == lines


@pytest.mark.parametrize(
    "options", [{"json": True}, {"format": "{message} {exception}"}, {"multiline": "escape"}], ids=str
)
def test_line_that_shows_its_exception_in_its_own_way_stays(options):
    handler, lines = Collector(), []
    options = {"format": "{message}", **options} if "json" not in options else options
    logger.add(handler, **options)
    logger.add(lines.append, **options)

    logger.error("failed", exc_info=ValueError("x"))

    (record,) = handler.records
    assert (record.exc_info, record.exc_text) == (None, None)
    assert [logging.Formatter().format(record) + "\n"] == lines


def test_argument_without_a_place_is_an_attribute(handler):
    logger.info("value:", 5)
    logger.info("value:", 5, args_="own")

    assert [record.args_ for record in handler.records] == [[5], "own"]
    assert [record.getMessage() for record in handler.records] == ["value:", "value:"]


def test_handlers_formatter_makes_the_line(capsys):
    stream = logging.StreamHandler(sys.stdout)
    stream.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s:%(user)s"))
    logger.add(stream)

    logger.info("hello", user="ada")

    assert capsys.readouterr().out == f"INFO:{__name__}:hello:ada\n"


def test_settings_of_all_sinks_form_no_message(handler):
    logger.configure(json=True, show_module=True)

    logger.info("hello")

    assert handler.records[0].getMessage() == "hello"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"format": "{level} {message}{fields}"}, "INFO hello n=1"),
        ({"format": lambda record: f"<{record['message']}>"}, "<hello>"),
    ],
    ids=["pattern", "function"],
)
def test_format_of_the_sink_makes_the_message(options, expected):
    collector = Collector()
    logger.add(collector, **options)

    logger.info("hello", n=1)

    assert collector.records[0].getMessage() == expected


def test_formatted_message_has_the_traceback_once():
    collector = Collector()
    logger.add(collector, format="{message}")

    try:
        1 / 0
    except ZeroDivisionError:
        logger.exception("failed")

    assert logging.Formatter().format(collector.records[0]).count("division by zero") == 1


def test_handlers_own_level_is_respected():
    collector = Collector(logging.WARNING)
    sink = logger.add(collector)

    logger.info("no")
    logger.warning("yes")

    assert [record.getMessage() for record in collector.records] == ["yes"]
    assert (logger.sink_info(sink)["written"], logger.sink_info(sink)["filtered"]) == (1, 1)


def test_handlers_own_filter_is_respected():
    collector = Collector()
    collector.addFilter(lambda record: record.getMessage() != "no")
    sink = logger.add(collector)

    logger.info("no")
    logger.info("yes")

    assert [record.getMessage() for record in collector.records] == ["yes"]
    assert (logger.sink_info(sink)["written"], logger.sink_info(sink)["filtered"]) == (1, 1)


def test_null_handler_counts_as_written():
    sink = logger.add(logging.NullHandler())

    logger.info("hello")

    assert logger.sink_info(sink)["written"] == 1


def test_record_factory_of_the_program_is_used(handler):
    before = logging.getLogRecordFactory()

    def factory(*args, **kwargs):
        record = before(*args, **kwargs)
        record.host = "h1"
        return record

    logging.setLogRecordFactory(factory)
    try:
        logger.info("hello")
    finally:
        logging.setLogRecordFactory(before)

    assert handler.records[0].host == "h1"


def test_sink_info_names_the_handlers_class():
    info = logger.sink_info(logger.add(logging.NullHandler()))

    assert (info["kind"], info["name"], info["async_write"]) == ("handler", "NullHandler", False)


def test_handler_with_write_is_a_handler():
    class Writable(Collector):
        def write(self, _line):
            raise AssertionError

    collector = Writable()
    logger.add(collector)

    logger.info("hello")

    assert len(collector.records) == 1


def test_queue_handler_gets_records_that_can_be_sent_on():
    records = queue.SimpleQueue()
    logger.add(logging.handlers.QueueHandler(records))

    logger.info("hello", user="ada")

    record = records.get_nowait()
    assert (record.getMessage(), record.user) == ("hello", "ada")


def test_handler_that_raises_in_emit_reaches_no_caller(capsys):
    class Broken(logging.Handler):
        def emit(self, record):
            try:
                1 / 0
            except ZeroDivisionError:
                self.handleError(record)

    logger.add(Broken())

    logger.info("hello")

    assert "ZeroDivisionError" in capsys.readouterr().err


def test_handler_that_raises_out_of_handle_is_contained(capfd):
    class Broken(logging.Handler):
        def emit(self, _record):
            raise ValueError("refused")

    sink = logger.add(Broken())

    logger.info("secret")

    assert logger.sink_info(sink)["dropped"] == 1
    told = capfd.readouterr().err
    assert "sink Broken raised ValueError: refused (" in told
    assert "secret" not in told


def test_handler_that_logs_back_into_logly_ends():
    class Back(Collector):
        def emit(self, record):
            super().emit(record)
            logger.info("back again")

    back = Back()
    sink = logger.add(back)

    logger.info("hello")

    assert [record.getMessage() for record in back.records] == ["hello"]
    assert logger.sink_info(sink)["dropped"] == 1


def test_handler_whose_lock_another_thread_holds_does_not_stop_that_thread():
    held, done = threading.Event(), threading.Event()
    collector = Collector()
    logger.add(collector)

    def hold():
        with collector.lock:
            held.set()
            # Imitates a handler that passes its record to logly in a thread of `logging`.
            logger.info("inner")
            done.set()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(30)
    logger.info("outer")
    thread.join(30)

    assert done.is_set()
    assert sorted(record.getMessage() for record in collector.records) == ["inner", "outer"]


def test_adding_a_sink_imports_no_logging():
    program = "import sys, logly; logly.logger.add(print); print('logging' in sys.modules)"

    shown = child.output(program)

    assert shown == "False\n"


@pytest.mark.parametrize("name", ["mode", "encoding"])
def test_options_of_files_are_refused(name):
    with pytest.raises(ValueError, match=f"{name}: expected a sink that is a file, got <NullHandler"):
        logger.add(logging.NullHandler(), **{name: "a" if name == "mode" else "utf-8"})


def test_stack_of_the_caller_is_stack_info(handler):
    logger.opt(stack=1).info("here")
    logger.info("there", stack="a field")

    with_stack, without = handler.records
    assert with_stack.stack_info.startswith("Stack (most recent call last):\n")
    assert without.stack_info is None
    assert without.stack == "a field"

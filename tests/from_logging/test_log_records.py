"""The `LogRecord` that handlers get: made from its attributes, it is the one that the class itself makes."""

from __future__ import annotations

import datetime
import logging
import multiprocessing
import sys
import time

import logly.testing
import pytest
from logly import logger

from tests.support.standard import Collector

pytestmark = pytest.mark.usefixtures("no_console")

NOT_COMPARED = {"relativeCreated", "lineno"}
"""The class rounds the first in another way, and the calls of a test stand in several lines. Both have a test below."""


def by_the_class(*args, **kwargs):
    """Make a record by a function of the program, which calls the class."""
    return logging.LogRecord(*args, **kwargs)


def fail():
    try:
        raise ValueError("wrong\nin two lines")
    except ValueError:
        logger.exception("failed {n}", n=1)


def change_parts(record):
    record["thread"].name = "other"
    record["process"].name = "parent"
    record["time"] = datetime.datetime(2025, 3, 30, 2, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=-3)))
    return True


CALLS = {
    "plain": lambda: logger.info("plain"),
    "fields": lambda: logger.info("paid {amount}", amount=12, user="ada", name="x", asctime=1, message=2, taskName=3),
    "unused arguments": lambda: logger.info("paid", 1, 2),
    "unused arguments and their place": lambda: logger.info("paid", 1, args_=2),
    "level": lambda: logger.success("done"),
    "number": lambda: logger.log(37, "between"),
    "exception": fail,
    "stack": lambda: logger.opt(stack=True).info("stack"),
    "bound": lambda: logger.bind(stack="a field").info("bound"),
    "surrogate": lambda: logger.info("\ud800 {x}", x="\udfff"),
}


def shown(value):
    """Return a text for a value, without the address of a traceback."""
    return repr(value[:2]) if isinstance(value, tuple) and len(value) == 3 else repr(value)


def attributes_of(call, factory, monkeypatch, **options):
    """Return the attributes of the records of a call, in their order."""
    monkeypatch.setattr(logging, "_logRecordFactory", factory)
    collector = Collector()
    sink = logger.add(collector, level="TRACE", **options)
    with logly.testing.freeze("2025-01-15T10:30:45.123456Z"):
        call()
    logger.remove(sink)
    return [
        {name: shown(value) for name, value in record.__dict__.items() if name not in NOT_COMPARED}
        for record in collector.records
    ]


@pytest.mark.parametrize(
    "options", [{}, {"format": "{level} {message}"}, {"filter": change_parts}], ids=["bare", "format", "filter"]
)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_record_has_the_attributes_that_its_class_sets(call, options, monkeypatch):
    # One line calls both: stacks have its number.
    own, made = (attributes_of(call, factory, monkeypatch, **options) for factory in (logging.LogRecord, by_the_class))

    assert own == made
    assert [list(record) for record in own] == [list(record) for record in made]
    assert own


@pytest.mark.parametrize("name", ["logMultiprocessing", "logProcesses", "logAsyncioTasks"])
def test_record_lacks_what_logging_leaves_out(name, monkeypatch):
    monkeypatch.setattr(logging, name, False, raising=False)

    own = attributes_of(CALLS["plain"], logging.LogRecord, monkeypatch)

    assert own == attributes_of(CALLS["plain"], by_the_class, monkeypatch)


def test_record_has_the_name_of_the_process(monkeypatch):
    monkeypatch.setattr(multiprocessing.current_process(), "name", "worker-7")

    (record,) = attributes_of(CALLS["plain"], logging.LogRecord, monkeypatch)

    assert record["processName"] == "'worker-7'"


def test_replaced_function_of_the_class_is_called(monkeypatch):
    def marking(self, *args, **kwargs):
        usual(self, *args, **kwargs)
        self.mark = "set"

    usual = logging.LogRecord.__init__
    monkeypatch.setattr(logging.LogRecord, "__init__", marking)

    (record,) = attributes_of(CALLS["plain"], logging.LogRecord, monkeypatch)

    assert record["mark"] == "'set'"


def test_code_that_replaced_that_of_the_class_is_called(monkeypatch):
    def marking(self, *args, **_kwargs):
        self.__dict__.update(name=args[0], levelno=args[1], msg=args[4], args=args[5], created=0.0, relativeCreated=0.0)
        self.mark = "set"

    usual = logging.LogRecord.__init__.__code__
    logging.LogRecord.__init__.__code__ = marking.__code__
    try:
        (record,) = attributes_of(CALLS["plain"], logging.LogRecord, monkeypatch)
    finally:
        logging.LogRecord.__init__.__code__ = usual

    assert record["mark"] == "'set'"


def test_class_that_replaced_the_name_is_not_used(monkeypatch):
    class Own(logging.LogRecord):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.tenant = "ada"

        def getMessage(self):  # noqa: N802 - the name of `logging`
            return self.tenant

    usual = logging.LogRecord
    monkeypatch.setattr(logging, "LogRecord", Own)
    collector = Collector()
    logger.add(collector)

    logger.info("plain")

    assert logging.getLogRecordFactory() is usual
    assert [record.getMessage() for record in collector.records] == ["plain"]


def test_line_and_relative_time_are_those_of_the_call():
    collector = Collector()
    logger.add(collector)

    before = logging.LogRecord("n", 20, "p", 1, "m", (), None)
    logger.info("plain")
    line = sys._getframe().f_lineno - 1
    after = logging.LogRecord("n", 20, "p", 1, "m", (), None)

    (record,) = collector.records
    assert record.lineno == line
    # A record's time has whole microseconds, those of the class nanoseconds.
    assert before.relativeCreated - 0.01 <= record.relativeCreated <= after.relativeCreated


@pytest.mark.parametrize("zone", ["UTC", "America/St_Johns", "Asia/Kathmandu", "Europe/Berlin", "XXX-14:30"])
@pytest.mark.parametrize(
    "moment",
    [
        "2025-10-26T00:30:00.000001Z",
        "2025-10-26T01:30:00.999999Z",
        "1969-12-31T23:59:59.500Z",
        "2000-02-29T12:00:00Z",
        "2254-12-31T23:59:59.999999Z",
    ],
)
def test_times_are_those_that_python_computes(zone, moment, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    collector, times = Collector(), []
    sinks = [logger.add(collector), logger.add(lambda line: times.append(line.record["time"]))]

    with logly.testing.freeze(moment):
        logger.info("hello")

    for sink in sinks:
        logger.remove(sink)
    monkeypatch.undo()
    time.tzset()
    expected = datetime.datetime.fromisoformat(moment.replace("Z", "+00:00").replace(".5+", ".500000+"))
    assert collector.records[0].created == times[0].timestamp() == expected.timestamp()
    assert (times[0], type(times[0]).__name__) == (expected, "RecordTime")
    assert times[0].fold == expected.astimezone(times[0].tzinfo).fold

"""A `LogRecord` made by logly reveals its origin only to logly."""

from __future__ import annotations

import base64
import contextlib
import copy
import logging
import logging.handlers
import os
import pickle
import queue

import logly
import pytest
from logly import Logger, logger

from tests.support import standard
from tests.support.child import output

USUAL = {*vars(logging.makeLogRecord({})), "taskName", "message", "asctime"}
"""The attributes of records of `logging`, including those that another handler's formatting adds."""


class OwnRecord(logging.LogRecord):
    """A record class defined by the program."""


class Slotted(logging.LogRecord):
    """A record class with slots."""

    __slots__ = ("room",)


class Final(logging.LogRecord):
    """A record class that cannot be subclassed."""

    def __init_subclass__(cls, *, needed):
        super().__init_subclass__()


@pytest.fixture(autouse=True)
def _standard_loggers():
    logger.remove_all()
    with standard.restored():
        yield


@pytest.fixture
def collector():
    """Give a handler that is a sink."""
    made = standard.Collector()
    logger.add(made)
    return made


@contextlib.contextmanager
def making(kind):
    """Make `logging` create records of that class."""
    before = logging.getLogRecordFactory()
    logging.setLogRecordFactory(kind)
    try:
        yield
    finally:
        logging.setLogRecordFactory(before)


def test_handler_sees_the_fields_and_nothing_else(collector):
    logger.info("paid {amount}", amount=12)

    (record,) = collector.records
    assert set(vars(record)) - USUAL == {"amount"}
    assert [name for name in dir(record) if "logly" in name or name == "trail"] == []
    assert (type(record).__name__, type(record).__module__) == ("LogRecord", "logging")


def test_handler_of_a_logging_logger_sees_the_fields_and_nothing_else():
    collector = standard.Collector()
    logging.getLogger("app").addHandler(collector)
    logger.add("logging:app")

    logger.warning("paid", amount=12)

    assert set(vars(collector.records[0])) - USUAL == {"amount"}


def test_record_of_logging_that_goes_to_a_handler_has_nothing_more(collector):
    with logly.intercept_logging():
        logging.getLogger("app").warning("hello", extra={"user": "ada"})

    assert set(vars(collector.records[0])) - USUAL == {"user"}
    assert "logly" not in " ".join(vars(logging.getLogger("app")))


def test_queue_and_socket_get_nothing_more():
    waiting, sent = queue.SimpleQueue(), []
    socket = logging.handlers.SocketHandler("localhost", 1)
    socket.send = sent.append
    logger.add(logging.handlers.QueueHandler(waiting))
    logger.add(socket)

    logger.info("paid", amount=12)

    queued, carried = vars(waiting.get_nowait()), pickle.loads(sent[0][4:])
    assert (set(queued) - USUAL, set(carried) - USUAL) == ({"amount"}, {"amount"})


@pytest.mark.parametrize("name", ["trail", "_trail", "_logly_trail"])
def test_field_of_any_name_is_an_attribute(collector, name):
    logger.info("hello", **{name: 1})

    assert getattr(collector.records[0], name) == 1


def _copied(record):
    return copy.copy(record)


def _copied_deeply(record):
    return copy.deepcopy(record)


def _pickled(record):
    return pickle.loads(pickle.dumps(record))


def _pickled_by_the_oldest_protocol(record):
    return pickle.loads(pickle.dumps(record, 0))


def _of_the_same_attributes(record):
    return logging.makeLogRecord(vars(record))


class Sending(logging.Handler):
    """A handler that makes a new record from each record, and gives it to logly's handler."""

    def __init__(self, send):
        super().__init__()
        self.send = send

    def emit(self, record):
        """Send one record."""
        made = self.send(record)
        assert made.getMessage() == record.getMessage()
        logly.LoglyHandler().handle(made)


WAYS = [_copied, _copied_deeply, _pickled, _pickled_by_the_oldest_protocol, _of_the_same_attributes]


@pytest.mark.parametrize("send", WAYS)
@pytest.mark.parametrize("in_background", [False, True])
def test_record_does_not_come_back_in_whatever_way_it_is_copied(send, in_background):
    lines = []
    logger.add(lines.append, format="{message}")
    logger.add(Sending(send), async_write=in_background)

    logger.info("ours", field=1)
    logger.complete()
    logger.complete()

    assert lines == ["ours\n"]


@pytest.mark.parametrize("kind", [OwnRecord, Slotted, Final])
@pytest.mark.parametrize("send", [_pickled, _of_the_same_attributes, lambda record: record])
def test_record_of_a_class_of_the_programs_does_not_come_back(kind, send):
    lines = []
    logger.add(lines.append, format="{message}")
    logger.add(Sending(send))

    with making(kind):
        logger.info("ours")

    assert lines == ["ours\n"]


def test_record_is_of_the_class_of_the_factory(collector):
    with making(OwnRecord):
        logger.info("hello")

    assert isinstance(collector.records[0], OwnRecord)
    assert type(_pickled(collector.records[0])).__name__ == "OwnRecord"


def test_factory_that_makes_a_class_for_each_record_costs_no_record(collector):
    def make(*args, **kwargs):
        return type("Once", (logging.LogRecord,), {})(*args, **kwargs)

    with making(make):
        for number in range(100):
            logger.info("{number}", number=number)

    assert [record.getMessage() for record in collector.records] == [str(number) for number in range(100)]


def test_other_loggers_take_a_copy(records):
    other = Logger()
    other.remove_all()
    other.add(Sending(_pickled))

    other.info("from the other")

    assert [record["message"] for record in records] == ["from the other"]


def test_what_a_handler_logs_itself_is_taken(records):
    class Diagnosing(logging.Handler):
        def emit(self, record):
            logging.getLogger("app").warning("sending %s", record.getMessage())

    other = Logger()
    other.remove_all()
    other.add(Diagnosing())

    with logly.intercept_logging():
        other.info("it")

    assert [record["message"] for record in records] == ["sending it"]


SENDER = """
import base64, logging, logging.handlers, pickle, queue
from logly import logger
waiting = queue.SimpleQueue()
logger.remove_all()
logger.add(logging.handlers.QueueHandler(waiting))
logger.info("far", field=1)
print(base64.b64encode(pickle.dumps(waiting.get())).decode())
"""


def test_pickled_record_of_another_process_is_taken(records):
    sent = pickle.loads(base64.b64decode(output(SENDER)))

    logly.LoglyHandler().handle(sent)

    (record,) = records
    assert (record["message"], record["field"]) == ("far", 1)
    assert record["process"].id != os.getpid()

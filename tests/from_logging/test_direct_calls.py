"""Calls of `logging` that are taken without a `LogRecord`: which ones they are, and that their records are the same."""
# The tests are about unusual calls of `logging`.
# ruff: noqa: G101, LOG014, LOG015, PLW0108

from __future__ import annotations

import io
import json
import logging
import sys
import threading
import time
from contextlib import contextmanager

import logly
import logly.testing
import pytest
from logly._logly import _direct_calls
from logly.integrations import logging as handlers

from tests.support.standard import NEEDS_DIRECT_CALLS, Collector

pytestmark = NEEDS_DIRECT_CALLS

NOT_COMPARED = {"time", "timestamp", "timestamp_ns", "elapsed"}
LOGGER = logging.getLogger("app.db")


class Subclass(logging.Logger):
    """A logger of the program's own class."""


class Value:
    """A value of the program's own class."""

    def __str__(self):
        """Return a text."""
        return "value"

    __repr__ = __str__


@contextmanager
def plain_streams():
    """Have Python's own standard streams, in place of those of pytest. Others may lead back to `logging`."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def direct_calls(function):
    """Return how many calls of `logging` the function made that were direct."""
    before, _ = _direct_calls()
    with plain_streams():
        function()
    return _direct_calls()[0] - before


def compared(records):
    return [{key: text(value) for key, value in record.items() if key not in NOT_COMPARED} for record in records]


def text(value):
    """Return a text of a part of a record. An exception has an address in its own."""
    return repr(value.value) if hasattr(value, "traceback") else str(value)


def assert_same_records(function, *, direct):
    """Check how many calls are direct, and that records and results are those of Python's own way."""
    outcomes = []
    for fast in (True, False):
        with logly.testing.capture() as records, logly.intercept_logging(fast=fast):
            count = direct_calls(function)
        outcomes.append((count, compared(records)))
    (fast, taken), (slow, expected) = outcomes
    assert (fast, slow) == (direct, 0)
    assert taken == expected


def failing():
    try:
        raise ValueError("wrong")
    except ValueError as error:
        return error


ERROR = failing()


def handled(call, *args, **kwargs):
    """Call while an exception is handled."""
    try:
        raise KeyError("active")
    except KeyError:
        call(*args, **kwargs)


DIRECT = {
    "plain": lambda: LOGGER.info("plain"),
    "every level": lambda: [getattr(LOGGER, name)("%s", name) for name in ("debug", "warning", "error", "critical")],
    "braces": lambda: LOGGER.info("{} {name} %s", "{x}"),
    "conversions": lambda: LOGGER.info("%s %d %5.2f %r %x %%", "a", 2, 3.5, "q", 255),
    "containers": lambda: LOGGER.info("%s %s %s", [1, "a"], {"k": (None, True)}, {1}),
    "mapping": lambda: LOGGER.info("%(a)s %(b)d", {"a": 1, "b": 2}),
    "empty mapping": lambda: LOGGER.info("%s", {}),
    "number of a level": lambda: LOGGER.log(35, "between"),
    "extra": lambda: LOGGER.info("extra", extra={"user": "ada", "odd": Value(), "n": [1]}),
    "no extra": lambda: LOGGER.info("extra", extra=None, stacklevel=1, stack_info=False),
    "exception": lambda: handled(LOGGER.exception, "failed %d", 1),
    "exc_info": lambda: handled(LOGGER.info, "failed", exc_info=True),
    "given exception": lambda: LOGGER.warning("failed", exc_info=ERROR),
    "no exception": lambda: LOGGER.error("nothing", exc_info=True),
    "root": lambda: logging.root.warning("root"),
    "function of the module": lambda: logging.warning("module"),
    "adapter": lambda: logging.LoggerAdapter(LOGGER, {"request": 7}).info("adapted %s", 1),
    "context": lambda: in_context(lambda: LOGGER.info("in context")),
    "surrogate-free text": lambda: LOGGER.info("über %s", "日本"),
    "large number": lambda: LOGGER.info("%d", 10**40),
    "long text": lambda: LOGGER.info("x" * 100_000),
}


def in_context(function):
    with logly.logger.contextualize(request=1):
        function()


@pytest.mark.parametrize("call", DIRECT.values(), ids=DIRECT)
def test_call_is_direct_and_its_record_the_same(call):
    count = {"every level": 4}.get(next(name for name, known in DIRECT.items() if known is call), 1)

    assert_same_records(call, direct=count)


ELSEWHERE = {
    "value of a class": lambda: LOGGER.info("%s", Value()),
    "value in a list": lambda: LOGGER.info("%s", [Value()]),
    "object as message": lambda: LOGGER.info(Value()),
    "colours": lambda: LOGGER.info("\x1b[31mred\x1b[0m"),
    "stacklevel": lambda: LOGGER.info("outer", stacklevel=2),
    "stack": lambda: LOGGER.info("stack", stack_info=True),
    "triple": lambda: LOGGER.info("triple", exc_info=(ValueError, ERROR, None)),
    "own class": lambda: Subclass("app.own", 1).info("own"),
    "asyncio": lambda: logging.getLogger("asyncio").warning("loop"),
    "level that is no int": lambda: LOGGER.log(True, "level"),
}


@pytest.mark.parametrize("call", ELSEWHERE.values(), ids=ELSEWHERE)
def test_other_call_takes_pythons_way(call):
    assert_same_records(call, direct=0)


def test_only_calls_of_uvicorn_with_extra_take_pythons_way(monkeypatch):
    # Another test may have imported the adapter of uvicorn's records.
    log = logging.getLogger("uvicorn.access")
    monkeypatch.delitem(handlers.SIEVES, "uvicorn", raising=False)

    assert_same_records(lambda: log.info('%s - "%s"', "10.0.0.1", "GET /"), direct=1)
    assert_same_records(lambda: log.info("started", extra={"color_message": "painted"}), direct=0)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: LOGGER.info("m", extra={"message": 1}), KeyError),
        (lambda: LOGGER.info("m", extra={"name": 1}), KeyError),
        (lambda: LOGGER.info("m", unknown=1), TypeError),
        (lambda: LOGGER.info(), TypeError),
        (lambda: LOGGER.log("INFO", "m"), TypeError),
        (lambda: logging.Logger.info(3, "m"), AttributeError),
        (lambda: logging.Logger.info(), TypeError),
    ],
)
def test_mistake_raises_as_ever(call, error):
    raised = []
    for fast in (True, False):
        with logly.intercept_logging(fast=fast), pytest.raises(error) as caught:
            call()
        raised.append(str(caught.value))

    assert raised[0] == raised[1]


@pytest.mark.parametrize("arguments", [("%d", "x"), ("%s %s", 1), ("%s", 1, 2), ("%q", 1), ("%(a)s", {"b": 1})])
def test_message_that_does_not_fit_is_reported_as_ever(arguments, capfd):
    reports = []
    for fast in (True, False):
        with logly.testing.capture() as records, logly.intercept_logging(fast=fast):
            direct_calls(lambda: LOGGER.warning(*arguments))
        reports.append((capfd.readouterr().err, [record["message"] for record in records]))

    assert reports[0] == reports[1]
    assert "--- Logging error ---" in reports[0][0]


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO])
def test_call_below_the_level_is_direct_and_silent(level, records):
    LOGGER.setLevel(logging.WARNING)

    with logly.intercept_logging():
        assert direct_calls(lambda: LOGGER.log(level, "no %d", "wrong")) == 1

    assert records == []


def test_levels_hold_from_the_moment_they_are_set(records):
    with logly.intercept_logging():
        LOGGER.info("one")
        LOGGER.setLevel(logging.ERROR)
        LOGGER.info("no")
        LOGGER.setLevel(logging.NOTSET)
        logging.disable(logging.INFO)
        LOGGER.info("no")
        logging.disable(logging.NOTSET)
        LOGGER.disabled = True
        LOGGER.info("no")
        LOGGER.disabled = False
        LOGGER.info("two")
        next(found for found in logging.root.handlers if isinstance(found, logly.LoglyHandler)).setLevel(30)
        LOGGER.info("no")
        LOGGER.warning("three")

    assert [record["message"] for record in records] == ["one", "two", "three"]


# Obstacles, which go again


def _handler(monkeypatch):
    collector = Collector()
    monkeypatch.setattr(LOGGER, "handlers", [collector])


def _root_handler(monkeypatch):
    logging.root.addHandler(Collector())


def _filter(monkeypatch):
    LOGGER.addFilter(lambda record: True)


def _handler_filter(monkeypatch):
    logging.root.handlers[-1].addFilter(lambda record: True)


def _formatter(monkeypatch):
    monkeypatch.setattr(logging.root.handlers[-1], "formatter", logging.Formatter("<%(message)s>"))


def _factory(monkeypatch):
    monkeypatch.setattr(logging, "_logRecordFactory", lambda *args, **kwargs: logging.LogRecord(*args, **kwargs))


def _own_handle(monkeypatch):
    monkeypatch.setattr(LOGGER, "handle", LOGGER.handle, raising=False)


def _clock(monkeypatch):
    monkeypatch.setattr(time, "time_ns" if sys.version_info >= (3, 13) else "time", lambda: 1.0)


def _thread(monkeypatch):
    current = threading.current_thread
    monkeypatch.setattr(threading, "current_thread", lambda: current())


def _switch(monkeypatch):
    monkeypatch.setattr(logging, "logThreads", False)


def _code(monkeypatch):
    code = logging.Logger.findCaller.__code__
    monkeypatch.setattr(logging.Logger.findCaller, "__code__", code.replace(co_name=code.co_name))


def _second_handler(monkeypatch):
    logging.root.addHandler(logly.LoglyHandler(logger=logly.Logger()))


def patched(kind, name):
    def put(monkeypatch):
        original = getattr(kind, name)
        monkeypatch.setattr(kind, name, lambda *args, **kwargs: original(*args, **kwargs))

    put.__name__ = f"{kind.__name__}.{name}"
    return put


LOGGER_METHODS = ("isEnabledFor", "_log", "findCaller", "makeRecord", "handle", "callHandlers", "filter")
IN_THE_WAY = [
    *(_handler, _root_handler, _filter, _handler_filter, _formatter, _factory, _own_handle, _clock, _thread),
    *(_switch, _code, _second_handler),
    *(patched(logging.Logger, name) for name in LOGGER_METHODS),
    *(patched(logging.Filterer, "filter"), patched(logging.LogRecord, "getMessage")),
    *(patched(logging.LogRecord, "__init__"), patched(logly.LoglyHandler, "emit")),
]


@pytest.mark.parametrize("put", IN_THE_WAY, ids=lambda put: put.__name__)
def test_whatever_is_in_the_way_is_seen_and_its_end_too(put, records):
    with logly.intercept_logging(), pytest.MonkeyPatch.context() as monkeypatch:
        before = logging.root.handlers[:]
        counts = [direct_calls(lambda: LOGGER.info("before"))]
        put(monkeypatch)
        counts.append(direct_calls(lambda: LOGGER.info("during")))
        monkeypatch.undo()
        logging.root.handlers[:] = before
        LOGGER.filters.clear()
        # Some releases of pytest set an attribute of an instance to what it was read as, and leave it there.
        vars(LOGGER).pop("handle", None)
        before[-1].filters.clear()
        counts.append(direct_calls(lambda: LOGGER.info("after")))

    assert counts == [1, 0, 1]
    assert [record["message"].strip("<>") for record in records] == ["before", "during", "after"]


def test_streams_that_may_lead_back_are_in_the_way(records):
    def log():
        sys.stdout = io.StringIO()
        LOGGER.info("no direct way")

    with logly.intercept_logging():
        assert direct_calls(log) == 0

    assert len(records) == 1


@pytest.mark.parametrize("logger", [LOGGER, logging.root])
def test_null_handlers_are_not_in_the_way(logger, records):
    logger.addHandler(logging.NullHandler())

    with logly.intercept_logging():
        assert direct_calls(lambda: LOGGER.info("%s", 1)) == 1
        logger.handlers[:] = [found for found in logger.handlers if type(found) is not logging.NullHandler]

    assert len(records) == 1


def test_null_handler_with_a_method_of_its_own_is_in_the_way(records):
    seen = []
    handler = logging.NullHandler()
    handler.handle = seen.append
    LOGGER.addHandler(handler)

    with logly.intercept_logging():
        assert direct_calls(lambda: LOGGER.info("seen")) == 0

    assert (len(seen), len(records)) == (1, 1)


def test_handlers_that_threads_add_and_remove_get_whole_records(records):
    collector, is_over = Collector(), threading.Event()

    def change():
        while not is_over.is_set():
            LOGGER.addHandler(collector)
            LOGGER.removeHandler(collector)

    with logly.intercept_logging():
        changing = threading.Thread(target=change)
        changing.start()
        taken = direct_calls(lambda: [LOGGER.info("%d", number) for number in range(20_000)])
        is_over.set()
        changing.join()

    assert [record["message"] for record in records] == [str(number) for number in range(20_000)]
    assert taken + len(collector.records) <= 20_000
    assert taken > 0


def test_record_of_a_thread_has_its_names(records):
    def log():
        LOGGER.info("first")
        threading.current_thread().name = "renamed"
        LOGGER.info("second")

    with logly.intercept_logging():
        thread = threading.Thread(target=log, name="named")
        assert direct_calls(lambda: (thread.start(), thread.join())) == 2

    assert [record["thread"].name for record in records] == ["named", "renamed"]


def test_name_of_a_thread_follows_its_class(records):
    class Named(threading.Thread):
        name = property(lambda self: "of the class", lambda self, value: None)

    def log():
        LOGGER.info("first")
        threading.current_thread().__class__ = Named
        LOGGER.info("second")

    with logly.intercept_logging():
        thread = threading.Thread(target=log, name="usual")
        thread.start()
        thread.join()

    assert [record["thread"].name for record in records] == ["usual", "of the class"]


def test_name_of_a_thread_follows_a_property_that_is_replaced(records, monkeypatch):
    def log():
        LOGGER.info("first")
        monkeypatch.setattr(threading.Thread, "name", property(lambda self: "replaced", lambda self, value: None))
        LOGGER.info("second")
        monkeypatch.undo()
        LOGGER.info("third")

    with logly.intercept_logging():
        thread = threading.Thread(target=log, name="usual")
        thread.start()
        thread.join()

    assert [record["thread"].name for record in records] == ["usual", "replaced", "usual"]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="records have no task before")
def test_record_has_the_name_of_its_task():
    import asyncio

    async def log():
        asyncio.current_task().set_name("the task")
        LOGGER.info("in a task")

    assert_same_records(lambda: asyncio.run(log()), direct=1)


def test_process_has_the_name_that_multiprocessing_gives():
    import multiprocessing

    process = multiprocessing.current_process()
    before = process.name

    def log():
        LOGGER.info("one")
        process.name = "renamed"
        LOGGER.info("two")
        process.name = before

    assert_same_records(log, direct=2)


def test_sinks_filters_and_patchers_get_the_same_records(tmp_path):
    lines = []
    for fast in (True, False):
        path = tmp_path / f"{fast}.jsonl"
        seen = []
        logger = logly.Logger()
        logger.add(path, json=True)
        logger.add(seen.append, format="{level} {name} {line} {message} {extra}")
        logger.configure(patcher=lambda record: record["extra"].update(patched=True))
        with logly.intercept_logging(fast=fast, logger=logger):
            count = direct_calls(lambda: LOGGER.warning("%s", 1, extra={"user": "ada"}))
        logger.complete()
        logger.remove_all()
        written = json.loads(path.read_text(encoding="utf-8"))
        lines.append(([str(line) for line in seen], {key: written[key] for key in written if key != "timestamp"}))
        assert count == int(fast)

    assert lines[0] == lines[1]

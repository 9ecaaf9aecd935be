"""Python sinks in the background see the call as synchronous sinks do: context, thread-locals, exception, objects."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import logging
import threading
import weakref

import pytest
from logly import logger

from tests.support.child import run

pytestmark = pytest.mark.usefixtures("no_console")

LIMIT = 30
"""Seconds after which a hanging call fails its test."""

request_id = contextvars.ContextVar("request_id", default="none")
local = threading.local()


@pytest.fixture
def call():
    """Give a function that logs in its own thread, with a context variable, a thread-local and an exception."""

    def log():
        request_id.set("r1")
        local.user = "ada"
        try:
            raise KeyError("missing")
        except KeyError as error:
            logger.exception("failed")
            raised.append(error)

    def on_a_thread():
        thread = threading.Thread(target=log)
        thread.start()
        thread.join(LIMIT)
        assert logger.complete(LIMIT)
        return raised[0]

    raised = []
    return on_a_thread


def seen():
    """Return the values that only the logging thread sees."""
    return request_id.get(), getattr(local, "user", "none")


class Collector(logging.Handler):
    """A handler that keeps records, and the value of the context variable at each."""

    def __init__(self):
        super().__init__()
        self.records = []
        self.ids = []
        self.threads = set()

    def emit(self, record):
        self.records.append(record)
        self.ids.append(request_id.get())
        self.threads.add(threading.get_ident())


class Keeper:
    """A sink of any kind that keeps the lines it receives."""

    def __init__(self):
        self.lines = []
        self.ids = []

    def write(self, line):
        self.lines.append(line)
        self.ids.append(request_id.get())

    def function(self, line):
        self.write(line)

    async def coroutine(self, line):
        await asyncio.sleep(0)
        self.write(line)


@pytest.fixture
def keeper():
    return Keeper()


def sink_of(keeper, kind):
    """Return the keeper as a sink of that kind."""
    return keeper if kind == "stream" else getattr(keeper, kind)


KINDS = pytest.mark.parametrize("kind", ["stream", "function", "coroutine"])


@KINDS
def test_filter_and_format_see_the_context_and_the_thread_locals_of_the_call(kind, keeper, call):
    asked = []

    def wanted(_record):
        asked.append(seen())
        return True

    logger.add(sink_of(keeper, kind), filter=wanted, format=lambda _record: repr(seen()), async_write=True)

    call()

    assert asked == [("r1", "ada")]
    assert keeper.lines == ["('r1', 'ada')\n"]


@KINDS
def test_sink_is_written_in_a_copy_of_the_context_of_the_call(kind, keeper, call):
    logger.add(sink_of(keeper, kind), async_write=True)

    call()

    assert keeper.ids == ["r1"]


@KINDS
def test_record_has_the_exception_itself(kind, keeper, call):
    logger.add(sink_of(keeper, kind), format="{message}", async_write=True)

    error = call()

    found = keeper.lines[0].record["exception"]
    assert (found.type, found.value) == (KeyError, error)
    assert found.traceback is error.__traceback__
    assert keeper.lines[0].endswith("KeyError: 'missing'\n")


def test_coroutine_keeps_the_context_after_it_waited():
    found = []

    async def sink(_line):
        request_id.set(request_id.get() + "+")
        await asyncio.sleep(0.001)
        found.append(request_id.get())

    logger.add(sink)
    for number in range(3):
        contextvars.copy_context().run(lambda number=number: (request_id.set(str(number)), logger.info("hello")))

    assert logger.complete(LIMIT)
    assert found == ["0+", "1+", "2+"]


def test_coroutine_is_told_what_it_awaited_raised(keeper):
    async def sink(line):
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 0.001)
        except asyncio.TimeoutError:
            keeper.write(line)

    logger.add(sink, format="{message}")
    logger.info("hello")

    assert logger.complete(LIMIT)
    assert keeper.lines == ["hello\n"]


def test_handler_gets_the_exception_and_the_context_of_the_call(call):
    handler = Collector()
    logger.add(handler, async_write=True)

    error = call()

    (record,) = handler.records
    assert record.exc_info == (KeyError, error, error.__traceback__)
    assert handler.ids == ["r1"]
    assert threading.get_ident() not in handler.threads


def test_filters_of_a_handler_see_the_thread_locals_of_the_call(call):
    handler = Collector()

    def mark(record):
        record.seen = seen()
        return True

    handler.addFilter(mark)
    logger.add(handler, async_write=True)

    call()

    assert handler.records[0].seen == ("r1", "ada")


def test_factory_of_records_sees_the_thread_locals_of_the_call(call):
    handler = Collector()
    before = logging.getLogRecordFactory()

    def factory(*arguments, **keywords):
        record = before(*arguments, **keywords)
        record.seen = seen()
        return record

    logger.add(handler, async_write=True)
    logging.setLogRecordFactory(factory)
    try:
        call()
    finally:
        logging.setLogRecordFactory(before)

    assert handler.records[0].seen == ("r1", "ada")


def test_filters_of_a_handler_are_asked_once(call):
    handler, asked = Collector(), []
    handler.addFilter(lambda record: asked.append(record) is None)
    logger.add(handler, async_write=True)

    call()

    assert len(asked) == len(handler.records) == 1


def test_handler_with_a_way_of_its_own_keeps_it():
    handled = []

    class Own(logging.Handler):
        def handle(self, record):
            handled.append((record.getMessage(), request_id.get()))
            return False

    sink = logger.add(Own(), async_write=True)
    request = contextvars.copy_context()
    request.run(lambda: (request_id.set("r2"), logger.info("hello")))

    assert logger.complete(LIMIT)
    assert handled == [("hello", "r2")]
    assert logger.sink_info(sink)["filtered"] == 1


def test_formatter_reads_exception_and_stack():
    shown = []

    class Shown(logging.Handler):
        def emit(self, record):
            shown.append((self.format(record), record.exc_info[0].__name__, record.stack_info))

    handler = Shown()
    logger.add(handler, async_write=True)
    try:
        1 / 0
    except ZeroDivisionError:
        logger.opt(exception=True, stack=True).error("failed")

    assert logger.complete(LIMIT)
    ((text, kind, stack),) = shown
    assert kind == "ZeroDivisionError"
    assert "ZeroDivisionError: division by zero" in text
    assert stack is not None


def test_patched_and_lazy_values_reach_background_sinks(keeper):
    logger.add(keeper.function, format="{message}", async_write=True)
    patched = logger.patch(lambda record: record["extra"].update(user=seen()[0]))

    patched.opt(lazy=True).info("{value}", value=lambda: "late")

    assert logger.complete(LIMIT)
    assert keeper.lines == ["late\n"]
    assert keeper.lines[0].record["extra"]["user"] == "none"


def test_catch_gives_background_sinks_the_exception(keeper):
    logger.add(keeper.function, async_write=True)

    with logger.catch():
        raise ValueError("no")

    assert logger.complete(LIMIT)
    assert keeper.lines[0].record["exception"].type is ValueError


def test_objects_are_let_go_once_they_are_written():
    class Thing:
        pass

    thing = Thing()
    known = weakref.ref(thing)
    logger.add(lambda _line: None, async_write=True)
    logger.info("hello", thing=thing)
    del thing

    assert logger.complete(LIMIT)
    # The sink's thread drops its last reference when it takes the next record.
    logger.info("one more")
    assert logger.complete(LIMIT)
    gc.collect()
    assert known() is None


def test_objects_of_dropped_records_are_let_go(keeper):
    may_go, is_inside = threading.Event(), threading.Event()

    class Thing:
        pass

    def sink(line):
        is_inside.set()
        assert may_go.wait(LIMIT)
        keeper.write(line)

    logger.add(sink, format="{message}", async_write=True, overflow="drop_old", max_buffered_lines=2)
    logger.info("first")
    assert is_inside.wait(LIMIT)
    things = [Thing() for _ in range(5)]
    known = [weakref.ref(thing) for thing in things]
    for number, thing in enumerate(things):
        logger.info("{number}", number=number, thing=thing)
    del thing, things
    gc.collect()

    assert [ref() is None for ref in known] == [True, True, True, False, False]
    may_go.set()
    assert logger.complete(LIMIT)
    assert keeper.lines == ["first\n", "3 records dropped\n", "3\n", "4\n"]


def test_filter_that_raises_is_told_and_the_record_written(keeper, capfd):
    def broken(_record):
        raise RuntimeError("no")

    logger.add(keeper.function, format="{message}", filter=broken, async_write=True)
    logger.info("hello")

    assert logger.complete(LIMIT)
    assert keeper.lines == ["hello\n"]
    assert "a filter raised RuntimeError" in capfd.readouterr().err


def test_filter_of_a_handler_that_raises_costs_the_record_alone(capfd):
    handler = Collector()

    def broken(record):
        if record.getMessage() == "first":
            raise RuntimeError("no")
        return True

    handler.addFilter(broken)
    sink = logger.add(handler, async_write=True)
    logger.info("first")
    logger.info("second")

    assert logger.complete(LIMIT)
    assert [record.getMessage() for record in handler.records] == ["second"]
    assert (logger.sink_info(sink)["written"], logger.sink_info(sink)["dropped"]) == (1, 1)
    assert "RuntimeError" in capfd.readouterr().err


def test_what_a_background_sink_logs_reaches_no_background_sink(keeper):
    plain = []

    def sink(line):
        keeper.write(line)
        logger.info("from inside")

    logger.add(sink, format="{message}", async_write=True)
    logger.add(lambda line: plain.append(str(line)), format="{message}")
    logger.info("hello")

    assert logger.complete(LIMIT)
    assert keeper.lines == ["hello\n"]
    assert plain == ["hello\n", "from inside\n"]


def test_forked_child_writes_its_own_records_and_not_those_that_waited():
    program = """
import os, sys, threading
from logly import logger
logger.remove_all()
inside, go = threading.Event(), threading.Event()
parent = os.getpid()
def sink(line):
    if os.getpid() == parent:
        inside.set()
        go.wait(30)
    os.write(1, f"{'parent' if os.getpid() == parent else 'child'} {line}".encode())
logger.add(sink, format="{message}", filter=lambda record: True, async_write=True)
try:
    1 / 0
except ZeroDivisionError as error:
    logger.info("one", error=error)
    logger.info("two", error=error)
inside.wait(30)
pid = os.fork()
if pid == 0:
    logger.info("three")
    assert logger.complete(30)
    os._exit(0)
assert os.waitpid(pid, 0)[1] == 0
go.set()
"""

    finished = run(program, environment={"PYTHONWARNINGS": "ignore:This process:DeprecationWarning"})

    finished.check(stdout="child three\nparent one\nparent two\n", stderr="")


def test_everything_is_written_at_the_end_of_the_process():
    program = """
import contextvars, logging, os
from logly import logger
logger.remove_all()
name = contextvars.ContextVar("name", default="none")
class Handler(logging.Handler):
    def emit(self, record):
        os.write(1, f"{record.getMessage()} {name.get()} {record.exc_info is not None}\\n".encode())
logger.add(Handler(), async_write=True)
def work(number):
    name.set(str(number))
    try:
        1 / 0
    except ZeroDivisionError:
        logger.exception("failed")
for number in range(3):
    contextvars.copy_context().run(work, number)
"""

    finished = run(program)

    finished.check(stdout="failed 0 True\nfailed 1 True\nfailed 2 True\n")

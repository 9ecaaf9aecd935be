"""The memory that the queue of a Python sink in the background takes: its byte limit covers everything in it."""

from __future__ import annotations

import threading

import pytest
from logly import logger

from tests.support.child import output

LIMIT = 60
"""Seconds after which a hanging call fails its test."""

MEBI = 1 << 20

STUCK = """
import asyncio, logging, os, resource, sys, threading
from logly import logger
logger.remove_all()
begun, gate = threading.Event(), threading.Event()
def sink(_line):
    begun.set()
    gate.wait()
async def coroutine(_line):
    begun.set()
    await asyncio.sleep(600)
class Stream:
    write = staticmethod(sink)
class Handler(logging.Handler):
    emit = staticmethod(sink)
def failed(depth):
    if depth:
        failed(depth - 1)
    raise ValueError("out of stock")
def log_exception():
    try:
        failed(20)
    except ValueError:
        logger.exception("failed")
def resident():
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))
def dropped():
    return logger.sink_info(1)["dropped"]
def fill(log):
    log()
    assert begun.wait(60)
    while not dropped():
        for _ in range(50):
            log()
"""

KINDS = ["sink", "coroutine", "Stream()", "Handler()"]

CALLS = [
    "logger.info('hello')",
    "logger.info('{a} {b}', a=1.5, b='some text')",
    "logger.info('x' * 20_000)",
    "logger.info('hello', values=[list(range(10_000, 10_010)) for _ in range(200)])",
    "logger.info('hello', values={str(n): {'n': n} for n in range(200)})",
    "log_exception()",
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", KINDS)
def test_memory_is_about_what_the_queue_says(kind, call):
    program = f"""{STUCK}
logger.add({kind}, async_write=True, overflow="drop_new", buffer_size={16 * MEBI})
before = resident()
fill(lambda: {call})
print(resident() - before, flush=True)
os._exit(0)
"""

    assert 8 * MEBI < int(output(program)) < 32 * MEBI


def test_full_queue_of_the_default_size_takes_tens_of_megabytes_and_a_child_ends_without_touching_more():
    program = f"""{STUCK}
logger.add(sink, async_write=True, overflow="drop_new")
before = resident()
fill(lambda: logger.info("hello"))
print((resident() - before) // {MEBI}, flush=True)
child = os.fork()
if not child:
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
touched = resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt * resource.getpagesize()
print(touched // {MEBI}, flush=True)
os._exit(0)
"""

    taken, touched = map(int, output(program).split())

    assert 16 < taken < 64
    assert touched < 64


def test_child_lets_go_of_nothing_that_its_parents_queue_holds():
    program = f"""{STUCK}
class Watched:
    def __del__(self):
        os.write(1, b"gone in %s\\n" % (b"parent" if os.getpid() == parent else b"child"))
parent = os.getpid()
logger.add(sink, async_write=True)
logger.info("first")
assert begun.wait(60)
logger.info("second", value=Watched())
child = os.fork()
if not child:
    logger.remove_all()
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
gate.set()
logger.complete()
logger.remove_all()
"""

    assert output(program) == "gone in parent\n"


class Stalled:
    """A sink that blocks until it is released."""

    def __init__(self, **options):
        self.begun, self.may_go = threading.Event(), threading.Event()
        self.numbers, self.notices = [], []
        logger.remove_all()
        self.id = logger.add(self, format="{message}", async_write=True, **options)
        logger.info("first", n=-1)
        assert self.begun.wait(LIMIT)

    def __call__(self, line):
        self.begun.set()
        assert self.may_go.wait(LIMIT)
        dropped = line.record.get("dropped")
        if dropped is None:
            self.numbers.append(line.record["n"])
        else:
            self.notices.append(dropped)

    def finish(self):
        """Release the sink, and return the numbers it received after the first record."""
        self.may_go.set()
        assert logger.complete(LIMIT)
        return self.numbers[1:]


@pytest.mark.parametrize(("size", "least", "most"), [(MEBI, 200, 600), (None, 6_000, 20_000)], ids=["given", "default"])
def test_queue_of_bytes_takes_as_many_records_as_those_take_memory(size, least, most):
    sink = Stalled(overflow="drop_new", buffer_size=size)

    for number in range(most):
        logger.info("hello", n=number)

    kept = sink.finish()
    assert kept == list(range(len(kept)))
    assert least < len(kept) < most
    assert sink.notices == [most - len(kept)]
    assert logger.sink_info(sink.id)["dropped"] == most - len(kept)


def test_large_records_push_out_as_many_old_ones_as_they_need():
    sink = Stalled(overflow="drop_old", buffer_size=70_000)
    for number in range(20):
        logger.info("hello", n=number)

    logger.info("large", n=20, values=[list(range(10)) for _ in range(50)])

    kept = sink.finish()
    assert kept == list(range(21 - len(kept), 21))
    assert 5 < len(kept) < 19
    assert sum(sink.notices) == logger.sink_info(sink.id)["dropped"] == 21 - len(kept)


def test_callers_wait_for_room_of_what_they_made_and_lose_nothing():
    sink = Stalled(buffer_size=20_000)
    blocked = threading.Thread(target=lambda: [logger.info("hello", n=number) for number in range(200)])
    blocked.start()

    # The first few records find room, and the next call waits.
    blocked.join(0.2)
    is_blocked = blocked.is_alive()

    assert is_blocked
    sink.may_go.set()
    blocked.join(LIMIT)
    assert sink.finish() == list(range(200))
    assert sink.notices == []


def test_values_that_share_what_they_hold_are_counted_once():
    sink = Stalled(overflow="drop_new", buffer_size=MEBI)
    shared = []
    for _ in range(40):
        shared = [shared, shared]

    for number in range(5):
        logger.info("hello", n=number, shared=shared)

    assert sink.finish() == list(range(5))

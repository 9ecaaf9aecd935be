"""Contexts whose blocks end out of order, in a different context than they began in, or never."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import threading

import pytest
from logly import logger

from tests.support.child import output, run
from tests.support.threads import together


def fields(records) -> list[dict]:
    return [record["extra"] for record in records]


def numbered(count, **given):
    """Yield numbers inside a `contextualize` block."""
    with logger.contextualize(**given):
        for number in range(count):
            logger.info("inside")
            yield number


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1)])
def test_each_block_takes_its_own_fields_alone(order, records):
    blocks = [logger.contextualize(**{name: name}, last=name) for name in "abc"]
    names = list("abc")

    for block in blocks:
        block.__enter__()
    for place in order:
        blocks[place].__exit__(None, None, None)
        names.remove("abc"[place])
        logger.info("m")
        last = {"last": names[-1]} if names else {}
        assert records[-1]["extra"] == {**{name: name for name in names}, **last}


def test_generators_that_are_consumed_together_leave_nothing(records):
    for _ in zip(numbered(2, first=1), numbered(3, second=2)):
        pass
    logger.info("after")

    assert records[-1]["extra"] == {}


def test_generator_that_is_given_up_leaves_nothing(records):
    generator = numbered(5, a=1)
    next(generator)
    with logger.contextualize(b=2):
        del generator
        logger.info("within")
    logger.info("after")

    assert fields(records)[1:] == [{"b": 2}, {}]


def test_block_that_ends_in_another_context_ends_in_its_own(records):
    block = logger.contextualize(a=1)
    other = contextvars.copy_context()

    block.__enter__()
    other.run(block.__exit__, None, None, None)
    logger.info("after")
    with logger.contextualize(b=2):
        logger.info("later")

    assert fields(records) == [{}, {"b": 2}]


def test_block_that_ends_in_another_thread_ends_in_its_own(records):
    outer, block = logger.contextualize(outer=1), logger.contextualize(a=1)
    with outer, contextlib.ExitStack():
        block.__enter__()
        with logger.contextualize(inner=2):
            thread = threading.Thread(target=block.__exit__, args=(None, None, None))
            thread.start()
            thread.join()
            logger.info("within")
        logger.info("around")
    logger.info("after")

    assert fields(records) == [{"outer": 1, "inner": 2}, {"outer": 1}, {}]


def test_async_generator_that_the_loop_closes_leaves_nothing(records):
    async def numbers():
        with logger.contextualize(a=1):
            yield 1
            yield 2

    async def main():
        async for _ in numbers():
            break
        gc.collect()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        logger.info("after")

    asyncio.run(main())

    assert fields(records) == [{}]


def test_async_generators_that_are_consumed_together_leave_nothing(records):
    async def numbers(count, **given):
        with logger.contextualize(**given):
            for number in range(count):
                yield number

    async def main():
        first, second = numbers(1, a=1), numbers(2, b=2)
        await first.__anext__()
        await second.__anext__()
        with pytest.raises(StopAsyncIteration):
            await first.__anext__()
        logger.info("one is left")
        await second.aclose()
        logger.info("after")

    asyncio.run(main())

    assert fields(records) == [{"b": 2}, {}]


def test_fixture_that_begins_and_ends_in_tasks_of_their_own_leaves_nothing(records):
    async def begin(block):
        block.__enter__()
        logger.info("begun")

    async def end(block):
        block.__exit__(None, None, None)
        logger.info("ended")

    async def main():
        block = logger.contextualize(a=1)
        await asyncio.create_task(begin(block))
        await asyncio.create_task(end(block))
        logger.info("after")

    asyncio.run(main())

    assert fields(records) == [{"a": 1}, {}, {}]


def test_task_that_was_started_within_a_block_keeps_its_fields(records):
    async def later(may_go_on):
        await may_go_on.wait()
        logger.info("later")

    async def main():
        may_go_on = asyncio.Event()
        with logger.contextualize(a=1):
            task = asyncio.create_task(later(may_go_on))
        logger.info("after")
        may_go_on.set()
        await task

    asyncio.run(main())

    assert fields(records) == [{}, {"a": 1}]


def test_blocks_that_end_out_of_order_within_a_decorated_generator_leave_nothing(records):
    @logger.contextualize(g=1)
    def steps():
        first, second = logger.contextualize(a=1), logger.contextualize(b=2)
        first.__enter__()
        second.__enter__()
        yield
        first.__exit__(None, None, None)
        logger.info("one is left")
        yield
        second.__exit__(None, None, None)
        logger.info("none is left")
        yield

    for _ in steps():
        logger.info("outside")

    assert fields(records) == [{}, {"g": 1, "b": 2}, {}, {"g": 1}, {}]


def test_decorated_generator_goes_by_the_block_that_it_is_consumed_in(records):
    @logger.contextualize(g=1)
    def steps():
        with logger.contextualize(a=1):
            while True:
                logger.info("step")
                yield

    generator = steps()
    with logger.contextualize(outer=1):
        next(generator)
    next(generator)
    with logger.contextualize(other=2):
        next(generator)

    assert fields(records) == [{"outer": 1, "g": 1, "a": 1}, {"g": 1, "a": 1}, {"other": 2, "g": 1, "a": 1}]


def test_object_that_several_threads_enter_ends_in_each(records):
    block = logger.contextualize(a=1)
    both_in, one_out = threading.Barrier(2), threading.Event()
    after = []

    def first():
        with block:
            both_in.wait(10)
        one_out.set()

    def second():
        with block:
            both_in.wait(10)
            one_out.wait(10)
            logger.info("still within")
        logger.info("after")
        after.append(True)

    together(first, second)

    assert after == [True]
    assert fields(records) == [{"a": 1}, {}]


FORGOTTEN = """
from logly import logger
for _ in range(3):
    logger.contextualize(user="ada")
logger.info("hello")
"""

USED = """
import contextlib
from logly import logger
with logger.contextualize(a=1):
    pass
@logger.contextualize(a=1)
def f():
    pass
f()
with contextlib.ExitStack() as stack:
    stack.enter_context(logger.contextualize(a=1))
"""


def test_forgetting_with_is_told_once():
    finished = run(FORGOTTEN).check()

    assert finished.stderr.count("with logger.contextualize(") == 1, finished.stderr
    assert len(finished.stderr.splitlines()) == 1, finished.stderr


def test_blocks_and_decorators_are_not_told():
    run(USED).check(stderr="")


NEVER_LEFT = """
from logly import logger
logger.configure(console=False)
logger.add(lambda line: None)
def memory():
    with open("/proc/self/statm") as pages:
        return int(pages.read().split()[1]) * 4096
def requests(count):
    for number in range(count):
        logger.contextualize(request=number, text="x" * 1000).__enter__()
        logger.info("hello")
requests(1_000)
before = memory()
requests(20_000)
print(memory() - before)
"""


def test_program_that_never_leaves_what_it_enters_takes_no_memory_for_each():
    assert int(output(NEVER_LEFT)) < 4_000_000


DEEP = """
import contextlib
from logly import logger
got = []
logger.configure(console=False)
logger.add(lambda line: got.append(line.record["extra"]))
with contextlib.ExitStack() as stack:
    for number in range(3_000):
        stack.enter_context(logger.contextualize(number=number))
    logger.info("within")
logger.info("after")
print(got)
"""


def test_nesting_without_end_ends():
    assert output(DEEP) == "[{'number': 2999}, {}]\n"

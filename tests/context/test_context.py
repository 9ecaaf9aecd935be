"""Context: where contextual fields are visible, in threads, tasks and executors."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import logly
import pytest
from logly import Logger, logger

from tests.support.threads import together


def seen(records) -> list[dict]:
    """Return the fields of each record."""
    return [record["extra"] for record in records]


def test_fields_are_there_within_the_block_alone(records):
    logger.info("before")
    with logger.contextualize(request="r-1"):
        logger.info("within")
    logger.info("after")

    assert seen(records) == [{}, {"request": "r-1"}, {}]


def test_inner_block_adds_and_wins(records):
    with logger.contextualize(a=1, b=1):
        with logger.contextualize(b=2, c=2):
            logger.info("inner")
        logger.info("outer")

    assert seen(records) == [{"a": 1, "b": 2, "c": 2}, {"a": 1, "b": 1}]


def test_exception_leaves_the_block(records):
    with pytest.raises(ValueError, match="out"), logger.contextualize(a=1):
        raise ValueError("out")

    logger.info("after")

    assert seen(records) == [{}]


def test_every_logger_sees_the_context():
    other = Logger()
    with logly.testing.capture(logger=other) as records, logger.contextualize(a=1):
        other.bind(b=2).info("m")

    assert seen(records) == [{"b": 2, "a": 1}]


def test_text_and_json_show_the_context(text, json_file):
    with logger.contextualize(user="ada"):
        logger.info("m")

    assert text.lines == ["m user=ada"]
    assert json_file.fields() == {"user": "ada"}


def test_one_object_may_be_entered_again_and_within_itself(records):
    context = logger.contextualize(a=1)

    with context:
        with context:
            logger.info("twice")
        logger.info("once")
    with context:
        logger.info("again")
    logger.info("after")

    assert seen(records) == [{"a": 1}, {"a": 1}, {"a": 1}, {}]


def test_new_thread_starts_without_context(records):
    with logger.contextualize(a=1):
        thread = threading.Thread(target=logger.info, args=("m",))
        thread.start()
        thread.join()

    # From 3.14 on, threads may inherit the context of the thread that starts them.
    inherits = getattr(sys.flags, "thread_inherit_context", False)
    assert seen(records) == [{"a": 1} if inherits else {}]


def test_threads_are_isolated(records):
    barrier = threading.Barrier(2)

    def work(name):
        with logger.contextualize(name=name):
            barrier.wait(10)
            logger.info(name)

    together(*(functools.partial(work, name) for name in "ab"))

    assert all(record["extra"] == {"name": record["message"]} for record in records)


def test_one_object_may_be_entered_in_two_tasks_at_once(records):
    context = logger.contextualize(a=1)

    async def task(entered, leave):
        with context:
            entered.set()
            await leave.wait()
        logger.info("left")

    async def main():
        first, second, leave_first, leave_second = (asyncio.Event() for _ in range(4))
        tasks = [asyncio.create_task(task(first, leave_first)), asyncio.create_task(task(second, leave_second))]
        await first.wait()
        await second.wait()
        leave_first.set()
        await tasks[0]
        leave_second.set()
        await tasks[1]

    asyncio.run(main())

    assert seen(records) == [{}, {}]


def test_await_carries_the_context(records):
    async def inner():
        await asyncio.sleep(0)
        logger.info("inner")

    async def main():
        with logger.contextualize(a=1):
            await inner()

    asyncio.run(main())

    assert seen(records) == [{"a": 1}]


def test_task_takes_the_context_it_was_created_in(records):
    async def inner():
        logger.info("task")

    async def main():
        with logger.contextualize(a=1):
            task = asyncio.create_task(inner())
        await task

    asyncio.run(main())

    assert seen(records) == [{"a": 1}]


def test_concurrent_tasks_are_isolated(records):
    async def task(name):
        with logger.contextualize(name=name):
            await asyncio.sleep(0)
            logger.info(name)

    async def main():
        await asyncio.gather(*(task(str(number)) for number in range(20)))

    asyncio.run(main())

    assert all(record["extra"] == {"name": record["message"]} for record in records)


def test_to_thread_carries_the_context(records):
    async def main():
        with logger.contextualize(a=1):
            await asyncio.to_thread(logger.info, "m")

    asyncio.run(main())

    assert seen(records) == [{"a": 1}]


def test_executor_does_not_carry_the_context_by_itself(records):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        with logger.contextualize(a=1):
            pool.submit(logger.info, "m").result()

    assert seen(records) == [{}]


def test_copy_context_carries_it_into_executors(records):
    with ThreadPoolExecutor(4) as pool:
        with logger.contextualize(a=1):
            log = logly.copy_context(logger.info)
        list(pool.map(log, map(str, range(20))))

    assert seen(records) == [{"a": 1}] * 20


def test_copy_context_keeps_arguments_result_and_name():
    def add(a, b=1):
        return a + b

    carried = logly.copy_context(add)

    assert (carried(1, b=2), carried.__name__) == (3, "add")


def test_copied_context_is_not_changed_by_who_runs_in_it(records):
    variable = contextvars.ContextVar("variable", default=0)

    def change():
        variable.set(variable.get() + 1)
        return variable.get()

    carried = logly.copy_context(change)

    assert [carried(), carried(), variable.get()] == [1, 1, 0]


def test_generator_closed_in_another_context_raises_nothing(records):
    def numbers():
        with logger.contextualize(a=1):
            yield 1

    generator = numbers()
    contextvars.copy_context().run(next, generator)
    generator.close()

    logger.info("usable")

    assert seen(records) == [{}]

"""Programs that run on trio, or on anyio with trio below it."""

from __future__ import annotations

import anyio
import pytest
import trio
from logly import logger

pytestmark = pytest.mark.usefixtures("no_console")

LIMIT = 30
"""Seconds after which a hanging call fails its test."""


async def log_and_complete():
    logger.info("hello")
    return await logger.complete_async(LIMIT)


def test_complete_async_waits_under_trio():
    got = []
    logger.add_callback(lambda record: got.append(record["message"]))

    is_complete = trio.run(log_and_complete)

    assert (is_complete, got) == (True, ["hello"])


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_complete_async_waits_under_anyio(backend):
    got = []
    logger.add_callback(lambda record: got.append(record["message"]))

    is_complete = anyio.run(log_and_complete, backend=backend)

    assert (is_complete, got) == (True, ["hello"])


def test_wait_under_trio_lets_other_tasks_run_and_can_be_cancelled():
    gate, is_cancelled = trio.Event(), []

    def callback(_record):
        trio.from_thread.run(gate.wait, trio_token=token[0])

    token = []

    async def main():
        token.append(trio.lowlevel.current_trio_token())
        logger.add_callback(callback)
        logger.info("hello")
        with trio.move_on_after(0.01) as scope:
            await logger.complete_async()
        is_cancelled.append(scope.cancelled_caught)
        gate.set()
        return await logger.complete_async(LIMIT)

    assert trio.run(main)
    assert is_cancelled == [True]


def test_function_in_the_background_hands_records_to_trio():
    got = []

    async def send(line):
        await trio.sleep(0.001)
        got.append(line)

    async def main():
        token = trio.lowlevel.current_trio_token()
        logger.add(
            lambda line: trio.from_thread.run(send, line, trio_token=token), async_write=True, format="{message}"
        )
        return await log_and_complete()

    assert trio.run(main)
    assert got == ["hello\n"]


def test_coroutine_functions_of_anyio_are_awaited():
    got = []

    async def sink(line):
        await anyio.sleep(0.001)
        got.append(line)

    logger.add(sink, format="{message}")

    assert trio.run(log_and_complete)
    assert got == ["hello\n"]


def test_coroutine_function_that_awaits_trio_is_told_of_the_way(capfd):
    async def sink(_line):
        await trio.sleep(0.001)

    logger.add(sink)
    logger.info("hello")

    assert logger.complete(LIMIT)
    assert "give a function that calls trio.from_thread.run(" in capfd.readouterr().err


def test_complete_async_says_why_it_cannot_be_awaited_on_other_loops():
    with pytest.raises(
        RuntimeError, match=r"^complete_async: expected to be awaited on an event loop of asyncio or of"
    ):
        logger.complete_async().send(None)

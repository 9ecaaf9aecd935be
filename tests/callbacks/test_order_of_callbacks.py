"""Callbacks get each record in the order of their registration, and a slow callback does not hold up the others."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from logly import Logger, logger

from tests.support.child import output

pytestmark = pytest.mark.usefixtures("no_console")

LIMIT = 30
"""Seconds after which a hanging call fails its test."""


def names_of(calls, number):
    """Return the callbacks called with a record, in order."""
    return [name for name, seen in calls if seen == number]


def appending(calls, name):
    """Return a callback that notes its calls."""
    return lambda record: calls.append((name, record["n"]))


@pytest.mark.parametrize("records", [1, 500])
def test_each_record_comes_in_the_order_of_registration(records):
    calls = []
    for name in "abcde":
        logger.add_callback(appending(calls, name))

    for number in range(records):
        logger.info("hello", n=number)

    assert logger.complete(LIMIT)
    assert all(names_of(calls, number) == list("abcde") for number in range(records))


def test_callback_reads_what_one_before_it_wrote():
    counts, alerts = [], []
    logger.add_callback(lambda record: counts.append(record["n"]))
    logger.add_callback(lambda record: alerts.append(record["n"] in counts), level="ERROR")

    for number in range(200):
        logger.log("ERROR" if number % 2 else "INFO", "hello", n=number)

    assert logger.complete(LIMIT)
    assert alerts == [True] * 100


def test_order_holds_for_records_of_several_threads():
    calls = []
    for name in "abc":
        logger.add_callback(appending(calls, name))
    threads = [
        threading.Thread(target=lambda first=first: [logger.info("hello", n=first + n) for n in range(100)])
        for first in (0, 100, 200)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)

    assert logger.complete(LIMIT)
    assert all(names_of(calls, number) == list("abc") for number in range(300))


def test_coroutine_functions_take_their_place():
    calls = []

    async def middle(record):
        await asyncio.sleep(0)
        calls.append(("b", record["n"]))

    logger.add_callback(appending(calls, "a"))
    logger.add_callback(middle)
    logger.add_callback(appending(calls, "c"))
    for number in range(20):
        logger.info("hello", n=number)
        assert logger.complete(LIMIT)

    assert all(names_of(calls, number) == list("abc") for number in range(20))


def test_callback_that_raises_keeps_the_order(capfd):
    calls = []

    def broken(record):
        calls.append(("a", record["n"]))
        raise ValueError("no")

    logger.add_callback(broken)
    logger.add_callback(appending(calls, "b"))
    for number in range(50):
        logger.info("hello", n=number)

    assert logger.complete(LIMIT)
    assert all(names_of(calls, number) == ["a", "b"] for number in range(50))
    assert "broken raised ValueError" in capfd.readouterr().err


@pytest.mark.parametrize("others", [1, 3])
def test_stuck_callback_keeps_no_later_one_waiting(others):
    may_go, came = threading.Event(), threading.Semaphore(0)
    logger.add_callback(lambda _record: may_go.wait(LIMIT))
    for _ in range(others):
        logger.add_callback(lambda _record: came.release())

    for _ in range(5):
        logger.info("hello")

    assert all(came.acquire(timeout=LIMIT) for _ in range(5 * others))
    may_go.set()
    assert logger.complete(LIMIT)


def test_removed_callback_keeps_no_later_one_waiting():
    may_go, inside, came = threading.Event(), threading.Event(), threading.Event()

    def stuck(_record):
        inside.set()
        may_go.wait(LIMIT)

    def removing():
        logger.remove_callback("stuck")

    logger.add_callback(stuck, name="stuck")
    logger.add_callback(lambda _record: came.set())
    logger.info("hello")
    assert inside.wait(LIMIT)
    remover = threading.Thread(target=removing)
    remover.start()

    assert came.wait(LIMIT)
    may_go.set()
    remover.join(LIMIT)


def test_callbacks_of_another_logger_are_called_too():
    calls = []
    other = Logger()
    other.remove_all()
    other.add_callback(appending(calls, "other"))
    logger.add_callback(appending(calls, "own"))
    for number in range(10):
        other.info("hello", n=number)
        logger.info("hello", n=number)

    assert other.complete(LIMIT)
    assert logger.complete(LIMIT)
    assert sorted(calls) == sorted((name, n) for name in ("own", "other") for n in range(10))


def test_forked_child_keeps_the_order():
    program = """
import os
from logly import logger
logger.remove_all()
calls = []
for name in "abc":
    logger.add_callback(lambda record, name=name: calls.append((name, record["n"])))
logger.info("parent", n=-1)
pid = os.fork()
if pid == 0:
    calls.clear()
    for number in range(100):
        logger.info("child", n=number)
    assert logger.complete(30)
    print(all([c for c, n in calls if n == number] == ["a", "b", "c"] for number in range(100)), flush=True)
    os._exit(0)
assert os.waitpid(pid, 0)[1] == 0
"""

    assert output(program) == "True\n"


def wakes():
    """Return how often the other threads of this process have been woken so far."""
    own = str(threading.get_native_id())
    count = 0
    for task in Path("/proc/self/task").iterdir():
        if task.name != own:
            lines = (task / "status").read_text().splitlines()
            count += sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt"))
    return count


@pytest.mark.parametrize("callbacks", [0, 5])
def test_thread_is_woken_a_few_times_for_a_record_that_comes_alone(callbacks, tmp_path):
    logger.add(tmp_path / "app.log")
    came = threading.Semaphore(0)
    for _ in range(callbacks):
        logger.add_callback(lambda _record: came.release())
    logger.info("first")
    assert logger.complete(LIMIT)
    pause = threading.Event()
    before = wakes()

    for _ in range(25):
        pause.wait(0.04)
        logger.info("hello")

    assert wakes() - before < 25 * 6 * (callbacks + 1)

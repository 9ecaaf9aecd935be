"""Lanes: each callback has its own queue and thread, and does not delay the others."""

from __future__ import annotations

import asyncio
import sys
import threading
import time

import pytest
from logly import logger

from tests.support.services import service

pytestmark = pytest.mark.usefixtures("no_console")

LIMIT = 30
"""Seconds after which a hanging call fails its test."""


def completed() -> bool:
    """Wait until all logged records are handled."""
    return logger.complete(timeout=LIMIT)


class Stuck:
    """A callback that blocks until it is released."""

    def __init__(self, **options) -> None:
        self.entered = threading.Event()
        self.go = threading.Event()
        self.left = threading.Event()
        self.records: list[dict] = []
        self.id = logger.add_callback(self, **options)

    def __call__(self, record) -> None:
        self.entered.set()
        assert self.go.wait(LIMIT)
        self.records.append(record)
        self.left.set()

    @property
    def messages(self) -> list[str]:
        """The messages of its records."""
        return [record["message"] for record in self.records]


@pytest.fixture
def stuck():
    """Make blocking callbacks, and release them at the end of the test."""
    made: list[Stuck] = []

    def make(**options) -> Stuck:
        made.append(Stuck(**options))
        return made[-1]

    yield make
    for callback in made:
        callback.go.set()


def test_records_of_one_thread_come_in_order_and_once() -> None:
    numbers: list[int] = []
    logger.add_callback(lambda record: numbers.append(record["number"]))

    for number in range(100_000):
        logger.info("n", number=number)

    assert completed()
    assert numbers == list(range(100_000))


def test_records_of_several_threads_come_in_the_order_they_were_accepted(tmp_path) -> None:
    seen: list[tuple[int, int]] = []
    logger.add_callback(lambda record: seen.append((record["thread"], record["number"])))
    file = logger.add(tmp_path / "log", format="{extra[thread]} {extra[number]}")

    def work(thread: int) -> None:
        for number in range(2_000):
            logger.info("n", thread=thread, number=number)

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(4)]
    [thread.start() for thread in threads]
    [thread.join(LIMIT) for thread in threads]

    assert completed()
    written = [tuple(map(int, line.split())) for line in logger.read(file).splitlines()]
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        # The file and the callback have queues of their own, and only each thread's order is the same in both.
        written.sort(key=lambda record: record[0])
        seen.sort(key=lambda record: record[0])
    assert written == seen
    assert len(seen) == 8_000


def test_stuck_callback_delays_no_call_no_sink_and_no_other_callback(stuck, text) -> None:
    other: list[str] = []
    blocked = stuck()
    logger.add_callback(lambda record: other.append(record["message"]), name="other")

    logger.info("first")
    assert blocked.entered.wait(LIMIT)
    logger.info("second")
    assert logger.flush(timeout=LIMIT)
    assert logger.remove_callback("other")

    assert text.lines == other == ["first", "second"]
    assert not logger.complete(timeout=0.01)


def test_callbacks_run_in_parallel() -> None:
    together = threading.Barrier(10)
    passed: list[int] = []
    for number in range(10):
        logger.add_callback(lambda _record, number=number: (together.wait(LIMIT), passed.append(number)))

    logger.info("go")

    assert completed()
    assert sorted(passed) == list(range(10))


def test_posts_of_ten_callbacks_are_on_their_way_at_once() -> None:
    from urllib.request import urlopen

    with service() as server:
        server.together = threading.Barrier(10)
        for number in range(10):
            logger.add_callback(
                lambda record, number=number: urlopen(server.address, b'{"n": %d}' % number, LIMIT).close()
            )
        logger.info("go")

        assert completed()

    assert sorted(post["n"] for _, post in server.posts) == list(range(10))


def test_each_callback_has_a_thread_with_its_name() -> None:
    names: list[str] = []
    logger.add_callback(lambda _record: names.append(threading.current_thread().name), name="mine")

    logger.info("hi")
    completed()

    assert names == ["logly-callback-mine"]


def test_thread_ends_with_its_callback() -> None:
    threads: list[threading.Thread] = []
    logger.add_callback(lambda _record: threads.append(threading.current_thread()), name="mine")
    logger.info("hi")

    logger.remove_callback("mine")
    threads[0].join(LIMIT)

    assert not threads[0].is_alive()


def test_first_record_after_silence_is_not_waited_for() -> None:
    came = threading.Event()
    logger.add_callback(lambda _record: came.set())
    for _ in range(3):
        came.clear()
        assert not came.wait(0.2)

        logger.info("hi")

        assert came.wait(LIMIT)


def test_dropping_callback_is_told_where_records_are_missing(stuck) -> None:
    blocked = stuck(max_buffered_lines=2)
    logger.info("in hand")
    assert blocked.entered.wait(LIMIT)

    for number in range(5):
        logger.info("{number}", number=number)
    blocked.go.set()
    assert completed()
    logger.info("later")
    assert completed()

    assert blocked.messages == ["in hand", "0", "1", "3 records dropped", "later"]
    notice = blocked.records[3]
    assert (notice["level"], notice["module"], notice["dropped"]) == ("WARNING", "logly", 3)


def test_newest_record_takes_the_place_of_the_oldest(stuck) -> None:
    blocked = stuck(max_buffered_lines=2, overflow="drop_old")
    logger.info("in hand")
    assert blocked.entered.wait(LIMIT)

    for number in range(4):
        logger.info("{number}", number=number)
    blocked.go.set()

    assert completed()
    assert sorted(blocked.messages) == ["2", "2 records dropped", "3", "in hand"]


def test_bytes_bound_the_queue_too(stuck) -> None:
    blocked = stuck(buffer_size=4096)
    logger.info("in hand")
    assert blocked.entered.wait(LIMIT)

    for _ in range(100):
        logger.info("x" * 1000)
    blocked.go.set()

    assert completed()
    assert blocked.messages[1:] == ["x" * 1000] * 3 + ["97 records dropped"]


def test_record_larger_than_the_queue_is_taken_when_it_is_empty(stuck) -> None:
    blocked = stuck(buffer_size=4096)
    blocked.go.set()

    logger.info("x" * 100_000)

    assert completed()
    assert blocked.messages == ["x" * 100_000]


def test_blocking_callback_gets_everything(stuck) -> None:
    numbers: list[int] = []
    logger.add_callback(lambda record: numbers.append(record["n"]), overflow="block", max_buffered_lines=10)

    for n in range(2_000):
        logger.info("n", n=n)

    assert completed()
    assert numbers == list(range(2_000))


def test_caller_waits_no_longer_than_asked_and_then_not_at_all(stuck) -> None:
    blocked = stuck(overflow="block", block_timeout=0.05, max_buffered_lines=1)
    logger.info("in hand")
    assert blocked.entered.wait(LIMIT)
    logger.info("waits")

    began = time.monotonic()
    for _ in range(1_000):
        logger.info("dropped")
    took = time.monotonic() - began
    blocked.go.set()

    assert completed()
    assert blocked.messages == ["in hand", "waits", "1000 records dropped"]
    assert 0.05 <= took < LIMIT


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt, GeneratorExit, BaseException])
@pytest.mark.parametrize("is_coroutine", [False, True])
def test_what_a_callback_raises_is_contained_and_told_once(error, is_coroutine, capfd) -> None:
    calls: list[int] = []

    def broken(record) -> None:
        calls.append(record["n"])
        raise error("refused")

    async def broken_later(record) -> None:
        await asyncio.sleep(0)
        broken(record)

    logger.add_callback(broken_later if is_coroutine else broken, name="broken")
    for n in range(500):
        logger.info("secret", n=n)

    assert completed()
    assert calls == list(range(500))
    (told,) = capfd.readouterr().err.splitlines()
    assert told.startswith(f"logly: callback broken raised {error.__name__}: refused ({__file__}:")


def test_callback_that_raises_now_and_then_is_told_once(capfd) -> None:
    def unsteady(record) -> None:
        if record["n"] % 2:
            raise ValueError

    logger.add_callback(unsteady)
    for n in range(100):
        logger.info("n", n=n)

    assert completed()
    assert capfd.readouterr().err.count("\n") == 1


def test_what_a_callback_logs_reaches_sinks_and_no_callback(text) -> None:
    first: list[str] = []
    second: list[str] = []

    def echo(record) -> None:
        first.append(record["message"])
        logger.info("echo of " + record["message"])

    logger.add_callback(echo)
    logger.add_callback(lambda record: second.append(record["message"]))
    logger.info("call")

    assert completed()
    assert first == second == ["call"]
    assert text.lines == ["call", "echo of call"]


def test_what_a_coroutine_function_and_its_threads_log_reaches_no_callback(text) -> None:
    seen: list[str] = []

    async def echo(record) -> None:
        seen.append(record["message"])
        await asyncio.get_running_loop().run_in_executor(None, logger.info, "from a thread")
        logger.info("from the loop")

    logger.add_callback(echo)
    logger.info("call")

    assert completed()
    assert seen == ["call"]
    assert sorted(text.lines) == ["call", "from a thread", "from the loop"]


@pytest.mark.parametrize("is_coroutine", [False, True])
def test_everything_can_be_called_from_inside_a_callback(is_coroutine, tmp_path) -> None:
    results: list[object] = []

    def do(_record) -> None:
        results.append(logger.complete())
        results.append(logger.flush())
        sink = logger.add(tmp_path / "inner.log")
        results.append(logger.remove(sink))
        logger.configure(level="INFO")
        other = logger.add_callback(print)
        results.append(logger.remove_callback(other))
        results.append(logger.remove_callback("outer"))

    async def do_later(record) -> None:
        results.append(await logger.complete_async())
        do(record)

    logger.add_callback(do_later if is_coroutine else do, name="outer")
    logger.info("go")

    assert completed()
    assert results == [False] * is_coroutine + [False, False, True, True, True]


def test_reset_inside_a_callback_leaves_it_what_it_has() -> None:
    messages: list[str] = []
    go = threading.Event()

    def callback(record) -> None:
        go.wait(LIMIT)
        messages.append(record["message"])
        logger.reset()
        logger.configure(console=False)

    logger.add_callback(callback)
    logger.info("first")
    logger.info("second")
    go.set()

    assert completed()
    assert messages == ["first", "second"]


def test_records_follow_the_settings_they_were_accepted_under(stuck) -> None:
    blocked = stuck()
    logger.info("held")
    assert blocked.entered.wait(LIMIT)

    logger.configure(extra={"release": 1})
    logger.info("first")
    logger.configure(extra={"release": 2})
    logger.info("second")
    blocked.go.set()

    assert completed()
    assert [record["extra"] for record in blocked.records] == [{}, {"release": 1}, {"release": 2}]


def counts(callback: int) -> dict[str, int]:
    """Return the nonzero outcomes of a callback's records in one dict."""
    stats = logger.stats()["callbacks"][callback]
    outcomes = {name: stats[name] for name in ("accepted", "written", "filtered", "pending")}
    return {name: count for name, count in {**outcomes, **stats["dropped"]}.items() if count}


def test_stats_name_callbacks_and_count_what_became_of_their_records(stuck) -> None:
    blocked = stuck(level="INFO", max_buffered_lines=3)
    logger.configure(level="DEBUG")
    other = logger.add_callback(print, name="other", level="DEBUG")
    logger.info("in hand")
    assert blocked.entered.wait(LIMIT)

    logger.debug("filtered")
    for _ in range(5):
        logger.info("n")
    before = counts(blocked.id)
    blocked.go.set()
    assert completed()

    assert before == {"accepted": 7, "filtered": 1, "overflow": 2, "pending": 4}
    assert counts(blocked.id) == {"accepted": 7, "filtered": 1, "overflow": 2, "written": 4}
    assert logger.stats()["callbacks"][other]["name"] == "other"
    assert logger.stats()["callbacks"][blocked.id]["name"] == "Stuck"


def test_stats_count_failures_and_what_callbacks_log() -> None:
    def broken(_record) -> None:
        logger.info("from inside")
        raise ValueError

    callback = logger.add_callback(broken)
    for _ in range(3):
        logger.info("n")

    assert completed()
    assert counts(callback) == {"accepted": 6, "sink_error": 3, "reentrant": 3}


def test_counts_add_up_while_threads_log_and_the_queue_overflows() -> None:
    callback = logger.add_callback(lambda _record: time.sleep(0.0005), max_buffered_lines=50)
    threads = [threading.Thread(target=lambda: [logger.info("n") for _ in range(5_000)]) for _ in range(4)]
    [thread.start() for thread in threads]

    while any(thread.is_alive() for thread in threads):
        stats = logger.stats()["callbacks"][callback]
        known = stats["written"] + stats["filtered"] + sum(stats["dropped"].values()) + stats["pending"]
        assert stats["accepted"] == known
        assert stats["pending"] <= 51

    assert completed()
    assert counts(callback)["accepted"] == 20_000
    assert "pending" not in counts(callback)


def test_callback_that_is_removed_while_stuck_gives_up_what_it_has(stuck) -> None:
    blocked = stuck()
    for _ in range(3):
        logger.info("n")
    assert blocked.entered.wait(LIMIT)

    assert logger.remove_callback(blocked.id)
    was_stuck = not blocked.records
    blocked.go.set()

    assert was_stuck
    # The abandoned call returns later.
    assert blocked.left.wait(LIMIT)
    assert len(blocked.records) == 1
    assert completed()

"""Queues of files: the fate of a record that does not fit, and the meaning of a queue's options."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import logly.testing
import pytest
from logly import Logger, logger

from tests.support.stall import Stall, count_gaps, fill_queue

pytestmark = pytest.mark.usefixtures("no_console")

HOUR = 3_600_000
LIMIT = 20


@pytest.fixture
def stall(tmp_path):
    """Give a file that blocks writes until it is released."""
    stalled = Stall(tmp_path / "pipe")
    yield stalled
    stalled.close()


def overflow_of(sink):
    return logger.stats()["sinks"][sink]["dropped"]["overflow"]


def writers():
    """Count the threads that write files."""
    names = [task / "comm" for task in Path("/proc/self/task").iterdir()]
    return sum(name.exists() and name.read_text().startswith("logly-writer") for name in names)


def wait_until(is_done):
    deadline = time.monotonic() + LIMIT
    while not is_done():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.001)


@pytest.mark.parametrize("overflow", ["drop_new", "drop_old"])
def test_records_that_find_no_room_are_dropped_and_counted(stall, overflow):
    sink = stall.add(overflow=overflow, max_buffered_lines=10)

    for number in range(1000):
        logger.info(str(number))
    stall.release()
    assert logger.complete(LIMIT)

    counts = logger.stats()["sinks"][sink]
    lines = stall.lines()
    # The number depends on how often the writer made room before the pipe was full.
    assert counts["dropped"]["overflow"] == count_gaps(lines) > 0
    assert (counts["accepted"], counts["pending"]) == (1000, 0)


def test_drop_old_keeps_the_newest(stall):
    stall.add(overflow="drop_old", max_buffered_lines=10)

    for number in range(1000):
        logger.info(str(number))
    stall.release()

    assert stall.lines()[-10:] == [str(number) for number in range(990, 1000)]


def test_drop_new_keeps_what_was_queued_first(stall):
    sink = stall.add(overflow="drop_new", max_buffered_lines=10)
    fill_queue(sink)

    # The writer is stuck or will be soon: it takes the queued records at most once more.
    for _ in range(1000):
        logger.info("late")
    stall.release()

    assert stall.lines()[:10] == [str(number) for number in range(10)]


def test_block_gives_up_after_its_timeout_and_drops_at_once_from_then_on(stall, capfd):
    sink = stall.add(overflow="block", block_timeout=0.05, max_buffered_lines=10)

    first = fill_queue(sink)
    for number in range(first, first + 1000):  # Waiting for each record would take 50 seconds.
        logger.info(str(number))
    dropped = overflow_of(sink)
    stall.release()

    assert dropped == count_gaps(stall.lines()) > 900
    assert capfd.readouterr().err == (
        "logly: the queue stayed full; records are dropped and counted until there is room\n"
    )


def test_block_loses_nothing_when_there_is_room_in_time(stall):
    sink = stall.add(overflow="block", max_buffered_lines=10)
    stall.release()

    for number in range(5000):
        logger.info(str(number))

    assert logger.complete(LIMIT)
    assert overflow_of(sink) == 0
    assert count_gaps(stall.lines()) == 0


def test_waiting_begins_anew_once_there_was_room(stall):
    sink = stall.add(overflow="block", block_timeout=0.05, max_buffered_lines=10)
    number = fill_queue(sink)
    dropped = overflow_of(sink)

    stall.release()
    assert logger.complete(LIMIT)
    for later in range(number, number + 5000):
        logger.info(str(later))

    assert logger.complete(LIMIT)
    assert overflow_of(sink) == dropped == count_gaps(stall.lines())


def test_notice_stands_where_records_are_missing(stall):
    sink = stall.add(overflow="drop_new", max_buffered_lines=10)
    count = fill_queue(sink)

    stall.release()
    wait_until(lambda: logger.stats()["sinks"][sink]["pending"] == 0)
    logger.info("after")

    assert stall.lines()[count - 1 :] == ["1 record dropped", "after"]


def test_notice_needs_no_further_record(stall):
    sink = stall.add(overflow="drop_new", max_buffered_lines=10)
    fill_queue(sink)

    stall.release()

    assert stall.lines()[-1] == "1 record dropped"


def test_notice_is_a_warning_with_the_count_as_a_field(stall):
    sink = stall.add(overflow="drop_new", max_buffered_lines=1, json=True, format="{module}")
    fill_queue(sink)

    stall.release()

    notice = json.loads(stall.lines()[-1])
    del notice["timestamp"]
    assert notice == {
        "level": "WARNING",
        "message": "1 record dropped",
        "fields": {"dropped": 1},
        "module": "logly",
    }


def test_notice_passes_every_level_and_filter(stall):
    sink = stall.add(overflow="drop_new", max_buffered_lines=1, level="ERROR", filter=__name__)

    while overflow_of(sink) == 0:
        logger.error("m")
    stall.release()

    assert stall.lines()[-1] == "1 record dropped"


def test_notice_is_in_the_default_format_of_a_sink_whose_format_is_a_function(stall):
    sink = stall.add(overflow="drop_new", max_buffered_lines=1, format=lambda record: "own " + record["message"])
    fill_queue(sink)

    stall.release()

    lines = stall.lines()
    assert lines[0] == "own 0"
    assert lines[-1].endswith(" | WARNING | 1 record dropped")


def test_notice_counts_neither_as_accepted_nor_as_written(stall):
    sink = stall.add(overflow="drop_new", max_buffered_lines=1)
    count = fill_queue(sink)

    stall.release()
    assert logger.complete(LIMIT)

    counts = logger.stats()["sinks"][sink]
    assert (counts["accepted"], counts["written"]) == (count, count - 1)
    assert len(stall.lines()) == count


def test_only_records_that_a_sink_wanted_count_as_dropped_for_it(stall, tmp_path):
    queue = {"overflow": "drop_new", "max_buffered_lines": 10}
    wanting = stall.add(**queue)
    warned = logger.add(tmp_path / "warned.log", level="WARNING", **queue)
    fill_queue(wanting)

    for _ in range(50):
        logger.info("m")
        logger.warning("m")
    stall.release()
    assert logger.complete(LIMIT)

    counts = logger.stats()["sinks"]
    assert counts[warned]["accepted"] == counts[wanting]["accepted"]
    assert counts[warned]["written"] + counts[warned]["dropped"]["overflow"] == 50
    assert counts[warned]["filtered"] == counts[warned]["accepted"] - 50


@pytest.mark.parametrize("overflow", ["drop_new", "drop_old"])
def test_lines_that_python_made_are_counted_too(stall, overflow):
    sink = stall.add(overflow=overflow, max_buffered_lines=10, filter=lambda record: int(record["message"]) % 2 == 0)

    for number in range(1000):
        logger.info(str(number))
    stall.release()
    assert logger.complete(LIMIT)

    counts = logger.stats()["sinks"][sink]
    lines = [line for line in stall.lines() if "dropped" not in line]
    assert (counts["accepted"], counts["filtered"], counts["pending"]) == (1000, 500, 0)
    assert counts["written"] == len(lines) == 500 - counts["dropped"]["overflow"]


@pytest.mark.parametrize("overflow", ["drop_new", "drop_old"])
def test_records_too_large_for_the_ring_are_dropped_like_others(stall, overflow):
    sink = stall.add(overflow=overflow, buffer_size=8192, format="{message}")

    for number in range(200):
        logger.info(f"{number} " + "x" * (5000 if number % 3 else 50))
    stall.release()
    assert logger.complete(LIMIT)

    counts = logger.stats()["sinks"][sink]
    lines = stall.lines()
    assert counts["dropped"]["overflow"] == count_gaps(lines) > 100
    assert all(len(line.split()[-1]) in {5000, 50, 7} for line in lines)


def test_record_larger_than_the_queue_is_written_in_its_place(tmp_path):
    logger.add(tmp_path / "app.log", buffer_size=4096, format="{message}")

    logger.info("before")
    logger.info("x" * 100_000)
    logger.info("after")

    assert logger.complete(LIMIT)
    assert (tmp_path / "app.log").read_text() == "before\n" + "x" * 100_000 + "\nafter\n"


def test_waiting_records_are_bounded_in_bytes(stall):
    sink = stall.add(overflow="drop_new", buffer_size=64 * 1024)

    for number in range(100):
        logger.info(f"{number} " + "x" * 20_000)

    # The limit is a ring of that size, as much again outside it, and the writer's last batch before it got stuck.
    assert logger.stats()["sinks"][sink]["pending"] <= 3 * 64 * 1024 // 20_000 + 3


def test_file_that_stalls_holds_up_none_with_other_options(stall, tmp_path):
    stall.add(overflow="drop_new", max_buffered_lines=10)
    logger.add(tmp_path / "app.log", format="{message}")

    for number in range(1000):
        logger.info(str(number))

    assert not logger.flush(0.1)
    assert count_gaps((tmp_path / "app.log").read_text().splitlines()) == 0
    assert len((tmp_path / "app.log").read_text().splitlines()) == 1000


def test_files_with_the_same_options_share_a_thread_that_ends_with_the_last(tmp_path):
    logger.add(tmp_path / "default.log")
    logger.info("m")
    # A thread that has just started has no name yet, and those of earlier tests may still be ending.
    wait_until(lambda: writers() == 1)
    before = 1
    first, second = (logger.add(tmp_path / name, buffer_size=65536) for name in ("a.log", "b.log"))

    logger.info("m")
    assert logger.complete(LIMIT)
    during = writers()
    logger.remove(first)
    logger.info("m")
    logger.remove(second)

    assert during == before + 1
    assert (tmp_path / "b.log").read_text().count("\n") == 2
    wait_until(lambda: writers() == before)


def test_removed_file_has_everything_and_its_options_may_come_again(tmp_path):
    for attempt in range(3):
        path = tmp_path / f"{attempt}.log"
        sink = logger.add(path, buffer_size=65536, format="{message}")
        for number in range(1000):
            logger.info(str(number))
        logger.remove(sink)

        assert count_gaps(path.read_text().splitlines()) == 0
        assert path.read_text().count("\n") == 1000


def test_deleted_logger_writes_what_its_queues_hold(tmp_path):
    owner = Logger()
    owner.configure(console=False)
    owner.add(tmp_path / "app.log", flush_interval=HOUR, format="{message}")
    before = writers()
    for number in range(1000):
        owner.info(str(number))

    del owner

    wait_until(lambda: (tmp_path / "app.log").read_text().count("\n") == 1000)
    wait_until(lambda: writers() <= before)


def test_capture_hides_files_with_queues_of_their_own(tmp_path):
    logger.add(tmp_path / "app.log", buffer_size=65536, format="{message}")
    logger.info("before")

    with logly.testing.capture() as records:
        logger.info("captured")
    logger.info("after")

    assert logger.complete(LIMIT)
    assert [record["message"] for record in records] == ["captured"]
    assert (tmp_path / "app.log").read_text() == "before\nafter\n"


def test_synchronous_file_has_no_queue_to_overflow(tmp_path):
    sink = logger.add(
        tmp_path / "app.log", async_write=False, overflow="drop_new", max_buffered_lines=1, format="{message}"
    )

    for number in range(1000):
        logger.info(str(number))

    assert count_gaps((tmp_path / "app.log").read_text().splitlines()) == 0
    assert logger.stats()["sinks"][sink]["written"] == 1000


@pytest.fixture
def resting(tmp_path):
    """Give a file whose writer sleeps for an hour unless it is woken."""
    path = tmp_path / "resting.log"
    logger.add(path, flush_interval=HOUR, max_buffered_lines=10, overflow="drop_new", format="{message}")
    logger.info("0")
    # At the second call the writer finds nothing and parks. The next record wakes it, and then it sleeps for the hour.
    assert logger.complete(LIMIT)
    assert logger.complete(LIMIT)
    logger.info("1")
    wait_until(lambda: path.read_text() == "0\n1\n")
    return path


def test_records_wait_for_the_flush_interval(resting):
    logger.info("2")

    assert resting.read_text() == "0\n1\n"
    assert logger.flush(LIMIT)
    assert resting.read_text() == "0\n1\n2\n"


def test_an_error_wakes_a_writer_that_rests(resting):
    logger.info("2")
    logger.error("3")

    wait_until(lambda: resting.read_text() == "0\n1\n2\n3\n")


def test_a_queue_half_full_wakes_a_writer_that_rests(resting):
    for number in range(2, 8):
        logger.info(str(number))

    # The writer may be faster than the last call. Then "7" waits for the interval.
    wait_until(lambda: "6\n" in resting.read_text())


def test_forked_child_has_queues_of_its_own(tmp_path):
    logger.add(tmp_path / "app.log", buffer_size=65536, overflow="drop_old", format="{process} {message}")
    logger.info("before")

    child = os.fork()
    if child == 0:
        logger.info("child")
        os._exit(0 if logger.complete(LIMIT) else 1)
    _, status = os.waitpid(child, 0)
    logger.info("after")

    assert status == 0
    assert logger.complete(LIMIT)
    parent = os.getpid()
    lines = (tmp_path / "app.log").read_text().splitlines()
    assert sorted(lines) == sorted([f"{parent} before", f"{child} child", f"{parent} after"])

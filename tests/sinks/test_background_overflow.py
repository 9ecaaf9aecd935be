"""Full queues of Python sinks in the background: the records each policy keeps; every record is counted."""

from __future__ import annotations

import re
import statistics
import threading
import time

import pytest
from logly import logger

pytestmark = pytest.mark.usefixtures("no_console")

LIMIT = 60
"""Seconds after which a hanging call fails its test."""

RECORDS = 4_000


class SlowSink:
    """Takes half a millisecond for each line."""

    def __init__(self):
        self.numbers = []
        self.notices = []
        self.is_called = threading.Event()
        self.may_go = threading.Event()
        self.may_go.set()

    def __call__(self, line):
        self.is_called.set()
        assert self.may_go.wait(LIMIT)
        time.sleep(0.0005)
        dropped = line.record.get("dropped")
        if dropped is None:
            self.numbers.append(line.record["n"])
        else:
            self.notices.append(dropped)
            assert re.fullmatch(r"\d+ records? dropped\n", line)
            assert (line.record["level"], line.record["module"]) == ("WARNING", "logly")


def log(first, last):
    """Log numbered records and return how long each call took, in seconds."""
    times = []
    for number in range(first, last):
        before = time.perf_counter()
        logger.info("record", n=number)
        times.append(time.perf_counter() - before)
    return times


def counts(sink):
    info = logger.sink_info(sink)
    return info["written"], info["filtered"], info["dropped"]


def test_block_loses_nothing():
    slow = SlowSink()
    sink = logger.add(slow, format="{message}", async_write=True, max_buffered_lines=50)

    log(0, RECORDS)

    assert logger.complete(LIMIT)
    assert slow.numbers == list(range(RECORDS))
    assert counts(sink) == (RECORDS, 0, 0)
    assert slow.notices == []


@pytest.mark.parametrize("overflow", ["drop_new", "drop_old"])
def test_dropped_records_are_counted_and_told(overflow):
    slow = SlowSink()
    sink = logger.add(slow, format="{message}", async_write=True, overflow=overflow, max_buffered_lines=50)

    times = log(0, RECORDS)
    assert logger.complete(LIMIT)
    log(RECORDS, RECORDS + 1)

    assert logger.complete(LIMIT)
    written, filtered, dropped = counts(sink)
    assert slow.numbers == sorted(set(slow.numbers))
    assert (written, filtered, dropped) == (len(slow.numbers), 0, RECORDS + 1 - len(slow.numbers))
    assert sum(slow.notices) == dropped > 0
    # Most calls dropped a record; none of them waited for a sink that takes half a millisecond.
    assert statistics.median(times) < 0.0005


def test_drop_new_keeps_the_oldest():
    slow = SlowSink()
    slow.may_go.clear()
    sink = logger.add(slow, format="{message}", async_write=True, overflow="drop_new", max_buffered_lines=10)
    log(0, 1)
    # From here on no record leaves the queue, so that none of the later ones finds room.
    assert slow.is_called.wait(LIMIT)
    log(1, 100)
    slow.may_go.set()

    assert logger.complete(LIMIT)
    kept = slow.numbers
    assert kept == list(range(len(kept)))
    assert 10 <= len(kept) <= 11
    assert counts(sink) == (len(kept), 0, 100 - len(kept))


def test_drop_old_keeps_the_newest():
    slow = SlowSink()
    slow.may_go.clear()
    sink = logger.add(slow, format="{message}", async_write=True, overflow="drop_old", max_buffered_lines=10)
    log(0, 100)
    slow.may_go.set()

    assert logger.complete(LIMIT)
    kept = slow.numbers
    assert kept[-10:] == list(range(90, 100))
    assert counts(sink) == (len(kept), 0, 100 - len(kept))
    assert sum(slow.notices) == 100 - len(kept)


def test_block_gives_up_after_its_timeout_and_then_at_once():
    slow = SlowSink()
    slow.may_go.clear()
    sink = logger.add(slow, format="{message}", async_write=True, block_timeout=0.5, max_buffered_lines=10)
    times = log(0, 200)
    slow.may_go.set()

    assert logger.complete(LIMIT)
    kept = slow.numbers
    assert kept == list(range(len(kept)))
    assert counts(sink) == (len(kept), 0, 200 - len(kept))
    assert 0.5 <= sum(times) < 20


def test_blocked_caller_goes_on_when_there_is_room():
    slow, is_full = SlowSink(), threading.Event()
    slow.may_go.clear()

    def work():
        log(0, 20)
        is_full.set()
        log(20, 100)

    sink = logger.add(slow, format="{message}", async_write=True, max_buffered_lines=30)
    thread = threading.Thread(target=work)
    thread.start()
    assert is_full.wait(LIMIT)
    slow.may_go.set()
    thread.join(LIMIT)

    assert logger.complete(LIMIT)
    assert slow.numbers == list(range(100))
    assert counts(sink) == (100, 0, 0)


def test_queue_of_bytes_is_bounded():
    slow = SlowSink()
    slow.may_go.clear()
    sink = logger.add(slow, format="{message}", async_write=True, overflow="drop_new", buffer_size=4096)
    log(0, 1_000)
    slow.may_go.set()

    assert logger.complete(LIMIT)
    written, _filtered, dropped = counts(sink)
    assert written + dropped == 1_000
    assert 0 < written < 100


def test_record_larger_than_the_queue_is_written():
    lines = []
    logger.add(lines.append, format="{message}", async_write=True, buffer_size=4096)

    logger.info("x" * 100_000)

    assert logger.complete(LIMIT)
    assert lines == ["x" * 100_000 + "\n"]


def test_slow_sink_blocks_no_file(tmp_path):
    may_go = threading.Event()
    logger.add(lambda _line: may_go.wait(LIMIT), async_write=True, overflow="drop_new", max_buffered_lines=10)
    file = logger.add(tmp_path / "app.log", format="{message}")

    log(0, 1_000)

    assert logger.flush(timeout=0.2) is False
    assert len((tmp_path / "app.log").read_text().splitlines()) == 1_000
    assert logger.sink_info(file)["written"] == 1_000
    may_go.set()


def test_notice_is_in_the_default_format_and_no_format_function_runs_on_the_lane():
    lines, threads = [], set()
    begun, may_go = threading.Event(), threading.Event()

    def sink(line):
        begun.set()
        assert may_go.wait(LIMIT)
        lines.append(line)

    def shown(record):
        threads.add(threading.get_ident())
        return "own " + record["message"]

    logger.add(sink, format=shown, async_write=True, overflow="drop_new", max_buffered_lines=1)
    logger.info("first")
    assert begun.wait(LIMIT)
    for _ in range(10):
        logger.info("more")
    may_go.set()

    assert logger.complete(LIMIT)
    assert lines[0] == "own first\n"
    assert re.search(r" \| WARNING \| \d+ records dropped\n", lines[-1])
    assert lines[-1].record["dropped"] > 0
    assert threads == {threading.get_ident()}

"""A queue that is full because its file stalls: callers wait as long as configured, and no record goes missing."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from logly import logger

from tests.faults.support.oracle import check_log, run
from tests.support.stall import NOTICE, Stall, count_gaps, fill_queue

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("no_console")

ROOT = str(Path(__file__).resolve().parents[3])
LIMIT = 30
LONGEST_CALL = 0.005
"""The most seconds that a call may take when records are dropped, on a machine that is not busy."""

STALL = """
import json
from tests.support.stall import Stall, count_gaps
stall = Stall("pipe")

def counts(sink):
    return logger.stats()["sinks"][sink]
"""


@pytest.fixture
def stall(tmp_path: Path) -> Iterator[Stall]:
    """Give a file that accepts no data until it is released."""
    stalled = Stall(tmp_path / "pipe")
    yield stalled
    stalled.close()


def count_long_calls(count: int) -> int:
    """Log *count* records and return how many calls took too long."""
    long = 0
    for number in range(count):
        start = time.perf_counter()
        logger.info(str(number))
        long += time.perf_counter() - start > LONGEST_CALL
    return long


@pytest.mark.parametrize("overflow", ["drop_new", "drop_old"])
def test_dropping_delays_no_caller(stall: Stall, overflow: str) -> None:
    sink = stall.add(overflow=overflow, buffer_size=64 * 1024)
    fill_queue(sink)

    long = count_long_calls(5000)

    # A busy machine delays a call now and then. Calls that waited for a full queue would be slow far more often.
    assert long < 500


def test_blocked_caller_leaves_the_interpreter_to_others(stall: Stall) -> None:
    sink = stall.add(block_timeout=float("inf"), max_buffered_lines=10)
    is_over = threading.Event()

    def log() -> None:
        for number in range(5000):
            logger.info(str(number))
        is_over.set()

    blocked = threading.Thread(target=log)
    blocked.start()
    before = -1
    while logger.stats()["sinks"][sink]["accepted"] > before:
        before = logger.stats()["sinks"][sink]["accepted"]
        assert not is_over.wait(0.2)
    stall.release()
    blocked.join(LIMIT)

    assert is_over.is_set()
    assert logger.complete(LIMIT)
    assert count_gaps(stall.lines()) == 0


def test_ctrl_c_ends_the_wait_of_a_blocked_caller(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        sink = stall.add(block_timeout=float("inf"), max_buffered_lines=10)
        import time
        def interrupt():
            # Once: a second one would come where nothing catches it.
            while True:
                before = number
                time.sleep(0.2)
                if number == before > 10:
                    return os.kill(os.getpid(), signal.SIGINT)
        number = 0
        threading.Thread(target=interrupt, daemon=True).start()
        try:
            while True:
                logger.info(str(number))
                number += 1
        except KeyboardInterrupt:
            pass
        stall.release()
        assert logger.complete(30)
        found = counts(sink)
        assert found["accepted"] in (number, number + 1), (found, number)
        assert found["pending"] == 0
        assert found["written"] + found["dropped"]["overflow"] == found["accepted"]
        assert count_gaps(stall.lines()) == found["dropped"]["overflow"]
        """,
        STALL,
        PYTHONPATH=ROOT,
    )

    result.check(stderr="")


@pytest.mark.parametrize("overflow", ["block", "drop_new", "drop_old"])
def test_records_of_eight_threads_are_written_or_counted(stall: Stall, overflow: str) -> None:
    sink = stall.add(overflow=overflow, buffer_size=4096)
    count = 5000

    def log(thread: int) -> None:
        for number in range(count):
            logger.info(f"{thread} {number}")

    threads = [threading.Thread(target=log, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    stall.release()
    for thread in threads:
        thread.join(LIMIT)
        assert not thread.is_alive()
    assert logger.complete(LIMIT)

    counts = logger.stats()["sinks"][sink]
    dropped = counts["dropped"]["overflow"]
    assert (counts["accepted"], counts["pending"]) == (8 * count, 0)
    assert counts["written"] + dropped == 8 * count
    numbers: dict[str, list[int]] = defaultdict(list)
    told = 0
    for line in stall.lines():
        notice = NOTICE.fullmatch(line)
        if notice:
            told += int(notice[1])
        else:
            logged_by, number = line.split()
            numbers[logged_by].append(int(number))
    assert told == dropped
    assert sum(map(len, numbers.values())) == counts["written"]
    assert all(found == sorted(set(found)) for found in numbers.values())
    assert overflow != "block" or dropped == 0


@pytest.mark.parametrize("options", ["", "buffer_size=65536", "max_buffered_lines=100"])
def test_burst_is_written_whole_and_in_order(tmp_path: Path, options: str) -> None:
    result = run(tmp_path, f"add({options}); log(200_000); assert logger.flush(50); os._exit(0)")

    result.check(stderr="")
    assert sum(check_log(tmp_path / "app.log").values()) == 200_000


@pytest.mark.parametrize("overflow", ["block", "drop_new", "drop_old"])
def test_process_ends_in_time_with_a_queue_full(tmp_path: Path, overflow: str) -> None:
    start = time.monotonic()
    result = run(
        tmp_path,
        f"""
        import atexit, logly._process.lifecycle
        sink = stall.add(overflow="{overflow}", block_timeout=0.1, max_buffered_lines=100)
        add("app.log")
        log(1000)
        atexit.register(lambda: print(json.dumps(counts(sink))))
        logly._process.lifecycle.install()
        """,
        STALL,
        PYTHONPATH=ROOT,
    )
    took = time.monotonic() - start

    result.check()
    *_, last = result.stderr.splitlines()
    told = re.fullmatch(r"logly: (\d+) records could not be written before the process ended", last)
    counts = json.loads(result.stdout)
    assert told is not None
    assert int(told[1]) == counts["pending"] + counts["dropped"]["exit_timeout"] > 0
    assert counts["accepted"] == 1000
    assert counts["written"] + counts["dropped"]["overflow"] + int(told[1]) == 1000
    assert sum(check_log(tmp_path / "app.log").values()) == 1000
    assert took < 5.5 + LIMIT


def test_forked_child_does_not_wait_for_its_parents_queue(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        sink = stall.add(block_timeout=float("inf"), max_buffered_lines=10)
        threading.Thread(target=log, args=(1000,), daemon=True).start()
        before = -1
        while counts(sink)["accepted"] > before:
            before = counts(sink)["accepted"]
            threading.Event().wait(0.2)
        child = os.fork()
        if child == 0:
            found = counts(sink)
            add("child.log", overflow="drop_old")
            logger.remove(sink)
            log(100)
            assert logger.complete(30)
            os._exit(0 if found["accepted"] == 0 else 1)
        _, status = os.waitpid(child, 0)
        print(status, flush=True)
        stall.release()
        assert logger.complete(30)
        os._exit(0)
        """,
        STALL,
        PYTHONPATH=ROOT,
    )

    result.check(stdout="0\n", stderr="")
    assert sum(check_log(tmp_path / "child.log").values()) == 100

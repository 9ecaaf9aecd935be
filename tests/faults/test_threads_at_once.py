"""Many threads at once: records, sinks, settings and code that come and go.

Builds without a GIL run all of it in parallel. `make stress` does the first two at length.
"""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path

from logly import Logger

from tests.faults.support.many_threads import log_together, run_together
from tests.support import child

ROOT = Path(__file__).resolve().parent.parent.parent

THREADS = 6
RECORDS = 3000


def check_order(lines: list[str], count: int = RECORDS) -> None:
    """Assert that each thread's numbers are all there, in order."""
    numbers: dict[str, list[int]] = {}
    for line in lines:
        thread, number = line.split()
        numbers.setdefault(thread, []).append(int(number))
    assert numbers == {str(thread): list(range(count)) for thread in range(THREADS)}


def test_two_files_get_the_same_records_of_all_threads(tmp_path: Path) -> None:
    assert log_together(tmp_path, 4000) > 0


def test_everything_changes_while_threads_log_and_a_thread_forks() -> None:
    program = [sys.executable, "-m", "tests.faults.support.many_threads", "0.05"]

    done = child.execute(program, cwd=ROOT, timeout=240).check(stderr="")

    assert done.stdout.count("nothing lost, torn or out of order") == 2


def test_first_records_of_many_threads_reach_a_queue_that_they_make_together(tmp_path: Path) -> None:
    for attempt in range(20):
        logger = Logger()
        path = tmp_path / f"{attempt}.log"
        logger.add(path, format="{message}")

        def work(thread: int, own: Logger = logger) -> None:
            for number in range(20):
                own.info("{} {}", thread, number)

        run_together(lambda thread=thread: work(thread) for thread in range(THREADS))
        assert logger.complete(timeout=30)
        check_order(path.read_text().splitlines(), 20)


def test_records_from_code_that_comes_and_goes(tmp_path: Path) -> None:
    logger = Logger()
    logger.add(tmp_path / "app.log", format="{message}")
    source = "def log(logger, thread, number):\n    logger.info('{thread} {number}', thread=thread, number=number)\n"

    def work(thread: int) -> None:
        for number in range(RECORDS):
            if number % 10 == 0:
                names: dict = {}
                exec(compile("\n" * (number % 97) + source, f"made-{thread}.py", "exec"), names)
            names["log"](logger, thread, number)

    run_together(lambda thread=thread: work(thread) for thread in range(THREADS))

    assert logger.complete(timeout=60)
    check_order((tmp_path / "app.log").read_text().splitlines())


def test_sinks_and_settings_that_change_while_threads_log(tmp_path: Path) -> None:
    logger = Logger()
    kept = logger.add(tmp_path / "app.log", format="{message}", filter=lambda record: "n" in record["extra"])
    seen: list[str] = []
    logger.add(seen.append, format="{message}", filter=lambda record: "n" in record["extra"])
    done = threading.Event()

    def work(thread: int) -> None:
        for number in range(RECORDS):
            logger.bind(n=number).info("{} {}", thread, number)

    def change() -> None:
        number = 0
        while not done.is_set():
            number += 1
            options = [{}, {"async_write": False}, {"max_buffered_lines": 1000}, {"level": "ERROR"}][number % 4]
            sink = logger.add(tmp_path / f"other-{number % 7}.log", **options)
            logger.configure(extra={"round": number})
            logger.set_level("DEBUG", sink)
            logger.stats()
            assert logger.remove(sink)

    workers = [lambda thread=thread: work(thread) for thread in range(THREADS)]
    changer = threading.Thread(target=change)
    changer.start()
    try:
        run_together(workers)
    finally:
        done.set()
        changer.join()

    assert logger.complete(timeout=60)
    check_order((tmp_path / "app.log").read_text().splitlines())
    check_order([line.rstrip("\n") for line in seen])
    assert logger.stats()["sinks"][kept]["written"] == THREADS * RECORDS


def test_small_queue_loses_nothing_that_it_does_not_count(tmp_path: Path) -> None:
    for overflow in ("block", "drop_old", "drop_new"):
        logger = Logger()
        path = tmp_path / f"{overflow}.log"
        sink = logger.add(path, format="{message}", buffer_size=65_536, overflow=overflow)

        def work(thread: int, own: Logger = logger) -> None:
            for number in range(RECORDS):
                own.info("{} {} {}", thread, number, "x" * 200)

        run_together(lambda thread=thread: work(thread) for thread in range(THREADS))
        assert logger.complete(timeout=60)

        counts = logger.stats()["sinks"][sink]
        lines = [line for line in path.read_text().splitlines() if line.endswith("x" * 200)]
        dropped = sum(counts["dropped"].values())
        assert (counts["accepted"], counts["pending"]) == (THREADS * RECORDS, 0)
        assert len(lines) == len(set(lines)) == counts["written"] == THREADS * RECORDS - dropped
        assert overflow != "block" or dropped == 0


def test_threads_that_intercept_logging_leave_it_as_it_was() -> None:
    # In a process of its own, so that the native methods are made by several threads at once.
    program = """
import logging
from logly import Logger, intercept_logging
from tests.faults.support.many_threads import run_together

def state():
    root = logging.root
    return dict(vars(logging.Logger)), list(root.handlers), root.level, root.propagate, root.disabled

target = Logger()
target.remove_all()
before = state()

def work():
    for _ in range(30):
        intercept_logging(logger=target).undo()

run_together([work] * 6)
assert state() == before
"""
    child.run(program, cwd=ROOT).check(stderr="")


def test_handler_that_threads_add_and_remove_is_closed_with_its_last_sink() -> None:
    class Closing(logging.Handler):
        closed = 0

        def emit(self, record: logging.LogRecord) -> None:
            pass

        def close(self) -> None:
            type(self).closed += 1
            super().close()

    handler = Closing()
    logger = Logger()
    logger.remove_all()
    kept = logger.add(handler)

    def work() -> None:
        for _ in range(200):
            assert logger.remove(logger.add(handler))

    run_together([work] * THREADS)
    assert Closing.closed == 0
    assert logger.remove(kept)
    assert Closing.closed == 1

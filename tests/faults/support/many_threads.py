"""Many threads that log at once: alone, and while sinks, levels, callbacks and processes come and go.

`make stress` runs the full form. `python -m tests.faults.support.many_threads SHARE` does a share of it; 1 is all.
"""

from __future__ import annotations

import gc
import itertools
import json
import os
import random
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

from logly import Logger

_THREADS = 8
_RECORDS = 100_000
"""Records of each thread."""

_RUNS = 10
_SECONDS = 60
"""How long everything changes."""

_LIMIT = 120
"""Seconds after which something counts as hung."""

_OF_CHILD = 20
"""Records of each child."""


def run_together(works) -> None:
    """Run each function in a thread of its own, all beginning together; the first error is raised."""
    works = list(works)
    barrier = threading.Barrier(len(works))
    errors: list[BaseException] = []

    def begin(work) -> None:
        barrier.wait()
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=begin, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def check_order(lines, counts: list[int]) -> None:
    """Assert that `t<thread> <number> <padding>` lines are whole, all there, and in order within each thread."""
    following = [0] * len(counts)
    for line in lines:
        thread, number, padding = line.split(" ")
        at = int(thread[1:])
        assert (int(number), padding) == (following[at], "x" * (following[at] % 60)), line
        following[at] += 1
    assert following == counts


def log_together(folder: Path, records: int, threads: int = _THREADS) -> float:
    """Log from many threads to a text and a JSON file, read both, and return the records a second."""
    logger = Logger()
    logger.remove_all()
    logger.add(folder / "app.log", format="{message}")
    logger.add(folder / "app.json", json=True)

    def log(thread: int) -> None:
        for number in range(records):
            logger.info("t{thread} {number} {padding}", thread=thread, number=number, padding="x" * (number % 60))

    begin = time.perf_counter()
    run_together(lambda thread=thread: log(thread) for thread in range(threads))
    assert logger.complete(timeout=_LIMIT)
    took = time.perf_counter() - begin
    counts = [records] * threads
    with (folder / "app.log").open() as lines:
        check_order((line.rstrip("\n") for line in lines), counts)
    with (folder / "app.json").open() as lines:
        check_order((json.loads(line)["message"] for line in lines), counts)
    assert [sink["written"] for sink in logger.stats()["sinks"].values()] == [threads * records] * 2
    logger.remove_all()
    return threads * records / took


class Chaos:
    """Some threads log to files that stay. Others change everything else at the same time."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.folder = folder
        self.seconds = seconds
        self.logger = Logger()
        self.logger.remove_all()
        self.logger.add(folder / "lasting.log", format="{message}", filter=_is_numbered, rotation="1 MB")
        self.logger.add(folder / "lasting.json", json=True, filter=_is_numbered)
        self.is_over = threading.Event()
        self.counts = [0] * 4
        self.children = 0
        self.turns = 0
        self.names = itertools.count()

    def run(self) -> None:
        works = [lambda thread=thread: self.log(thread) for thread in range(len(self.counts))]
        works += [lambda seed=seed: self.change(seed) for seed in range(3)]
        run_together([*works, self.fork, self.end])
        assert self.logger.complete(timeout=_LIMIT)
        whole = [line for path in self.archives() for line in path.read_text().splitlines()]
        check_order(whole, self.counts)
        with (self.folder / "lasting.json").open() as lines:
            check_order((json.loads(line)["message"] for line in lines), self.counts)
        lines = (self.folder / "children.log").read_text().splitlines()
        assert sorted(lines) == sorted(f"{n} {i}" for n in range(self.children) for i in range(_OF_CHILD))

    def archives(self) -> list[Path]:
        """List the rotated files, oldest first, and the last one."""
        rotated = sorted(self.folder.glob("lasting.*.log"), key=lambda path: path.stat().st_mtime_ns)
        return [*rotated, self.folder / "lasting.log"]

    def end(self) -> None:
        self.is_over.wait(self.seconds)
        self.is_over.set()

    def log(self, thread: int) -> None:
        number = 0
        while not self.is_over.is_set():
            padding = "x" * (number % 60)
            self.logger.info("t{thread} {number} {padding}", thread=thread, number=number, padding=padding)
            number += 1
        self.counts[thread] = number

    def change(self, seed: int) -> None:
        """Make one change after another."""
        chosen = random.Random(seed)
        changes = (self.add_file, self.add_function, self.add_callback, self.look, self.run_new_code, self.fail)
        while not self.is_over.is_set():
            chosen.choice(changes)(chosen)
            self.turns += 1

    def add_file(self, chosen: random.Random) -> None:
        path = self.folder / f"other-{next(self.names)}.log"
        options = {"async_write": chosen.random() < 0.5, "json": chosen.random() < 0.5}
        sink = self.logger.add(path, level="DEBUG", rotation="20 KB", retention=2, **options)
        self.logger.info("other")
        self.logger.set_level("ERROR", sink)
        assert self.logger.complete(timeout=_LIMIT)
        assert self.logger.remove(sink)
        assert path.read_text()
        for left in self.folder.glob(f"{path.stem}*"):
            left.unlink()

    def add_function(self, chosen: random.Random) -> None:
        lines: list[str] = []
        sink = self.logger.add(lines.append, format="{message}", async_write=chosen.random() < 0.5)
        self.logger.warning("other")
        assert self.logger.remove(sink)
        assert any(line.rstrip("\n") == "other" for line in lines)

    def add_callback(self, _chosen: random.Random) -> None:
        seen: list[str] = []
        callback = self.logger.add_callback(lambda record: seen.append(record["message"]), level="ERROR")
        self.logger.error("other")
        assert self.logger.complete(timeout=_LIMIT)
        assert self.logger.remove_callback(callback)
        assert "other" in seen

    def look(self, chosen: random.Random) -> None:
        assert len(self.logger.stats()["sinks"]) >= 2
        self.logger.disable("nobody")
        with self.logger.contextualize(request=chosen.random()):
            self.logger.bind(user=[chosen.random()]).debug("other")
        self.logger.enable("nobody")

    def run_new_code(self, _chosen: random.Random) -> None:
        source = "logger.info('other {number}', number=1)\n" * 3
        exec(compile(source, f"made-{next(self.names)}", "exec"), {"logger": self.logger})

    def fail(self, _chosen: random.Random) -> None:
        try:
            raise ValueError([self])
        except ValueError:
            self.logger.exception("other")

    def fork(self) -> None:
        """Fork one child after another; each logs to a file of its own and to one that all share."""
        while not self.is_over.is_set():
            child = os.fork()
            if child == 0:
                self.be_child()
            deadline = time.monotonic() + _LIMIT
            while os.waitpid(child, os.WNOHANG) == (0, 0):
                assert time.monotonic() < deadline, "a child hangs"
                time.sleep(0.002)
            self.children += 1

    def be_child(self) -> None:
        # CPython does not renew the lock of its collector in children, and a thread of the parent may hold it.
        gc.disable()
        logger = Logger()
        logger.remove_all()
        logger.add(self.folder / "children.log", format="{message}")
        for number in range(_OF_CHILD):
            logger.info("{child} {number}", child=self.children, number=number)
        self.logger.info("other")
        os._exit(0 if logger.complete(timeout=_LIMIT) and self.logger.complete(timeout=_LIMIT) else 1)


def _is_numbered(record) -> bool:
    return "number" in record["extra"] and "thread" in record["extra"]


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    warnings.simplefilter("ignore", DeprecationWarning)  # CPython warns about forks in programs with threads.
    share = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    has_gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    _tell(f"CPython {sys.version.split()[0]}, {'with' if has_gil else 'without'} a GIL")
    for run in range(max(1, round(_RUNS * share))):
        with tempfile.TemporaryDirectory() as folder:
            rate = log_together(Path(folder), max(1, round(_RECORDS * share)))
            _tell(f"run {run + 1}: nothing lost, torn or out of order; {rate:,.0f} records a second")
    with tempfile.TemporaryDirectory() as folder:
        chaos = Chaos(Path(folder), _SECONDS * share)
        chaos.run()
        counted = f"{sum(chaos.counts):,} records, {chaos.turns:,} changes, {chaos.children:,} children"
        _tell(f"chaos: {counted}; nothing lost, torn or out of order")


if __name__ == "__main__":
    main()

"""Programs that log until they are killed, and the oracle of their log: each accepted record once, in order, whole.

A program counts the records that were accepted in memory that it shares with the test. It may have logged one more for
each thread, whose call had not returned. Only a file with an ordinary queue may lose records: the newest, and no more
than its queue holds.
"""

from __future__ import annotations

import gzip
import json
import mmap
import os
import random
import re
import select
import signal
import struct
import subprocess
import sys
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.child import LIMIT, environment_of

if TYPE_CHECKING:
    from collections.abc import Iterator

OPTIONS: dict[str, dict[str, Any]] = {
    "text": {"format": "{message}"},
    "json": {"json": True},
    "rotating": {"rotation": "20 kB", "format": "{message}"},
    "compressed": {"rotation": "20 kB", "compression": "gzip", "json": True},
    "small queue": {"rotation": "5 kB", "buffer_size": 4096, "format": "{message}"},
}

MODES: dict[str, dict[str, Any]] = {
    "crash": {"durability": "crash"},
    "sync_level": {"sync_level": "TRACE"},
    "synchronous": {"async_write": False},
    "background": {},
}
"""Options by which a file keeps records whose call has returned; only the last of them may lose some."""

QUEUE = 8 * 1024 * 1024
"""Bytes of an ordinary queue."""

_LEAST_RECORD = 64
"""Bytes that a record takes in a queue, at least."""

_COUNTS = 4096 + 8 * 4096
"""Bytes of the memory that a program shares: counts, and the times of its latest calls."""

_PROGRAM = """
import mmap, os, random, sys, threading, time
from logly import logger
from logly.testing import freeze

path, counts, options, run, process, threads, forks, steps, pause = eval(sys.argv[1])
# `struct.pack_into` would have a number be 0 for a moment.
shared = memoryview(mmap.mmap(os.open(counts, os.O_RDWR), 0)).cast("Q")
if steps:
    frozen = freeze("2025-03-30T00:00:00Z")
    clock = frozen.__enter__()
logger.configure(console=False)
logger.add(path, **options)

def work(thread):
    number = 0
    while True:
        place = f"run={run} process={process} thread={thread} number={number};"
        if number % 4 == 0:
            logger.info("plain %s" % place)
        elif number % 4 == 1:
            logger.info(
                "template run={run} process={process} thread={thread} number={number};",
                run=run, process=process, thread=thread, number=number,
            )
        elif number % 4 == 2:
            logger.bind(user="ada").warning("bound " + "x" * (number * 37 % 300) + " " + place)
        else:
            logger.error("error " + place)
        number += 1
        shared[8 * process + thread] = number
        if process == thread == 0:
            shared[512 + number % 4096] = time.monotonic_ns()
        if steps and number % 50 == 0:
            clock.tick(random.uniform(-900, 900))
        if pause:
            time.sleep(pause)

if forks and os.fork() == 0:
    process += 1
for thread in range(1, threads):
    threading.Thread(target=work, args=(thread,)).start()
work(0)
"""

_OPENER = """
import sys
from logly import logger

path, options = eval(sys.argv[1])
logger.configure(console=False)
logger.add(path, **options)
"""

_PLACE = re.compile(rb"run=(\d+) process=(\d+) thread=(\d+) number=(\d+);")


@dataclass
class Killing:
    """Runs of one program over one log, each ended by SIGKILL at a random point."""

    folder: Path
    kind: str
    seed: int
    mode: str = "crash"
    processes: int = 1
    threads: int = 1
    forks: bool = False
    steps: bool = False
    """Whether the clock is set forward and back."""
    beside: bool = False
    """Whether another program logs to the same file all the time, and is killed last."""
    accepted: dict[tuple[int, int, int], int] = field(default_factory=dict)
    lost: int = 0
    """Records that an ordinary queue lost, in all runs."""
    most_lost: int = 0
    """The most that one kill cost."""
    oldest_lost: float = 0.0
    """The longest time from a call whose record was lost to the kill, in milliseconds."""
    _calls: dict[int, tuple[int, bytes]] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """The path of the log."""
        return self.folder / "app.log"

    @property
    def _options(self) -> dict[str, Any]:
        return {**OPTIONS[self.kind], **MODES[self.mode]}

    def run(self, runs: int) -> None:
        """Run and kill the program, and note its accepted records."""
        chance = random.Random(self.seed)
        with self._another(runs) if self.beside else nullcontext():
            for run in range(runs):
                self._run_once(run, chance)

    @contextmanager
    def _another(self, run: int) -> Iterator[None]:
        """Run a program beside the others, and note its accepted records."""
        counts = self.folder / ".counts-beside"
        counts.write_bytes(bytes(_COUNTS))
        with counts.open("r+b") as file, mmap.mmap(file.fileno(), 0) as shared:
            program = self._start(run, 0, counts, pause=0.001)
            try:
                yield
            finally:
                program.kill()
                program.wait()
            for thread in range(self.threads):
                (self.accepted[run, 0, thread],) = struct.unpack_from("<Q", shared, 8 * thread)

    def _run_once(self, run: int, chance: random.Random) -> None:
        counts = self.folder / ".counts"
        counts.write_bytes(bytes(_COUNTS))
        with counts.open("r+b") as file, mmap.mmap(file.fileno(), 0) as shared:
            programs = [self._start(run, 2 * number, counts) for number in range(self.processes)]
            # Evenly spread over magnitudes: the first records are as likely as a full queue.
            goal = int(10 ** (4 * chance.random()))
            until = time.monotonic() + LIMIT
            while struct.unpack_from("<Q", shared)[0] < goal and time.monotonic() < until:
                time.sleep(0.0005)  # the program is to be killed at any moment, so nothing tells this one
            for program in programs:
                program.send_signal(signal.SIGKILL)
            killed = time.monotonic_ns()
            for program in programs:
                program.wait()
            self._kill_children()
            self._calls[run] = killed, shared[4096:]
            for process in range(2 * self.processes):
                for thread in range(self.threads):
                    (count,) = struct.unpack_from("<Q", shared, 8 * (8 * process + thread))
                    self.accepted[run, process, thread] = count

    def _start(self, run: int, process: int, counts: Path, pause: float = 0) -> subprocess.Popen[bytes]:
        program = (run, process, self.threads, self.forks, self.steps, pause)
        given = (str(self.log), str(counts), self._options, *program)
        return subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, repr(given)],
            env=environment_of(None),
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _kill_children(self) -> None:
        """Kill the forked children, which have no parent any more: they are found by their argument."""
        if not self.forks:
            return
        mark = str(self.log).encode()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                is_one = mark in (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if is_one:
                _kill_and_wait(int(folder.name))

    def recover(self) -> None:
        """Open the log once more, and end properly."""
        given = (str(self.log), self._options)
        opener = [sys.executable, "-c", _OPENER, repr(given)]
        subprocess.run(opener, check=True, env=environment_of(None), stderr=subprocess.DEVNULL, timeout=LIMIT)

    def check(self) -> int:
        """Check the log, and return the number of its records."""
        found: dict[tuple[int, int, int], list[int]] = {}
        for line in self._lines():
            places = _PLACE.findall(line)
            if not self._is_whole(line):
                # The next process ended the line of one that was killed in the middle of it.
                assert self.mode != "crash" or self.processes > 1 or self.forks or self.beside, line
                continue
            assert len(places) == 1, line
            run, process, thread, number = map(int, places[0])
            found.setdefault((run, process, thread), []).append(number)
        for key, count in self.accepted.items():
            numbers = found.get(key, [])
            if self.mode == "background":
                self._note_lost(key, count, numbers)
            else:
                assert numbers in (list(range(count)), list(range(count + 1))), (key, _difference(numbers, count))
        assert [path.name for path in self.folder.glob(".app.log.*")] == []
        return sum(map(len, found.values()))

    def _note_lost(self, key: tuple[int, int, int], count: int, numbers: list[int]) -> None:
        """Check that an ordinary queue lost only the newest records, and no more than it holds."""
        assert numbers == list(range(len(numbers))), (key, _difference(numbers, count))
        lost = max(0, count - len(numbers))
        assert lost * _LEAST_RECORD <= QUEUE, (key, lost)
        self.lost += lost
        self.most_lost = max(self.most_lost, lost)
        run, process, thread = key
        if 0 < lost < 4096 and process == thread == 0:
            killed, calls = self._calls[run]
            (at,) = struct.unpack_from("<Q", calls, (len(numbers) + 1) % 4096 * 8)
            self.oldest_lost = max(self.oldest_lost, (killed - at) / 1e6)

    def _is_whole(self, line: bytes) -> bool:
        if not OPTIONS[self.kind].get("json"):
            return line.endswith(b";")
        try:
            json.loads(line)
        except ValueError:
            return False
        return True

    def _lines(self) -> list[bytes]:
        found = set(self.folder.glob("app.*.log*"))
        # A kill between the end of a compression and the removal of the original leaves both.
        found -= {path.with_name(path.name + ".gz") for path in found}
        archives = sorted(found, key=lambda path: _order_of(path.name.removesuffix(".gz")))
        texts = [gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in archives]
        return [line for text in [*texts, self.log.read_bytes()] for line in text.split(b"\n") if line]


def _order_of(name: str) -> tuple[str, int]:
    stamp, _, number = name.removeprefix("app.").removesuffix(".log").partition(".")
    return stamp, int(number or 1)


def _difference(numbers: list[int], count: int) -> str:
    missing = sorted(set(range(count)) - set(numbers))
    double = sorted({number for number in numbers if numbers.count(number) > 1})[:5] if len(numbers) < 50000 else "?"
    return f"missing {missing[:5]}, {len(missing)} in all; double {double}; in order {numbers == sorted(numbers)}"


def _kill_and_wait(process: int) -> None:
    try:
        handle = os.pidfd_open(process)
    except (OSError, AttributeError):
        return
    try:
        os.kill(process, signal.SIGKILL)
        select.select([handle], [], [], LIMIT)
    finally:
        os.close(handle)

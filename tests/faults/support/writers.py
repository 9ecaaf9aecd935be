"""Several processes that log to one path, some of which are killed; and the check of the files they leave.

Each line is `worker life number padding`. A killed worker continues in another life, after the last acknowledged
record. A record is acknowledged when its call has returned (synchronous) or when `flush` has (background).
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import zstandard

from tests.support import child

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 300
"""Seconds after which processes count as hung."""

WORKER = """
import os, sys
from logly import logger

worker, life, start, stop = map(int, sys.argv[1:5])
options, width = eval(sys.argv[5]), int(sys.argv[6])
is_background = options.get("async_write", True)
logger.configure(console=False)
logger.add("app.log", format="{message}", **options)
acks = os.open("acks", os.O_RDWR)
for number in range(start, stop):
    padding = "x" * (width + number % 40)
    logger.info("{worker} {life} {number} {padding}", worker=worker, life=life, number=number, padding=padding)
    is_last = number == stop - 1
    if is_last or not is_background or number % 100 == 99:
        if is_background:
            assert logger.flush(timeout=60)
        os.pwrite(acks, (number + 1).to_bytes(8, "little"), worker * 8)
"""

FINISH = """
import sys
from logly import logger
logger.configure(console=False)
logger.add("app.log", format="{message}", **eval(sys.argv[1]))
logger.info("end")
assert logger.complete(timeout=120)
"""

LATE = "another process keeps its lock; lines are written without it"
"""On a busy machine, writers of one file may wait for its lock in vain. They say so, and write their lines."""

LINE = re.compile(r"(\d+) (\d+) (\d+) (x*)")
LONGEST = len("7 99 99999 ") + 40
ARCHIVE = re.compile(r"app\.(\d{4}-\d\d-\d\d(?:_[0-9-]+)?)(?:\.(\d+))?\.log(?:\.(?:gz|zst|bz2|xz))?")


@dataclass
class Work:
    """The work of several workers, and how they are disturbed."""

    workers: int
    records: int
    options: dict[str, object]
    kill_every: float | None = None
    seed: int = 0
    width: int = 0
    """Extra bytes in each line."""
    kills: int = 0
    lives: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    """For each worker: the number at which each life began, and the last number acknowledged when it ended."""

    def run(self, folder: Path) -> None:
        """Run the work until it is done."""
        (folder / "acks").write_bytes(bytes(8 * self.workers))
        chance = random.Random(self.seed)
        processes = {worker: self._start(folder, worker) for worker in range(self.workers)}
        deadline, next_kill = time.monotonic() + LIMIT, time.monotonic() + (self.kill_every or LIMIT)
        while processes:
            if time.monotonic() > deadline:
                self._fail(processes)
            if time.monotonic() >= next_kill:
                next_kill += self.kill_every or LIMIT
                if victims := [worker for worker in processes if self._may_be_killed(folder, worker)]:
                    processes[chance.choice(victims)].kill()
                    self.kills += 1
            for worker, process in list(processes.items()):
                if process.poll() is not None:
                    self._ended(folder, worker, process, processes)
            time.sleep(0.005)

    def _may_be_killed(self, folder: Path, worker: int) -> bool:
        """Tell whether a worker got on in this life or the last one. On a busy machine, programs start slowly."""
        starts = [start for start, _ in self.lives[worker][-2:]]
        return self._acknowledged(folder, worker) > starts[0] or len(starts) == 1

    def _start(self, folder: Path, worker: int) -> subprocess.Popen[str]:
        lives = self.lives.setdefault(worker, [])
        start = self._acknowledged(folder, worker)
        lives.append((start, start))
        arguments = [worker, len(lives), start, self.records, self.options, self.width]
        command = [sys.executable, "-X", "faulthandler", "-c", WORKER, *map(str, arguments)]
        return subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)

    def _ended(
        self, folder: Path, worker: int, process: subprocess.Popen[str], processes: dict[int, subprocess.Popen[str]]
    ) -> None:
        ended = child.finish(process)
        start, _ = self.lives[worker][-1]
        self.lives[worker][-1] = (start, self._acknowledged(folder, worker))
        del processes[worker]
        told = [line for line in ended.stderr.splitlines() if not line.endswith(LATE)]
        assert told == [], ended.stderr
        ended.check(returncode=-signal.SIGKILL if ended.returncode == -signal.SIGKILL else 0)
        if self._acknowledged(folder, worker) < self.records:
            processes[worker] = self._start(folder, worker)

    @staticmethod
    def _acknowledged(folder: Path, worker: int) -> int:
        return int.from_bytes((folder / "acks").read_bytes()[worker * 8 : worker * 8 + 8], "little")

    @staticmethod
    def _fail(processes: dict[int, subprocess.Popen[str]]) -> None:
        for process in processes.values():
            process.send_signal(signal.SIGABRT)
        stacks = [process.communicate()[1] for process in processes.values()]
        pytest.fail(f"hung for {LIMIT} s\n" + "\n".join(stacks))

    def finish(self, folder: Path) -> None:
        """Start one more process, to finish the work that killed processes left undone."""
        command = [sys.executable, "-X", "faulthandler", "-c", FINISH, str(self.options)]
        child.execute(command, cwd=folder, timeout=LIMIT).check(stderr="")


def archives(folder: Path) -> list[Path]:
    """Return the archives of `app.log`, oldest first; nothing else may be there."""
    found = []
    for path in folder.iterdir():
        if path.name not in {"app.log", "acks"}:
            match = ARCHIVE.fullmatch(path.name)
            assert match is not None, f"a stranger: {path.name}"
            found.append((match[1], int(match[2] or 1), path))
    return [path for _, _, path in sorted(found)]


def content(path: Path) -> bytes:
    """Return a file's content, decompressed."""
    if path.suffix == ".zst":
        with path.open("rb") as packed:
            return zstandard.ZstdDecompressor().stream_reader(packed).read()
    opened = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}.get(path.suffix, open)
    with opened(path, "rb") as file:  # type: ignore[operator]
        return file.read()


def check(work: Work, folder: Path, limit: int | None) -> int:
    """Check that every acknowledged record is there once, whole and in order; return how many archives there are."""
    paths = [*archives(folder), folder / "app.log"]
    next_number: dict[tuple[int, int], int] = {}
    torn = 0
    for path in paths:
        held = content(path)
        if limit is not None:
            assert len(held) <= limit, f"{path.name} has {len(held)} bytes"
            assert path is paths[-1] or len(held) > limit - LONGEST, f"{path.name} was rotated at {len(held)} bytes"
        for line in held.decode().splitlines():
            match = LINE.fullmatch(line)
            if line == "end":
                continue
            if match is None or len(match[4]) != work.width + int(match[3]) % 40:
                torn += 1
                continue
            worker, life, number = (int(match[group]) for group in (1, 2, 3))
            start, _ = work.lives[worker][life - 1]
            expected = next_number.get((worker, life), start)
            assert number == expected, f"{path.name}: worker {worker}, life {life}: {number} instead of {expected}"
            next_number[worker, life] = number + 1
    # A kill cuts the line that is being written; the next writer ends that line.
    assert torn <= work.kills
    for worker, lives in work.lives.items():
        for life, (start, acknowledged) in enumerate(lives, 1):
            assert next_number.get((worker, life), start) >= acknowledged, f"worker {worker}, life {life}: lost records"
    return len(paths) - 1

"""Several processes write to one pipe: no line is torn by another, however many bytes wait at once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from tests.support import child

if TYPE_CHECKING:
    from pathlib import Path

WRITER = """
import os, sys
from logly import logger

path, worker, records, length, is_background = sys.argv[1], *map(int, sys.argv[2:])
logger.configure(console=False)
logger.add(path, format="{message}", async_write=bool(is_background))
for number in range(records):
    logger.info("{worker} {number} {padding}", worker=worker, number=number, padding="x" * length)
assert logger.complete(30)
"""
WORKERS, RECORDS = 4, 500


def read_to_end(descriptor: int) -> list[str]:
    """Return the lines of a pipe, read until its last writer has closed it."""
    parts = []
    while part := os.read(descriptor, 65536):
        parts.append(part)
    os.close(descriptor)
    return b"".join(parts).decode().splitlines()


def write(path: str, length: int, is_background: bool, workers: int = WORKERS, **options: object) -> list[object]:
    """Start the writer processes."""
    return [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, path, *map(str, [worker, RECORDS, length, int(is_background)])],
            env=child.environment_of(),
            **options,
        )
        for worker in range(workers)
    ]


def expected(length: int, workers: int = WORKERS) -> list[str]:
    """Return all lines, sorted."""
    return sorted(f"{worker} {number} {'x' * length}" for worker in range(workers) for number in range(RECORDS))


@pytest.mark.parametrize("is_background", [True, False], ids=["background", "synchronous"])
@pytest.mark.parametrize("length", [100, 1000, 3900])
@pytest.mark.parametrize("path", ["/dev/stdout", "/proc/self/fd/1"])
def test_lines_of_one_standard_output_stay_whole(path: str, length: int, is_background: bool) -> None:
    reading, writing = os.pipe()
    workers = write(path, length, is_background, stdout=writing)
    os.close(writing)

    lines = read_to_end(reading)

    assert [worker.wait(child.LIMIT) for worker in workers] == [0] * WORKERS
    assert sorted(lines) == expected(length)


def test_lines_of_one_named_pipe_stay_whole(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    reading = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    workers = write(str(path), 2000, is_background=True)
    os.set_blocking(reading, True)
    # The pipe seems to end whenever no process has it open, so it stays open until the last worker has ended.
    kept = os.open(path, os.O_WRONLY)
    codes = []

    def close_after_workers() -> None:
        codes.extend(worker.wait(child.LIMIT) for worker in workers)
        os.close(kept)

    closing = threading.Thread(target=close_after_workers)
    closing.start()
    lines = read_to_end(reading)
    closing.join(child.LIMIT)

    assert codes == [0] * WORKERS
    assert sorted(lines) == expected(2000)


def test_line_longer_than_a_pipe_keeps_together_is_complete() -> None:
    reading, writing = os.pipe()
    workers = write("/dev/stdout", 100_000, is_background=True, workers=1, stdout=writing)
    os.close(writing)

    lines = read_to_end(reading)

    assert workers[0].wait(child.LIMIT) == 0
    assert lines == [f"0 {number} {'x' * 100_000}" for number in range(RECORDS)]

"""The speed of `search_log` on a file, compared with `grep -c` and a loop in Python.

`python -m benchmarks.search [megabytes]`

The file holds ordinary lines; one in 100,000 matches. It is read once in advance, so that the figures
are for memory and not for the disk. Each figure is the median of five turns; the ways alternate.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from logly import Logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from logly.typing import Match

TURNS = 5
DEFAULT_MEGABYTES = 256
GOAL = 500
"""Megabytes per second for a plain text, whether or not case matters."""
JUDGED = ("search_log, case_sensitive", "search_log")
NEEDLE = "Connection refused"
EXPRESSION = r"Connection re\w+ by [a-z]+-\d+"


def main() -> int:
    """Print the figures; return 1 if one misses the goal or the ways disagree."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_MEGABYTES
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "app.log")
        expected = _make(path, megabytes * 1_000_000)
        figures = _measure(_ways(path), path.stat().st_size, expected)
    for name, figure in figures.items():
        sys.stdout.write(f"{name:32} {figure:7.0f} MB/s\n")
    return 0 if all(figures[name] >= GOAL for name in JUDGED) else 1


def _make(path: Path, size: int) -> int:
    """Write the file and return how many lines match."""
    line = "2025-01-15 10:30:45 | INFO | request {0} served in 0.0{1} s user=ada path=/items/{0} status=200\n"
    ordinary = "".join(line.format(number, number % 10) for number in range(100_000))
    matching = f"2025-01-15 10:30:45 | ERROR | {NEEDLE} by db-3 attempt=1\n"
    parts = size // len(ordinary)
    with path.open("w", encoding="utf-8") as file:
        for _ in range(parts):
            file.write(ordinary)
            file.write(matching)
    return parts


def _ways(path: Path) -> dict[str, Callable[[], int]]:
    logger = Logger()
    logger.configure(console=False)
    sink = logger.add(path)

    def search(pattern: str, *, case_sensitive: bool = False, use_regex: bool = False) -> int:
        found: list[Match] | None = logger.search_log(sink, pattern, case_sensitive=case_sensitive, use_regex=use_regex)
        return len(found or [])

    def grep(*options: str) -> int:
        command = ["grep", *options, str(path)]
        return int(subprocess.run(command, capture_output=True, check=True).stdout)  # noqa: S603 - grep alone

    def loop() -> int:
        with path.open(encoding="utf-8") as file:
            return sum(NEEDLE in line for line in file)

    return {
        "search_log, case_sensitive": lambda: search(NEEDLE, case_sensitive=True),
        "search_log": lambda: search(NEEDLE.upper()),
        "search_log, use_regex": lambda: search(EXPRESSION, case_sensitive=True, use_regex=True),
        "grep -c": lambda: grep("-c", NEEDLE),
        "grep -ci": lambda: grep("-ci", NEEDLE),
        "grep -cP": lambda: grep("-cP", EXPRESSION),
        "for line in file": loop,
    }


def _measure(ways: dict[str, Callable[[], int]], size: int, expected: int) -> dict[str, float]:
    """Return the megabytes per second of each way."""
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(TURNS):
        for name, way in ways.items():
            begin = time.perf_counter()
            found = way()
            speeds[name].append(size / 1e6 / (time.perf_counter() - begin))
            if found != expected:
                message = f"{name}: found {found} lines, not {expected}"
                raise RuntimeError(message)
    return {name: statistics.median(taken) for name, taken in speeds.items()}


if __name__ == "__main__":
    sys.exit(main())

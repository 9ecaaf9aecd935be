"""The speed of `logly view`, compared with `rg`, `jq` and `zstdcat | jq`, as far as they are installed.

`python -m benchmarks.view [megabytes]`

Two files hold the same requests, as JSON lines and as text; 3 of 100 have the level ERROR or above. They are read once
in advance, so that the figures are for memory and not for the disk. Each figure is the median of three turns; the ways
alternate. All ways must find as many lines.
"""

from __future__ import annotations

import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TURNS = 3
DEFAULT_MEGABYTES = 256
_LEVELS = ["DEBUG"] * 20 + ["INFO"] * 70 + ["WARNING"] * 7 + ["ERROR"] * 2 + ["CRITICAL"]
_VIEW = f"{sys.executable} -m logly view --raw"
WAYS = {
    "json, rg, no match": "rg -c nothing.json app.jsonl",
    "json, rg CRITICAL": "rg -N CRITICAL app.jsonl",
    "json, view --level CRITICAL": f"{_VIEW} --level CRITICAL app.jsonl",
    "json, jq, level and field": """jq -c 'select(.level == "CRITICAL" and .fields.status == 500)' app.jsonl""",
    "json, view, level and field": f"{_VIEW} --level CRITICAL --where 'status == 500' app.jsonl",
    "zstd, jq, level and field": """zstdcat app.zst | jq -c 'select(.level == "CRITICAL" and .fields.status == 500)'""",
    "zstd, view, level and field": f"{_VIEW} --level CRITICAL --where 'status == 500' app.zst",
    "json, view, a number": f"{_VIEW} --where 'ms > 1998' app.jsonl",
    "text, rg CRITICAL": "rg -N CRITICAL app.log",
    "text, view --level CRITICAL": f"{_VIEW} --level CRITICAL app.log",
}


def main() -> int:
    """Print the figures; return 1 if ways of one kind find different numbers of lines."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_MEGABYTES
    with tempfile.TemporaryDirectory() as folder:
        _make(Path(folder), megabytes * 1_000_000)
        ways = {name: command for name, command in WAYS.items() if shutil.which(command.split()[0])}
        seconds, found = _measure(ways, Path(folder))
        size = Path(folder, "app.jsonl").stat().st_size
    for name, taken in seconds.items():
        sys.stdout.write(f"{name:30} {taken:7.3f} s {size / taken / 1e6:7.0f} MB/s {found[name]:9} lines\n")
    fields = {count for name, count in found.items() if "level and field" in name}
    return 0 if len(fields) == 1 else 1


def _make(folder: Path, size: int) -> None:
    """Write the files."""
    drawn = random.Random(1)  # noqa: S311 - nothing secret
    written = milliseconds = 0
    with (folder / "app.jsonl").open("w") as objects, (folder / "app.log").open("w") as lines:
        while written < size:
            milliseconds += drawn.randrange(20)
            second = milliseconds // 1000
            clock = f"{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}.{milliseconds % 1000:03}"
            day = f"2025-01-{15 + second // 86_400:02}"
            level, ms, status = drawn.choice(_LEVELS), drawn.randrange(2000), drawn.choice([200, 200, 404, 500])
            user, trace = f"user{drawn.randrange(1000)}", f"{drawn.getrandbits(128):032x}"
            written += objects.write(
                f'{{"timestamp": "{day}T{clock}Z", "level": "{level}", "message": "request took {ms} ms", "fields": '
                f'{{"ms": {ms}, "user": "{user}", "status": {status}, "trace_id": "{trace}"}}, "module": "app.web"}}\n'
            )
            lines.write(
                f"{day} {clock} | {level:<8} | app.web:handle:42 - request took {ms} ms ms={ms} user={user} "
                f"status={status} trace_id={trace}\n"
            )
    if shutil.which("zstd"):
        subprocess.run(["zstd", "-q", "app.jsonl", "-o", "app.zst"], cwd=folder, check=True)  # noqa: S607


def _measure(ways: dict[str, str], folder: Path) -> tuple[dict[str, float], dict[str, int]]:
    """Return the seconds of each way, and the number of lines that it found."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    found = {}
    for path in folder.iterdir():
        path.read_bytes()
    for _ in range(TURNS):
        for name, command in ways.items():
            begun = time.perf_counter()
            ended = subprocess.run(command, shell=True, cwd=folder, stdout=subprocess.PIPE, check=False)  # noqa: S602
            taken[name].append(time.perf_counter() - begun)
            found[name] = ended.stdout.count(b"\n")
    return {name: statistics.median(times) for name, times in taken.items()}, found


if __name__ == "__main__":
    sys.exit(main())

"""The cost of a record through the drain, by the sink's format, filter and redaction.

`python -m benchmarks.writer [records]` prints nanoseconds a record: the call alone, and until the line is in the file.
`python -m benchmarks.writer records sink` logs to one sink and prints nothing, to be counted by callgrind.

The sinks are measured in turns, in one process each; the figure is the least of the turns, as other programs only add.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from logly import Logger

TURNS = 5
DEFAULT_RECORDS = 200_000
WARM_UP = 500
FORMAT = "{time:YYYY-MM-DD HH:mm:ss} | {level} | {module}:{function}:{line} | {message}{fields}"

SINKS: dict[str, dict[str, Any]] = {
    "plain": {"format": "{time:YYYY-MM-DD HH:mm:ss} | {level} | {message}"},
    "template": {"format": FORMAT},
    "json": {"json": True},
    "ecs": {"json": "ecs"},
    "gcp": {"json": "gcp"},
    "otel": {"json": "otel"},
    "logfmt": {"format": "logfmt"},
    "where": {"format": FORMAT, "where": 'amount > 5 and user == "ada"'},
    "redact": {"format": FORMAT, "redact": True},
}


def main() -> None:
    """Measure and print, or log for callgrind."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_RECORDS
    if len(sys.argv) > 2:  # noqa: PLR2004 - the second argument
        measure(sys.argv[2], records)
        return
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in SINKS}
    for _ in range(TURNS):
        for name in SINKS:
            found[name].append(_measure_alone(name, records))
    for name, turns in found.items():
        call, drained = (min(figures) for figures in zip(*turns))
        sys.stdout.write(f"{name:10} call {call:6.0f} ns, through the drain {drained:6.0f} ns\n")


def measure(name: str, records: int) -> tuple[float, float]:
    """Return the nanoseconds a record, of the calls and until the drain."""
    logger = Logger()
    logger.configure(level="INFO", console=False)
    with tempfile.TemporaryDirectory() as folder:
        logger.add(Path(folder, "out.log"), **SINKS[name])
        log = log_plain if name == "plain" else log_template
        log(logger, WARM_UP)
        logger.complete()
        began = time.perf_counter_ns()
        log(logger, records)
        called = time.perf_counter_ns()
        logger.complete()
        ended = time.perf_counter_ns()
        logger.remove_all()
    return (called - began) / records, (ended - began) / records


def log_plain(logger: Logger, records: int) -> None:
    """Log a message without fields."""
    for _ in range(records):
        logger.info("payment accepted")


def log_template(logger: Logger, records: int) -> None:
    """Log a message with three fields, of which it shows one."""
    for number in range(records):
        logger.info("paid {amount} EUR", amount=12, user="ada", seq=number)


def _measure_alone(name: str, records: int) -> tuple[float, float]:
    program = f"from benchmarks.writer import measure; print(*measure({name!r}, {records}))"
    out = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout  # noqa: S603
    call, drained = map(float, out.split())
    return call, drained


if __name__ == "__main__":
    main()

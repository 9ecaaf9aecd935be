"""Runs one measurement in its own process, and prints one JSON line.

`python -m benchmarks.services.worker ROW ENTRY`
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import Any, Callable

from benchmarks.compare.passes import Course
from benchmarks.compare.program import write_program
from benchmarks.compare.scenarios import Scenario, Shape
from benchmarks.services.rows import BY_NAME, Entry, Row
from benchmarks.services.setups import Setup, check

QUICK_SHARE = 0.2
BARE_CALLS = 5_000
DISTRIBUTIONS = (
    "ecs-logging",
    "logly",
    "loguru",
    "logust",
    "opentelemetry-sdk",
    "orjson",
    "picologging",
    "python-json-logger",
    "structlog",
)


def main() -> int:
    """Run the measurement that the command line names, and print the result."""
    arguments = _parser().parse_args()
    row = BY_NAME[arguments.row]
    result: dict[str, Any] = {
        "scenario": row.name,
        "library": arguments.entry,
        "detail": "",
        "versions": _versions(),
        "figures": {},
    }
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        share = QUICK_SHARE if arguments.quick else 1
        try:
            result.update(measure(row, row.entry(arguments.entry), Path(folder), share))
        except ImportError as error:
            result.update(verdict="absent", detail=str(error))
        except Exception as error:  # noqa: BLE001 - whatever a library raises is its result
            result.update(verdict="error", detail=f"{type(error).__name__}: {error}")
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.services.worker", description=__doc__)
    parser.add_argument("row", choices=sorted(BY_NAME))
    parser.add_argument("entry")
    parser.add_argument("--folder", help="where the log files go; the system's temporary folder if not given")
    parser.add_argument("--quick", action="store_true", help="a fifth of the messages")
    return parser


def measure(row: Row, entry: Entry, folder: Path, share: float = 1) -> dict[str, object]:
    """Run *entry* of *row*, writing into *folder*; return the result's own keys.

    Raises:
        ImportError: A library is not installed.
    """
    module = importlib.import_module(f"benchmarks.services.{entry.module}")
    setup: Setup = getattr(module, entry.function)(folder)
    # The shape only says that the call stands alone in its loop.
    scenario = Scenario(row.name, row.title, Shape.PLAIN, (), messages=row.calls, timed=row.calls)
    if share < 1:
        scenario = scenario.scaled(share)
    course = Course(scenario, setup.session, write_program(folder, scenario, setup.session), share)
    with setup.session.context():
        course.run()
    if setup.bare is not None:
        course.figures["request_ns"] = course.figures["cpu_ns"] - _cpu_of(setup.bare)
    setup.session.close()
    if setup.pipe is not None:
        setup.pipe.close()
    return {"figures": course.figures, "dropped": course.dropped, **check(setup, course.runs)}


def _cpu_of(bare: Callable[[int], object]) -> float:
    """Return the nanoseconds of CPU time that a call of *bare* takes."""
    for number in range(500):
        bare(number)
    start = time.process_time_ns()
    for number in range(BARE_CALLS):
        bare(number)
    return (time.process_time_ns() - start) / BARE_CALLS


def _versions() -> dict[str, str]:
    installed = {found.name for found in metadata.distributions()}
    return {name: metadata.version(name) for name in DISTRIBUTIONS if name in installed}


if __name__ == "__main__":
    sys.exit(main())

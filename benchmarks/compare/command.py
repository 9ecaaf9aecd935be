"""What the commands of the benchmarks share: their options, and writing the report, the results and the README."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.compare import runner
from benchmarks.compare.figures import Results
from benchmarks.compare.machine import describe
from benchmarks.compare.tables import put_between_markers

if TYPE_CHECKING:
    from types import ModuleType

QUICK_REPETITIONS = 3


def parser_of(module: str, description: str | None, repetitions: int) -> argparse.ArgumentParser:
    """Return a parser with the options that all commands have."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    parser.add_argument("--quick", action="store_true", help="3 repetitions and a fifth of the messages")
    parser.add_argument("--readme", type=Path, help="put the summary between its markers in this file")
    parser.add_argument("--json", type=Path, help="write every result to this file")
    parser.add_argument("--repetitions", type=int, help=f"{repetitions} if not given")
    parser.add_argument("--folder", help="where the log files go; a temporary folder on a disk if not given")
    parser.add_argument("--seed", type=int, help="of the shuffled order, to repeat it")
    return parser


def names(text: str) -> list[str]:
    """Return the names in a list with commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def plan_of(
    arguments: argparse.Namespace,
    cells: tuple[runner.Cell, ...],
    repetitions: int,
    **given: Any,  # noqa: ANN401 - further fields of the plan
) -> runner.Plan:
    """Return the plan that the command line asks for."""
    return runner.Plan(
        cells,
        arguments.repetitions or (QUICK_REPETITIONS if arguments.quick else repetitions),
        runner.choose_folder(arguments.folder),
        time.time_ns() if arguments.seed is None else arguments.seed,
        arguments.quick,
        **given,
    )


def run_and_write(module: str, plan: runner.Plan, report: ModuleType, arguments: argparse.Namespace) -> None:
    """Run *plan*, and write what *report* makes of it to standard output and where the command line says."""
    machine = describe(plan, ["python", "-m", module, *sys.argv[1:]])
    results = Results(runner.run(plan, _progress))
    _progress("")
    sys.stdout.write(report.full_report(results, machine))
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": machine, "results": results.rows}, indent=1), encoding="utf-8")
    if arguments.readme:
        put_between_markers(arguments.readme, report.MARKER, report.summary(results, machine))


def _progress(line: str) -> None:
    end = "\r" if line else ""
    sys.stderr.write(f"\r{line:<78}{end}" if sys.stderr.isatty() else "")

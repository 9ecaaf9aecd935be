"""`python -m benchmarks.services`: measures the rows of services and writes the report to standard output."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from benchmarks.compare import runner
from benchmarks.compare.figures import Results
from benchmarks.compare.machine import describe
from benchmarks.compare.tables import put_between_markers
from benchmarks.services import report
from benchmarks.services.rows import BY_NAME, ROWS

REPETITIONS = 5
QUICK_REPETITIONS = 3


def main() -> int:
    """Run the rows that the command line names, and the row that others are compared with."""
    parser = _parser()
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.rows) - set(BY_NAME))
    if unknown:
        parser.error(f"rows: unknown {', '.join(unknown)}; known are {', '.join(BY_NAME)}")
    wanted = {*arguments.rows, "plain_json"} if arguments.rows else set(BY_NAME)
    plan = runner.Plan(
        tuple((row.name, entry.name) for row in ROWS if row.name in wanted for entry in row.entries),
        arguments.repetitions or (QUICK_REPETITIONS if arguments.quick else REPETITIONS),
        runner.choose_folder(arguments.folder),
        time.time_ns() if arguments.seed is None else arguments.seed,
        arguments.quick,
        worker="benchmarks.services.worker",
    )
    machine = describe(plan, ["python", "-m", "benchmarks.services", *sys.argv[1:]])
    results = Results(runner.run(plan, _progress))
    _progress("")
    _write(results, machine, arguments)
    return 0


def _write(results: Results, machine: dict[str, object], arguments: argparse.Namespace) -> None:
    sys.stdout.write(report.full_report(results, machine))
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": machine, "results": results.rows}, indent=1), encoding="utf-8")
    if arguments.readme:
        put_between_markers(arguments.readme, "services", report.summary(results, machine))


def _progress(line: str) -> None:
    end = "\r" if line else ""
    sys.stderr.write(f"\r{line:<78}{end}" if sys.stderr.isatty() else "")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.services", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 repetitions and a fifth of the messages")
    parser.add_argument("--readme", type=Path, help="put the table between the services markers of this file")
    parser.add_argument("--json", type=Path, help="write every result to this file")
    parser.add_argument("--rows", type=_names, default=[], help="only these, separated by commas")
    parser.add_argument("--repetitions", type=int, help=f"{REPETITIONS} if not given")
    parser.add_argument("--folder", help="where the log files go; a temporary folder on a disk if not given")
    parser.add_argument("--seed", type=int, help="of the shuffled order, to repeat it")
    return parser


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


if __name__ == "__main__":
    sys.exit(main())

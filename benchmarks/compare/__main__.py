"""`python -m benchmarks.compare`: runs the comparison and writes the report to standard output."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from benchmarks.compare import report, runner
from benchmarks.compare.figures import Results
from benchmarks.compare.machine import describe
from benchmarks.compare.scenarios import NOT_IN_QUICK, SCENARIOS
from benchmarks.compare.tables import put_between_markers

REPETITIONS = 9
QUICK_REPETITIONS = 3


def main() -> int:
    """Run the measurements that the command line names; a failing library becomes a row, not an exit code."""
    parser = _parser()
    arguments = parser.parse_args()
    try:
        cells = runner.choose_cells(arguments.scenarios, arguments.libraries)
        if arguments.quick and not arguments.libraries:
            cells = tuple(cell for cell in cells if NOT_IN_QUICK.isdisjoint(cell))
    except ValueError as error:
        parser.error(str(error))
    plan = runner.Plan(
        cells,
        arguments.repetitions or (QUICK_REPETITIONS if arguments.quick else REPETITIONS),
        runner.choose_folder(arguments.folder),
        time.time_ns() if arguments.seed is None else arguments.seed,
        arguments.quick,
        fewer={scenario.name: scenario.repetitions for scenario in SCENARIOS if scenario.repetitions},
    )
    machine = describe(plan, ["python", "-m", "benchmarks.compare", *sys.argv[1:]])
    results = Results(runner.run(plan, _progress))
    _progress("")
    _write(results, machine, arguments)
    return 0


def _write(results: Results, machine: dict[str, object], arguments: argparse.Namespace) -> None:
    sys.stdout.write(report.full_report(results, machine))
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": machine, "results": results.rows}, indent=1), encoding="utf-8")
    if arguments.readme:
        put_between_markers(arguments.readme, "benchmark", report.summary(results, machine))


def _progress(line: str) -> None:
    end = "\r" if line else ""
    sys.stderr.write(f"\r{line:<78}{end}" if sys.stderr.isatty() else "")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 repetitions and a fifth of the messages")
    parser.add_argument("--readme", type=Path, help="put the summary between the benchmark markers of this file")
    parser.add_argument("--json", type=Path, help="write every result to this file")
    parser.add_argument("--scenarios", type=_names, default=[], help="only these, separated by commas")
    parser.add_argument("--libraries", type=_names, default=[], help="only these, separated by commas")
    parser.add_argument("--repetitions", type=int, help=f"{REPETITIONS} if not given")
    parser.add_argument(
        "--folder",
        help="where the log files go; a temporary folder on a real file system if not given",
    )
    parser.add_argument("--seed", type=int, help="of the shuffled order, to repeat it")
    return parser


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


if __name__ == "__main__":
    sys.exit(main())

"""The regression guard: logly against floors and the standard library, in under a minute.

`python -m benchmarks.hot_path`

It fails only if a ratio, or the memory of a burst, misses half its goal: half the speed-up, or
twice the ceiling. Figures of machines with shared processors vary too much for a finer limit.
"""

from __future__ import annotations

import sys
import time

from benchmarks.compare import report, runner
from benchmarks.compare.figures import Results
from benchmarks.compare.goals import GOALS, Goal
from benchmarks.compare.machine import describe
from benchmarks.compare.tables import describe_goal

REPETITIONS = 3
EASE = 2
LIBRARIES = ["logging", "logly", "logly-sync"]
SCENARIOS = [
    "filtered",
    "plain",
    "template",
    "three_sinks",
    "threads",
    "paced",
    "statement_1000",
    "sync_file",
    "exception",
    "burst",
]


def main() -> int:
    """Measure, print every figure; return 1 if one misses half its goal or is missing."""
    cells = runner.choose_cells(SCENARIOS, LIBRARIES)
    plan = runner.Plan(cells, REPETITIONS, runner.choose_folder(None), time.time_ns())
    results = Results(runner.run(plan, lambda _: None))
    machine = describe(plan, ["python", "-m", "benchmarks.hot_path"])
    sys.stdout.write(report.full_report(results, machine))
    return _judge(results, [goal for goal in GOALS if goal.needs <= set(cells)])


def _judge(results: Results, goals: list[Goal]) -> int:
    missed = [goal for goal in goals if not goal.is_met(results, EASE)]
    for goal in missed:
        sys.stderr.write(f"missed at half the goal: {describe_goal(goal, results)}\n")
    sys.stderr.write(f"{len(goals) - len(missed)} of {len(goals)} goals hold at half their value\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Runs the workers: each library and scenario once per repetition, in a new shuffled order.

Shuffling spreads changes of the machine over all measurements; a ratio compares measurements of the
same repetition. A worker that exceeds its time has the result `hang` and is not tried again.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

from benchmarks.compare.scenarios import BY_NAME, SCENARIOS, Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
LIMIT_SECONDS = 60
QUICK_LIMIT_SECONDS = 10
_IN_MEMORY = {"tmpfs", "ramfs"}

# A worker's result, with its `repetition`.
Row = dict[str, Any]
# The names of a scenario and a library.
Cell = tuple[str, str]


@dataclass(frozen=True)
class Plan:
    """The plan of a run: the cells (scenario, library), the number of repetitions, the folder and the order's seed.

    `fewer` has the most repetitions of scenarios that run less often. `worker` is the module that measures a cell.
    """

    cells: tuple[Cell, ...]
    repetitions: int
    folder: Path
    seed: int
    is_quick: bool = False
    fewer: Mapping[str, int] = field(default_factory=dict)
    worker: str = "benchmarks.compare.worker"


def choose_cells(scenarios: list[str], libraries: list[str]) -> tuple[Cell, ...]:
    """Return the cells of the named scenarios and libraries, or all cells if none is named.

    Floors, and the baselines of the scenarios, are always included.

    Raises:
        ValueError: A scenario or library is unknown.
    """
    _refuse_unknown("scenario", scenarios, set(BY_NAME))
    _refuse_unknown("library", libraries, {library for scenario in SCENARIOS for library in scenario.libraries})
    named = set(scenarios or BY_NAME)
    wanted = named | {BY_NAME[name].baseline for name in named} | {"floors"}
    return tuple(
        (scenario.name, library)
        for scenario in SCENARIOS
        if scenario.name in wanted
        for library in scenario.libraries
        if _is_wanted(scenario, library, libraries)
    )


def run(plan: Plan, report: Callable[[str], None]) -> list[Row]:
    """Run *plan*; pass a line of progress to *report* now and then."""
    order = random.Random(plan.seed)  # noqa: S311 - an order, not a secret
    rows: list[Row] = []
    hung: set[Cell] = set()
    for repetition in range(plan.repetitions):
        cells = list(plan.cells)
        order.shuffle(cells)
        for number, cell in enumerate(cells, 1):
            if cell in hung or repetition >= plan.fewer.get(cell[0], plan.repetitions):
                continue
            row = _run_worker(cell, plan)
            rows.append({**row, "repetition": repetition})
            if row["verdict"] == "hang":
                hung.add(cell)
            done = f"repetition {repetition + 1}/{plan.repetitions}, {number}/{len(cells)}"
            report(f"{done}: {' '.join(cell)}")
    return rows


def choose_folder(wanted: str | None) -> Path:
    """Return the folder for log files: *wanted*, or the first usual place that is not in memory."""
    if wanted:
        return Path(wanted).resolve()
    places = [Path(tempfile.gettempdir()), Path("/var/tmp"), ROOT / "benchmarks"]  # noqa: S108 - a private folder is made inside
    usable = [place for place in places if place.is_dir() and file_system(place) not in _IN_MEMORY]
    return usable[0] if usable else places[0]


def file_system(folder: Path) -> str:
    """Return the type of the file system that holds *folder*, or "unknown"."""
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    except OSError:
        return "unknown"
    holding = [mount for mount in mounts if Path(mount[1]) in {folder, *folder.parents}]
    return max(holding, key=lambda mount: len(mount[1]))[2] if holding else "unknown"


def _refuse_unknown(what: str, given: list[str], known: set[str]) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        message = f"{what}: unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}"
        raise ValueError(message)


def _is_wanted(scenario: Scenario, library: str, libraries: list[str]) -> bool:
    return not libraries or library in libraries or scenario.name == "floors"


def _run_worker(cell: Cell, plan: Plan) -> Row:
    scenario, library = cell
    failed = {"scenario": scenario, "library": library, "versions": {}, "figures": {}}
    limit = QUICK_LIMIT_SECONDS if plan.is_quick else LIMIT_SECONDS
    command = [
        sys.executable,
        "-m",
        plan.worker,
        scenario,
        library,
        "--folder",
        str(plan.folder),
    ]
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter and a module of this tree
            command + ["--quick"] * plan.is_quick,
            cwd=ROOT,
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {**failed, "verdict": "hang", "detail": f"not done after {limit} s"}
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:]
        return {
            **failed,
            "verdict": "crash",
            "detail": f"exit code {done.returncode} {''.join(said)}".strip(),
        }
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return row


def _environment() -> dict[str, str]:
    """Return the environment without settings of the libraries, which would make figures incomparable."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("LOGLY_", "LOGURU_"))}

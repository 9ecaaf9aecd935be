"""The cost of other files in the folder: of foreign files when a sink is opened, of archives when it rotates."""

from __future__ import annotations

import re
import time
from array import array
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.compare.program import write_program

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.compare.adapters import Library
    from benchmarks.compare.content import Output
    from benchmarks.compare.scenarios import Scenario

ROTATIONS = 11
WARM_UP = 3
FILES = 5_000
# No library counts these names as its archives, though some look like archives.
_FOREIGN = ("text-{}.log", "text.{}.csv", "report.2025-01-14.{}.log.gz", "text{}.log.2025-01-14")
# The archive names of each adapter; the first archive is the newest.
_ARCHIVES = {
    "standard": "text.log.{number}",
    "loguru": "text.{time:%Y-%m-%d_%H-%M-%S}_000000.log",
    "logly": "text.{time:%Y-%m-%d_%H-%M-%S}.log",
}

clock = time.perf_counter_ns


def measure_opening(scenario: Scenario, library: Library, folder: Path) -> dict[str, object]:
    """Set up *library* in a folder with other files, after a first time in an empty folder."""
    empty, crowded = folder / "empty", folder / "crowded"
    for path in (empty, crowded):
        path.mkdir()
    for number in range(scenario.beside):
        (crowded / _FOREIGN[number % len(_FOREIGN)].format(number)).touch()
    library.open_session(scenario.shape, empty).close()
    start = clock()
    session = library.open_session(scenario.shape, crowded)
    opened = clock() - start
    write_program(folder, scenario, session)["pay_plain"](0, 1)
    session.drain()
    written = session.outputs[0].path.read_text(encoding="utf-8")
    session.close()
    left = len(list(crowded.iterdir())) - 1
    is_right = written.count("\n") == 1 and left == scenario.beside
    detail = "" if is_right else f"wrote {written!r}, left {left} of {scenario.beside} files"
    return {"figures": {"opening_ns": opened}, "verdict": "ok" if is_right else "wrong", "detail": detail}


def measure_rotations(scenario: Scenario, library: Library, folder: Path) -> dict[str, object]:
    """Log lines that each begin a new file, in a folder with as many archives as are kept, filled up with other files.

    The number of files is always the same: a new file costs more in a folder that has many files, or had many shortly
    before.
    """
    newest = datetime(2025, 1, 1)  # noqa: DTZ001 - names have local times
    for number in range(1, scenario.beside + 1):
        name = _ARCHIVES[library.adapter].format(number=number, time=newest - timedelta(seconds=number))
        (folder / name).write_text("old\n", encoding="utf-8")
    for number in range(scenario.beside, FILES):
        (folder / f"other-{number}.log").write_text("old\n", encoding="utf-8")
    session = library.open_session(scenario.shape, folder, scenario.beside)
    program = write_program(folder, scenario, session)
    spans = array("q", bytes(8 * ROTATIONS))
    program["pay_timed"](0, WARM_UP, spans, clock)
    program["pay_timed"](WARM_UP, WARM_UP + ROTATIONS, spans, clock)
    if session.settle is not None:
        session.settle()
    detail = _wrong(session.outputs[0], scenario.beside)
    session.close()
    return {
        "figures": {"rotation_ns": median(spans)},
        "verdict": "wrong" if detail else "ok",
        "detail": detail,
    }


def _wrong(output: Output, kept: int) -> str:
    """Return an error if the number of archives is wrong or the newest lines are missing, else an empty text."""
    files = output.files()
    found = {int(number) for path in files for number in re.findall(r"seq=(\d+)", path.read_text(encoding="utf-8"))}
    total = WARM_UP + ROTATIONS
    missing = set(range(total - min(kept, total), total)) - found
    if missing or not kept - 1 <= len(files) - 1 <= kept:
        return f"{len(files) - 1} archives of {kept}, {len(missing)} lines missing"
    return ""

"""Processes killed in the middle of a write to the log: recovery finds out which lines were written."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from tests.support.child import run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.child import Result

BEGIN = """
import os, sys
from logly import logger

logger.configure(console=False)
options = {"rotation": "2 kB", "compression": "gzip", "format": "{message}"}
"""

KILLED = (
    BEGIN
    + """
logger.add(sys.argv[1], durability="crash", **options)
for number in range(10):
    logger.info("old {number} " + "x" * 20, number=number)
logger.complete()
"""
)

OTHER = (
    BEGIN
    + """
logger.add(sys.argv[1], **options)
for number in range(int(sys.argv[2])):
    logger.info("other {number} " + "x" * 900, number=number)
logger.complete()
"""
)

OPENER = BEGIN + 'logger.add(sys.argv[1], durability="crash", **options)'

OLD = [f"old {number} {'x' * 20}" for number in range(10)]

KINDS = {"kill0": "before it", "kill1": "after it", "kill3": "in the middle of it"}


def kill_in_a_write(log: Path, shim: str, kind: str, program: str = KILLED) -> Result:
    """Run a program that is killed in its first write to the log."""
    environment = {"LD_PRELOAD": shim, "LOGLY_WRITES": f"{kind}:0:9"}
    return run(program, log, environment=environment).check(returncode=-9, stderr="")


def lines_of(log: Path) -> list[str]:
    archives = [gzip.decompress(path.read_bytes()).decode() for path in sorted(log.parent.glob("app.*.log.gz"))]
    plain = [path.read_text() for path in sorted(log.parent.glob("app.*.log"))]
    return "".join([*archives, *plain, log.read_text()]).splitlines()


@pytest.mark.parametrize("kind", KINDS, ids=KINDS.values())
def test_write_is_finished(tmp_path: Path, shim: str, kind: str) -> None:
    log = tmp_path / "app.log"
    kill_in_a_write(log, shim, kind)

    run(OPENER, log).check()

    assert lines_of(log) == OLD


@pytest.mark.parametrize("kind", KINDS, ids=KINDS.values())
def test_lines_are_found_in_the_archive_they_went_to(tmp_path: Path, shim: str, kind: str) -> None:
    log = tmp_path / "app.log"
    kill_in_a_write(log, shim, kind)
    run(OTHER, log, 40).check(stderr="")
    assert len(list(tmp_path.glob("app.*.log.gz"))) > 15

    run(OPENER, log).check()

    lines = lines_of(log)
    # A line that was cut is ended by the other process, and is written again as a whole.
    assert sorted(line for line in lines if line in OLD) == OLD
    assert len([line for line in lines if line.startswith("other")]) == 40
    assert list(tmp_path.glob(".app.log.*")) == []


@pytest.mark.parametrize("second", KINDS, ids=KINDS.values())
@pytest.mark.parametrize("first", KINDS, ids=KINDS.values())
def test_recovery_that_is_killed_is_finished_by_the_next(tmp_path: Path, shim: str, first: str, second: str) -> None:
    log = tmp_path / "app.log"
    kill_in_a_write(log, shim, first)
    environment = {"LD_PRELOAD": shim, "LOGLY_WRITES": f"{second}:0:9"}
    run(OPENER + "\nlogger.info('new')\nlogger.complete()", log, environment=environment)

    run(OPENER, log).check()

    assert [line for line in lines_of(log) if line != "new"] == OLD
    assert lines_of(log).count("new") <= 1
    assert list(tmp_path.glob(".app.log.*")) == []

"""Several processes append to one path and rotate it: nothing lost, nothing doubled, one rotation per threshold.

LOGLY_STRESS=1 runs the long form: 8 processes, 50,000 records each, a kill every 0.2 seconds, ten times.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.faults.writers import Work, archives, check

if TYPE_CHECKING:
    from pathlib import Path

IS_LONG = bool(os.environ.get("LOGLY_STRESS"))
RUNS = range(10 if IS_LONG else 1)


@pytest.mark.parametrize("is_background", [True, False], ids=["background", "synchronous"])
@pytest.mark.parametrize("compression", [None, "gzip", "zstd"])
def test_several_processes_share_one_rotating_file(
    is_background: bool, compression: str | None, tmp_path: Path
) -> None:
    options = {"rotation": "20 kB", "async_write": is_background, "compression": compression}
    work = Work(workers=4, records=20_000 if IS_LONG else 4_000, options=options)

    work.run(tmp_path)
    work.finish(tmp_path)

    assert check(work, tmp_path, limit=20_000) > 10
    suffixes = {path.suffix for path in archives(tmp_path)}
    assert suffixes == {{"gzip": ".gz", "zstd": ".zst", None: ".log"}[compression]}


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("is_background", [True, False], ids=["background", "synchronous"])
@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_killed_processes_cost_no_acknowledged_record(
    is_background: bool, compression: str, run: int, tmp_path: Path
) -> None:
    options = {"rotation": "200 kB", "async_write": is_background, "compression": compression}
    workers, records, kill_every = (8, 50_000, 0.2) if IS_LONG else (4, 20_000, 0.1)
    work = Work(workers=workers, records=records, options=options, kill_every=kill_every, seed=run)

    work.run(tmp_path)
    work.finish(tmp_path)

    assert check(work, tmp_path, limit=200_000) > 5
    assert work.kills > 0
    assert {path.suffix for path in archives(tmp_path)} == {".gz" if compression == "gzip" else ".zst"}
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("is_background", [True, False], ids=["background", "synchronous"])
def test_long_lines_of_several_processes_stay_whole(is_background: bool, tmp_path: Path) -> None:
    work = Work(workers=4, records=500, options={"async_write": is_background}, width=20_000)

    work.run(tmp_path)

    assert check(work, tmp_path, limit=None) == 0

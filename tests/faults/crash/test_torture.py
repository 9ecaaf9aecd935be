"""A short form of `make torture`: its parts with few kills, forks and full disks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.crash.filled import fill_and_free
from tests.faults.crash.forked import fork_under_load
from tests.faults.crash.killed import MODES, Killing
from tests.faults.support.scarcity import small_disk

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 4
"""Kills for each promise and program."""

FORKS = 25
"""Forks for each kind of queue."""


@pytest.mark.parametrize("threads", [1, 2], ids=["one thread", "two threads"])
@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "crash"])
def test_kill_costs_no_more_than_the_file_promises(tmp_path: Path, mode: str, threads: int) -> None:
    killing = Killing(tmp_path, "rotating", seed=4, mode=mode, threads=threads)

    killing.run(KILLS)
    killing.recover()

    killing.check()


def test_kill_loses_nothing_while_the_clock_is_set(tmp_path: Path) -> None:
    killing = Killing(tmp_path, "compressed", seed=5, steps=True)

    killing.run(KILLS)
    killing.recover()

    killing.check()


@pytest.mark.parametrize("kind", ["rotating", "compressed"])
def test_kills_beside_a_program_that_goes_on_lose_nothing(tmp_path: Path, kind: str) -> None:
    killing = Killing(tmp_path, kind, seed=6, beside=True)

    killing.run(KILLS)
    killing.recover()

    assert killing.check() > 0


@pytest.mark.parametrize("mode", ["crash", "background"])
def test_forks_under_load_lose_and_double_nothing(tmp_path: Path, mode: str) -> None:
    assert fork_under_load(tmp_path, mode, FORKS) >= 5 * FORKS


@pytest.mark.parametrize(
    ("mode", "end"),
    [("crash", "freed"), ("crash", "killed"), ("crash", "full"), ("background", "freed"), ("synchronous", "freed")],
)
def test_full_disk_loses_nothing(tmp_path: Path, mode: str, end: str) -> None:
    with small_disk(tmp_path / "disk", "size=8m") as disk:
        assert fill_and_free(disk, mode, end, 2) == 1000

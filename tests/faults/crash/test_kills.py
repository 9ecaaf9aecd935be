"""SIGKILL at random points: the log has each accepted record once, in order and whole, once it was opened again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.crash.killed import OPTIONS, Killing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RUNS = 10
"""Kills for each kind of log and of program, a hundred together."""


@pytest.mark.parametrize("kind", OPTIONS)
def test_killed_program_loses_and_doubles_nothing(
    tmp_path: Path, kind: str, record_property: Callable[[str, object], None]
) -> None:
    killing = Killing(tmp_path, kind, seed=1)

    killing.run(RUNS)
    killing.recover()

    record_property("records", killing.check())


@pytest.mark.parametrize("kind", ["text", "rotating", "compressed"])
def test_several_killed_processes_and_threads_lose_and_double_nothing(tmp_path: Path, kind: str) -> None:
    killing = Killing(tmp_path, kind, seed=2, processes=2, threads=2)

    killing.run(RUNS // 2)
    killing.recover()

    killing.check()


@pytest.mark.parametrize("kind", ["text", "rotating"])
def test_killed_forks_lose_and_double_nothing(tmp_path: Path, kind: str) -> None:
    killing = Killing(tmp_path, kind, seed=3, forks=True)

    killing.run(RUNS // 2)
    killing.recover()

    killing.check()

"""The differences that are kept on purpose: each shows itself as the table says, and the guide lists each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.beside_loguru.generating.program import steps
from tests.beside_loguru.kept import KEPT, program
from tests.beside_loguru.running import Runner

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "from-loguru.md"


@pytest.fixture(scope="module")
def runner():
    with Runner() as runner:
        yield runner


@pytest.mark.parametrize("kept", KEPT.values(), ids=KEPT)
def test_difference_shows_itself(runner, kept):
    theirs, ours = runner.run(program(kept))

    assert (theirs.stdout, ours.stdout) == (kept.loguru, kept.logly)


def test_guide_lists_each_difference():
    section = GUIDE.read_text("utf-8").partition("## What is different on purpose\n")[2].partition("\n## ")[0]
    rows = [line.split(" | ")[0].removeprefix("| ") for line in section.splitlines() if line.startswith("| ")]

    assert rows[1:] == [kept.title for kept in KEPT.values()]


def test_random_programs_name_rows_of_the_table():
    named = {row for seed in range(300) for step in steps(seed) for row in step.kept}

    assert named
    assert named <= set(KEPT)

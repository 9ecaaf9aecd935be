"""Programs as services, bots and tools have them, Loguru's recipes, and details, leave the same on both libraries."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.beside_loguru.running import Runner

FOLDER = Path(__file__).parent


@pytest.fixture(scope="module")
def runner():
    with Runner() as runner:
        yield runner


@pytest.mark.parametrize(
    "path",
    [path for kind in ("programs", "recipes", "details") for path in sorted(FOLDER.glob(f"{kind}/*.py"))],
    ids=lambda path: path.stem,
)
def test_program_leaves_the_same_on_both(runner, path):
    theirs, ours = runner.run(path.read_text("utf-8"))

    assert theirs.state == 0
    assert "the program raised" not in theirs.stdout
    assert str(ours) == str(theirs)

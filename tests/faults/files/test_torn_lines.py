"""Processes that share a plain file, one of which is killed again and again: the others' lines stay whole."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from logly import logger

from tests.support import child

if TYPE_CHECKING:
    from pathlib import Path

IS_LONG = bool(os.environ.get("LOGLY_STRESS"))
KILLS = 100 if IS_LONG else 25

WRITER = """
import sys
from logly import logger

name, is_background = sys.argv[1], bool(int(sys.argv[2]))
logger.configure(console=False)
logger.add("app.log", format="{message}", async_write=is_background, rotation=None, **eval(sys.argv[3]))
padding = "x" * 2000
number = 0
while True:
    for _ in range(32):
        logger.info("{name} {number} {padding}", name=name, number=number, padding=padding)
        number += 1
    if is_background:
        logger.flush()
    if not number % 1024:
        print(number, flush=True)
        if not sys.stdin.readline():
            break
"""


def start(folder: Path, name: str, is_background: bool, options: object) -> subprocess.Popen[str]:
    """Start a process that logs 1,024 lines for each line it reads, and prints how many it has logged."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, name, str(int(is_background)), repr(options)],
        cwd=folder,
        env=child.environment_of(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def go_on(process: subprocess.Popen[str]) -> None:
    """Tell a process to log another 1,024 lines."""
    os.write(process.stdin.fileno(), b"\n")


WATCHES = pytest.mark.parametrize("options", [{}, {"watch": False}], ids=["watched", "unwatched"])
MODES = pytest.mark.parametrize("is_background", [True, False], ids=["background", "synchronous"])


@WATCHES
@MODES
def test_torn_line_of_another_process_is_ended_before_the_next_line(
    tmp_path: Path, is_background: bool, options: dict[str, bool]
) -> None:
    path = tmp_path / "app.log"
    logger.add(path, format="{message}", async_write=is_background, **options)
    logger.info("first")
    logger.flush()

    for number in range(3):
        with path.open("a") as other:
            other.write("whole\ntorn")
        logger.info("own {number}", number=number)
        logger.info("next")
        logger.flush()

    expected = [["whole", "torn", f"own {number}", "next"] for number in range(3)]
    assert path.read_text().splitlines() == ["first", *(line for lines in expected for line in lines)]


@MODES
def test_torn_line_is_ended_in_a_file_that_was_emptied(tmp_path: Path, is_background: bool) -> None:
    path = tmp_path / "app.log"
    logger.add(path, format="{message}", async_write=is_background)
    logger.info("a line that is longer than the torn one")
    logger.flush()
    path.write_text("torn")

    logger.info("own")
    logger.flush()

    assert path.read_text() == "torn\nown\n"


@MODES
def test_text_without_a_line_break_is_continued_by_its_own_process(tmp_path: Path, is_background: bool) -> None:
    path = tmp_path / "app.log"
    logger.add(path, format="{message}", async_write=is_background)

    for text in ["one", " two", "\n"]:
        logger.opt(raw=True).info(text)
        logger.flush()

    assert path.read_text() == "one two\n"


@WATCHES
@MODES
def test_line_torn_by_a_kill_takes_no_line_of_another_process_with_it(
    tmp_path: Path, is_background: bool, options: object
) -> None:
    survivors = [start(tmp_path, f"survivor{number}", is_background, options) for number in range(2)]
    logged = {}
    for life in range(KILLS):
        victim = start(tmp_path, f"victim{life}", is_background, options)
        for process in survivors:
            logged[process] = int(process.stdout.readline())
        victim.stdout.readline()
        for process in [victim, *survivors]:
            go_on(process)
        victim.kill()
        victim.communicate(timeout=child.LIMIT)
    for process in survivors:
        logged[process] = int(process.stdout.readline())
        process.communicate(timeout=child.LIMIT)

    lines = (tmp_path / "app.log").read_text().splitlines()

    padding = "x" * 2000
    for index, process in enumerate(survivors):
        own = [line for line in lines if line.startswith(f"survivor{index} ")]
        # A line that was being written at the moment of a kill may be written again, after its batch.
        assert sorted(own) == sorted(f"survivor{index} {number} {padding}" for number in range(logged[process]))

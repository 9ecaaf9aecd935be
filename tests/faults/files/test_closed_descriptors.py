"""Programs that close all descriptors, as daemons do: logly reopens the log, and no other file gets its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import child

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import os, sys
from logly import logger

logger.configure(console=False)
sink = logger.add("app.log", format="{message}", **eval(sys.argv[1]))
for number in range(5):
    logger.info("before {n}", n=number)
logger.flush()
os.closerange(3, 4096)
others = [os.open(f"other{number}", os.O_RDWR | os.O_CREAT | os.O_APPEND) for number in range(int(sys.argv[2]))]
for number in range(5):
    logger.info("after {n}", n=number)
assert logger.flush(10)
logger.error("end")
assert logger.complete(10)
assert logger.remove(sink)
for other in others:
    os.write(other, b"own")
"""
EXPECTED = [f"{when} {number}" for when in ("before", "after") for number in range(5)] + ["end"]


@pytest.mark.parametrize("others", [0, 40])
@pytest.mark.parametrize("rotation", [None, "1 MB"])
@pytest.mark.parametrize("watch", [True, False])
@pytest.mark.parametrize("is_background", [True, False], ids=["background", "synchronous"])
def test_closed_descriptors_cost_no_line_and_no_other_file(
    tmp_path: Path, is_background: bool, watch: bool, rotation: str | None, others: int
) -> None:
    options = {"async_write": is_background, "watch": watch, "rotation": rotation}

    finished = child.run(PROGRAM, repr(options), others, cwd=tmp_path)

    finished.check(stderr="")
    assert (tmp_path / "app.log").read_text().splitlines() == EXPECTED
    assert {(tmp_path / f"other{number}").read_text() for number in range(others)} <= {"own"}


def test_many_synchronous_files_take_few_of_the_descriptors_that_watch(tmp_path: Path) -> None:
    program = """
import os
from logly import logger

logger.configure(console=False)
sinks = [logger.add(f"{number}.log", async_write=False, format="{message}") for number in range(200)]
for _ in range(3):
    logger.info("one")
links = [os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd") if name != "0"
         if os.path.lexists(f"/proc/self/fd/{name}")]
print(sum("inotify" in link for link in links))
for number in range(200):
    os.rename(f"{number}.log", f"{number}.old")
logger.info("two")
assert all(open(f"{number}.log").read() == "two\\n" for number in range(200))
assert all(open(f"{number}.old").read() == "one\\n" * 3 for number in range(200))
assert logger.remove_all() == 200
"""

    child.run(program, cwd=tmp_path).check(stdout="1\n")

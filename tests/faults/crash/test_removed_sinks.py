"""A sink that is removed while its log takes no lines: the crash file keeps them for the next sink of the log."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.faults.crash.test_crash_files import BEGIN, names_in
from tests.faults.support.scarcity import SCARCITY, small_disk
from tests.support.child import run

if TYPE_CHECKING:
    from pathlib import Path

_FULL = (
    """
import os, sys
from logly import logger
"""
    + SCARCITY
    + """
path, count, width = sys.argv[1], int(sys.argv[2]), 400
options = dict(durability="crash", format="{message}", buffer_size=2_000_000)
logger.configure(console=False)
first = logger.add(path, **options)
fill(path + ".filler")
for number in range(count):
    logger.info("{number};" + "x" * width, number=number)
logger.remove(first)
"""
)

_AGAIN = """
os.unlink(path + ".filler")
second = logger.add(path, **options)
logger.info("{number};", number=count)
logger.complete()
print(logger.stats()["sinks"][second]["recovered"])
"""

# More than a megabyte of lines: the rest waits in the queue.
COUNTS = pytest.mark.parametrize("count", [100, 4000], ids=["lines wait", "records wait too"])


def _numbers(log: Path) -> list[int]:
    return [int(line.partition(";")[0]) for line in log.read_text().splitlines()]


@COUNTS
def test_next_sink_of_the_log_writes_the_lines_first(tmp_path: Path, count: int) -> None:
    with small_disk(tmp_path / "disk", "size=24m") as disk:
        result = run(_FULL + _AGAIN, disk / "app.log", count)

        assert _numbers(disk / "app.log") == list(range(count + 1))
        assert names_in(disk) == ["app.log"]
    assert int(result.check().stdout) > 0


@COUNTS
def test_next_process_writes_the_lines(tmp_path: Path, count: int) -> None:
    with small_disk(tmp_path / "disk", "size=24m") as disk:
        result = run(_FULL, disk / "app.log", count)
        (disk / "app.log.filler").unlink()

        run(BEGIN.replace("{level} ", ""), disk / "app.log").check()

        assert [line.partition(";")[0] for line in (disk / "app.log").read_text().splitlines()] == [
            str(number) for number in range(count)
        ]
        assert names_in(disk) == ["app.log"]
    assert "lines that could not be written; the crash file has them\n" in result.check().stderr


@COUNTS
def test_lines_of_a_logger_that_is_gone_are_written_by_the_next_one(tmp_path: Path, count: int) -> None:
    code = _FULL.replace("from logly import logger", "from logly import Logger\nlogger = Logger()")
    again = """
import gc, time
del logger
gc.collect()
os.unlink(path + ".filler")
other = Logger()
other.configure(console=False)
sink = other.add(path, **options)
until = time.monotonic() + 20
while len(open(path).readlines()) < count and time.monotonic() < until:
    time.sleep(0.01)
"""
    with small_disk(tmp_path / "disk", "size=24m") as disk:
        run(code.replace("logger.remove(first)\n", "") + again, disk / "app.log", count).check()

        assert _numbers(disk / "app.log") == list(range(count))
        assert names_in(disk) == ["app.log"]


def test_removed_sink_holds_neither_descriptor_nor_mapping(tmp_path: Path) -> None:
    code = """
    def held():
        links = [os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd")
                 if os.path.lexists(f"/proc/self/fd/{name}")]
        return [sum(".crash" in text for text in texts) for texts in (links, open("/proc/self/maps"))]
    logger.info("one")
    print(held())
    logger.remove(sink)
    print(held())
    """

    run(BEGIN + dedent(code), tmp_path / "app.log").check(stdout="[1, 1]\n[0, 0]\n", stderr="")

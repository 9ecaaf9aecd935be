"""Rotation under a system clock that runs, jumps and is put back: programs whose clock libfaketime sets.

`tests/files/test_rotation_model.py` freezes logly's own clock, for thousands of plans; here the clock keeps running.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import sys
import textwrap
import zoneinfo
from pathlib import Path

import pytest

from tests.support import child

BERLIN = "Europe/Berlin"
HAS_ZONE = any(Path(folder, BERLIN).is_file() for folder in zoneinfo.TZPATH)
LIMIT = 60

PRELUDE = """
import os, select, sys, time
from datetime import datetime
from pathlib import Path
from logly import logger
logger.configure(console=False)
LAG = time.time() - float(Path("/proc/uptime").read_text().split()[0])

def nap():
    # `time.sleep` fails where libfaketime leaves the monotonic clock alone.
    select.select([], [], [], 0.005)

def set_clock(utc):
    # Where uptime is read, libfaketime is not.
    real = LAG + float(Path("/proc/uptime").read_text().split()[0])
    offset = datetime.fromisoformat(utc + "+00:00").timestamp() - real
    Path("offset.new").write_text(f"{offset:+.3f}")
    os.replace("offset.new", os.environ["FAKETIME_TIMESTAMP_FILE"])

def log_until(utc):
    end = datetime.fromisoformat(utc + "+00:00").timestamp()
    while time.time() < end:
        logger.info("running")
        nap()

def wait_for(path, seconds=10):
    polls = 0
    while not Path(path).exists():
        polls += 1
        assert polls < seconds * 200, f"no {path}: {sorted(os.listdir())}"
        nap()

def add(**options):
    return logger.add("app.log", json=True, **options)
"""

pytestmark = [
    pytest.mark.skipif(shutil.which("faketime") is None, reason="faketime is not installed"),
    pytest.mark.skipif(not HAS_ZONE, reason=f"the system has no zone {BERLIN}"),
]


def run(folder: Path, program: str, *, is_monotonic: bool = True) -> None:
    """Run a program that can set its own clock; until then it has the real time."""
    offset = folder / "offset"
    offset.write_text("+0")
    # `faketime` finds its library itself. Its FAKETIME variable is removed, so that the clock follows the file.
    faked = ["faketime", "-m", "-f", "+0", "env", "-u", "FAKETIME"]
    command = [*faked, sys.executable, "-X", "faulthandler", "-c", PRELUDE + textwrap.dedent(program)]
    settings = {"TZ": BERLIN, "FAKETIME_TIMESTAMP_FILE": str(offset), "FAKETIME_NO_CACHE": "1"}
    if is_monotonic:
        settings["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"
    ended = child.execute(command, cwd=folder, env={**os.environ, **settings}, timeout=LIMIT)
    offset.unlink()
    ended.check()


def times(folder: Path) -> dict[str, tuple[str, str]]:
    """Return the lowest and the highest time in each file, in UTC."""
    found = {}
    for path in folder.iterdir():
        stamps = [json.loads(line)["timestamp"] for line in path.read_text().splitlines()]
        found[path.name] = (min(stamps), max(stamps))
    return found


MODES = pytest.mark.parametrize("is_background", [True, False], ids=["background", "synchronous"])


@MODES
def test_hour_that_is_left_out_ends_at_the_jump(is_background: bool, tmp_path: Path) -> None:
    program = f"""
    set_clock("2025-03-30T00:59:59.500")
    add(rotation="hourly", async_write={is_background})
    log_until("2025-03-30T01:00:00.500")
    """

    run(tmp_path, program)

    found = times(tmp_path)
    assert sorted(found) == ["app.2025-03-30_01.log", "app.log"]
    assert found["app.2025-03-30_01.log"][1] < "2025-03-30T01:00:00" <= found["app.log"][0]


def test_hour_that_comes_twice_has_two_files(tmp_path: Path) -> None:
    program = """
    set_clock("2025-10-26T00:59:59.500")
    add(rotation="hourly")
    log_until("2025-10-26T01:00:00.500")
    set_clock("2025-10-26T01:59:59.500")
    log_until("2025-10-26T02:00:00.500")
    """

    run(tmp_path, program)

    found = times(tmp_path)
    first, second, third = (found[name] for name in ("app.2025-10-26_02.log", "app.2025-10-26_02.2.log", "app.log"))
    assert len(found) == 3
    assert first[1] < "2025-10-26T01:00:00" <= second[0]
    assert second[1] < "2025-10-26T02:00:00" <= third[0]


def test_idle_file_is_rotated_on_the_writers_clock(tmp_path: Path) -> None:
    program = """
    set_clock("2025-06-01T21:59:30")
    add(rotation="daily")
    logger.info("the last of its day")
    assert logger.complete(timeout=10)
    assert not Path("app.2025-06-01.log").exists()
    set_clock("2025-06-01T22:00:01")
    wait_for("app.2025-06-01.log")
    """

    run(tmp_path, program)

    assert "the last of its day" in (tmp_path / "app.2025-06-01.log").read_text()
    assert (tmp_path / "app.log").read_text() == ""


@MODES
def test_midnight_that_comes_again_rotates_nothing(is_background: bool, tmp_path: Path) -> None:
    program = f"""
    set_clock("2025-06-01T21:59:59.800")
    add(rotation="daily", async_write={is_background})
    log_until("2025-06-01T22:00:00.200")
    set_clock("2025-06-01T21:59:59.800")
    log_until("2025-06-01T22:00:00.200")
    set_clock("2025-06-02T22:00:01")
    logger.info("the next day")
    """

    run(tmp_path, program)

    found = times(tmp_path)
    assert sorted(found) == ["app.2025-06-01.log", "app.2025-06-02.log", "app.log"]
    assert found["app.2025-06-01.log"][1] < "2025-06-01T22:00:00"
    assert found["app.2025-06-02.log"][0] < "2025-06-01T22:00:00" < found["app.2025-06-02.log"][1]


@MODES
def test_clock_that_was_years_ahead_does_not_hold_rotation_up(is_background: bool, tmp_path: Path) -> None:
    program = f"""
    set_clock("2037-01-01T12:00:00")
    add(rotation="daily", async_write={is_background})
    logger.info("wrong")
    logger.flush()
    set_clock("2025-06-01T21:59:59.800")
    log_until("2025-06-01T22:00:00.200")
    """

    run(tmp_path, program)

    found = times(tmp_path)
    assert len(found) == 2
    assert found["app.log"][0] >= "2025-06-01T22:00:00"


@MODES
def test_file_of_a_program_that_ended_is_archived_by_the_next(is_background: bool, tmp_path: Path) -> None:
    program = """
    set_clock("{when}")
    add(rotation="daily", async_write={is_background})
    logger.info("running")
    """
    run(tmp_path, program.format(when="2025-06-01T12:00:00", is_background=is_background))
    # The kernel stamps files with the real time.
    noon = dt.datetime(2025, 6, 1, 12, tzinfo=dt.timezone.utc).timestamp()
    os.utime(tmp_path / "app.log", (noon, noon))

    run(tmp_path, program.format(when="2025-06-04T12:00:00", is_background=is_background))

    assert {name: first[:10] for name, (first, _) in times(tmp_path).items()} == {
        "app.2025-06-01.log": "2025-06-01",
        "app.log": "2025-06-04",
    }


@MODES
def test_nothing_hangs_when_even_the_monotonic_clock_jumps(is_background: bool, tmp_path: Path) -> None:
    program = f"""
    add(rotation=["hourly", 200], async_write={is_background})
    for year in (2037, 2025, 2031, 2024):
        set_clock(f"{{year}}-06-01T12:00:00")
        logger.info("{{year}}", year=year)
        logger.flush()
    assert logger.complete(timeout=10)
    """

    run(tmp_path, program, is_monotonic=False)

    held = "".join(path.read_text() for path in tmp_path.iterdir())
    assert [held.count(f'"message": "{year}"') for year in (2037, 2025, 2031, 2024)] == [1, 1, 1, 1]

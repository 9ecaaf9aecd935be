"""Writes that fail, are interrupted, take long or are partial: each accepted record is in the file, once and whole.

A library loaded before the C library makes `write` behave so.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import check_log, run
from tests.faults.support.scarcity import SCARCITY, check_reports

if TYPE_CHECKING:
    from pathlib import Path

MODES = pytest.mark.parametrize("async_write", [True, False], ids=["background", "synchronous"])
ALL = 10**9


@MODES
@pytest.mark.parametrize("error", [errno.EIO, errno.EROFS, errno.EDQUOT, errno.ESTALE, errno.EAGAIN])
def test_failing_writes_lose_nothing_and_are_told_once(
    tmp_path: Path, shim: str, error: int, async_write: bool
) -> None:
    result = run(
        tmp_path,
        f"add(async_write={async_write}); log(1); logger.flush(); log(2000, 1); print(log_until(logger.flush, 2001))",
        SCARCITY,
        LD_PRELOAD=shim,
        LOGLY_WRITES=f"{error}:1:5",
    )

    result.check()
    assert sum(check_log(tmp_path / "app.log").values()) == int(result.stdout)
    check_reports(result, "cannot write", "recovered")


@MODES
@pytest.mark.parametrize("what", ["short", "slow", errno.EINTR])
def test_slow_short_and_interrupted_writes_are_nobodys_business(
    tmp_path: Path, shim: str, what: object, async_write: bool
) -> None:
    result = run(
        tmp_path,
        f"add(async_write={async_write}); log(3000); print(logger.flush())",
        LD_PRELOAD=shim,
        LOGLY_WRITES=f"{what}:0:40",
    )

    result.check(stdout="True\n", stderr="")
    assert sum(check_log(tmp_path / "app.log").values()) == 3000


@MODES
def test_writes_that_are_always_short_rotate_between_whole_lines(tmp_path: Path, shim: str, async_write: bool) -> None:
    result = run(
        tmp_path,
        f"add(rotation=20_000, async_write={async_write}); log(2000); print(logger.flush(), len(archives()))",
        SCARCITY,
        LD_PRELOAD=shim,
        LOGLY_WRITES=f"short:0:{ALL}",
    )

    result.check()
    assert result.stdout.startswith("True ")
    assert int(result.stdout.split()[1]) > 2
    for path in tmp_path.glob("app*.log"):
        assert path.read_text().endswith("\n")
        assert path.stat().st_size <= 20_000
    count = sum(path.read_text().count("\n") for path in tmp_path.glob("app*.log"))
    assert count == 2000


@MODES
def test_line_cut_before_an_error_is_ended_by_its_rest(tmp_path: Path, shim: str, async_write: bool) -> None:
    result = run(
        tmp_path,
        f"add(async_write={async_write}); log(2000); print(log_until(logger.flush, 2000))",
        SCARCITY,
        LD_PRELOAD=shim,
        LOGLY_WRITES=f"short:0:0 {errno.EIO}:1:3 short:4:5 {errno.EIO}:6:6",
    )

    result.check()
    assert sum(check_log(tmp_path / "app.log").values()) == int(result.stdout)


def test_writes_that_never_succeed_delay_no_caller_and_no_end(tmp_path: Path, shim: str) -> None:
    result = run(
        tmp_path,
        "add(); log(100_000); print(logger.flush())",
        LD_PRELOAD=shim,
        LOGLY_WRITES=f"{errno.EIO}:0:{ALL}",
    )

    result.check(stdout="False\n")
    assert "100000 " in result.stderr.splitlines()[-1], result.stderr
    check_reports(result)
    assert (tmp_path / "app.log").read_bytes() == b""


def test_slow_writes_delay_no_caller(tmp_path: Path, shim: str) -> None:
    result = run(
        tmp_path,
        """
        import time
        add()
        log(1)
        begin = time.perf_counter()
        log(20_000, 1)
        print(time.perf_counter() - begin)
        """,
        LD_PRELOAD=shim,
        LOGLY_WRITES=f"slow:0:{ALL}",
    )

    result.check()
    assert sum(check_log(tmp_path / "app.log").values()) == 20_001
    assert float(result.stdout) < 5

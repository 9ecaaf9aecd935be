"""Kills, which no program can prevent: only records accepted in the last moments are lost.

A kill in the middle of a write may leave a part of a line; the next writer ends it.
"""

from __future__ import annotations

import mmap
import signal
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import FILES, IS_LONG, LINE, SINKS, check_log, run, start

if TYPE_CHECKING:
    from pathlib import Path

DEADLY = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGSEGV, signal.SIGKILL])

QUEUE = 64 * 1024
"""Bytes of the queue in tests that check how many records are lost."""

SHORTEST = 64
"""The fewest bytes that a record takes in the queue."""

KILLS = 50 if IS_LONG else 8


@DEADLY
@pytest.mark.parametrize("sink", ["synchronous", "function", "console", "stream"])
def test_signal_that_ends_the_process_loses_nothing_of_a_synchronous_sink(
    tmp_path: Path, number: signal.Signals, sink: str
) -> None:
    result = run(
        tmp_path,
        f"begin({sink!r}); log(5000); signal.signal({number.value}, signal.SIG_DFL) "
        f"if {number.value} != 9 else 0; os.kill(os.getpid(), {number.value})",
    )

    result.check(returncode=-number)
    assert list(check_log(tmp_path / "app.log").values()) == [5000]


@DEADLY
@SINKS
@pytest.mark.parametrize("wait", ["flush", "complete"])
def test_signal_that_ends_the_process_after_a_wait_loses_nothing(
    tmp_path: Path, wait: str, number: signal.Signals, sink: str
) -> None:
    result = run(
        tmp_path,
        f"""
        import faulthandler
        faulthandler.disable()
        begin({sink!r})
        log(5000)
        assert logger.{wait}()
        os.kill(os.getpid(), {number.value})
        """,
    )

    result.check(returncode=-number)
    assert list(check_log(tmp_path / "app.log").values()) == [5000]


@SINKS
def test_sys_exit_in_a_sigterm_handler_writes_everything(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        begin({sink!r})
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
        log(5000)
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()
        """,
    )

    result.check(returncode=3)
    assert list(check_log(tmp_path / "app.log").values()) == [5000]


@FILES
@pytest.mark.parametrize("rotation", [None, "1 MB"])
def test_kills_in_the_middle_lose_the_queue_at_most_and_tear_no_line_of_another(
    tmp_path: Path, rotation: str | None, sink: str
) -> None:
    # Each life numbers its records from 0. The number of calls that returned is in memory shared with this process.
    program = f"""
    import itertools, mmap
    accepted = mmap.mmap(os.open("accepted", os.O_RDWR), 8)
    is_background = {sink!r} == "background"
    add(async_write=is_background, rotation={rotation!r}, **({{"buffer_size": {QUEUE}}} if is_background else {{}}))
    for number in itertools.count():
        log(1, number)
        accepted[:] = (number + 1).to_bytes(8, "little")
    """
    lives = {}

    for kill in range(KILLS):
        (tmp_path / "accepted").write_bytes(bytes(8))
        with (tmp_path / "accepted").open("r+b") as file, mmap.mmap(file.fileno(), 8) as accepted:
            process = start(tmp_path, program)
            while int.from_bytes(accepted[:], "little") < 500 + 700 * kill % 5000:
                assert process.poll() is None
            process.kill()
            process.communicate()
            lives[process.pid] = int.from_bytes(accepted[:], "little")
    end = run(tmp_path, f"add(rotation={rotation!r}); log(1)")

    end.check(stderr="")
    # `app.STAMP.log`, `app.STAMP.1.log`, ...: archives with the same stamp are ordered by number.
    archives = sorted(tmp_path.glob("app.*.log"), key=lambda path: (path.name.split(".")[1], len(path.name), path.name))
    written, torn = count_lines(*archives, tmp_path / "app.log")
    assert torn <= KILLS
    most_lost = 2 * QUEUE // SHORTEST if sink == "background" else 0
    lost = {pid: accepted - written.get(pid, 0) for pid, accepted in lives.items()}
    assert max(lost.values()) <= most_lost


def count_lines(*paths: Path) -> tuple[dict[int, int], int]:
    """Count the lines of each process, which must have no gap, and the lines that are cut."""
    numbers: dict[int, int] = {}
    torn = 0
    for line in "".join(path.read_text() for path in paths).splitlines():
        match = LINE.fullmatch(line)
        if match is None or len(match[4]) != int(match[3]) % 40:
            torn += 1
            continue
        pid, number = int(match[1]), int(match[3])
        assert number == numbers.get(pid, 0), f"expected number {numbers.get(pid, 0)}: {line!r}"
        numbers[pid] = number + 1
    return numbers, torn

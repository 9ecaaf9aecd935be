"""The end of the process: everything accepted is written, by whatever way it ends, and it ends in time."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from tests.faults.oracle import check_log, run

if TYPE_CHECKING:
    from pathlib import Path

MODES = pytest.mark.parametrize("async_write", [True, False], ids=["background", "synchronous"])


@MODES
@pytest.mark.parametrize("count", [345, 20_000])
def test_normal_end_without_flush_writes_everything(tmp_path: Path, count: int, async_write: bool) -> None:
    result = run(tmp_path, f"add(async_write={async_write}); log({count})")

    assert (result.returncode, result.stderr) == (0, "")
    assert sum(check_log(tmp_path / "app.log").values()) == count


@MODES
def test_uncaught_exception_writes_everything(tmp_path: Path, async_write: bool) -> None:
    result = run(tmp_path, f"add(async_write={async_write}); log(5000); raise RuntimeError('end')")

    assert result.returncode == 1
    assert sum(check_log(tmp_path / "app.log").values()) == 5000


@MODES
def test_sys_exit_in_a_sigterm_handler_writes_everything(tmp_path: Path, async_write: bool) -> None:
    result = run(
        tmp_path,
        f"""
        add(async_write={async_write})
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
        log(5000)
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()
        """,
    )

    assert result.returncode == 3
    assert sum(check_log(tmp_path / "app.log").values()) == 5000


def test_os_exit_after_flush_has_everything(tmp_path: Path) -> None:
    run(tmp_path, "add(); log(5000); assert logger.flush(); os._exit(0)")

    assert sum(check_log(tmp_path / "app.log").values()) == 5000


def test_kill_after_flush_has_everything(tmp_path: Path) -> None:
    run(tmp_path, "add(); log(5000); assert logger.flush(); os.kill(os.getpid(), signal.SIGKILL)")

    assert sum(check_log(tmp_path / "app.log").values()) == 5000


def test_kill_loses_nothing_of_a_synchronous_file(tmp_path: Path) -> None:
    run(tmp_path, "add(async_write=False); log(5000); os.kill(os.getpid(), signal.SIGKILL)")

    assert sum(check_log(tmp_path / "app.log").values()) == 5000


def test_late_calls_are_written_inline(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        import atexit
        import logly._lifecycle
        add()
        # Registered again after this, logly's own handler runs first.
        atexit.register(log, 10, 20)
        logly._lifecycle.install()

        class Late:
            def __del__(self):
                log(10, 30)

        late = Late()
        late.itself = late
        log(20)
        """,
    )

    assert result.stderr == ""
    assert sum(check_log(tmp_path / "app.log").values()) in {30, 40}
    assert (tmp_path / "app.log").read_text().count("\n") >= 30


def test_threads_that_outlive_main_are_written(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        add()
        gate = threading.Event()
        def work():
            gate.wait()
            log(3000)
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        gate.set()
        """,
    )

    assert (result.returncode, result.stderr) == (0, "")
    assert sorted(check_log(tmp_path / "app.log").values()) == [3000] * 4


@pytest.mark.parametrize("attempt", range(4))
def test_daemon_threads_logging_at_the_end_do_no_harm(tmp_path: Path, attempt: int) -> None:
    result = run(
        tmp_path,
        """
        import itertools
        add()
        started = threading.Barrier(9)
        def work():
            started.wait()
            for number in itertools.count():
                log(1, number)
        for _ in range(8):
            threading.Thread(target=work, daemon=True).start()
        started.wait()
        log(100)
        """,
    )

    assert (result.returncode, result.stderr) == (0, ""), attempt
    check_log(tmp_path / "app.log")


@pytest.mark.parametrize("attempt", range(4))
def test_daemon_threads_on_the_console_at_the_end_do_no_harm(tmp_path: Path, attempt: int) -> None:
    result = run(
        tmp_path,
        """
        logger.add("stdout")
        started = threading.Barrier(9)
        def work():
            started.wait()
            while True:
                logger.info("x")
        for _ in range(8):
            threading.Thread(target=work, daemon=True).start()
        started.wait()
        for _ in range(100):
            logger.info("x")
        """,
    )

    assert (result.returncode, result.stderr) == (0, ""), attempt


def test_a_standard_error_that_nobody_reads_hangs_nothing(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        try:
            while True:
                os.write(writing, b"x" * 4096)
        except BlockingIOError:
            os.set_blocking(writing, True)
        os.dup2(writing, 2)
        logger.add("/dev/full")
        log(100)
        print(logger.flush())
        """,
    )

    assert (result.returncode, result.stdout) == (0, "False\n")


def test_a_file_that_blocks_delays_the_end_by_the_exit_timeout_only(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "app.log")
    begin = time.monotonic()

    result = run(tmp_path, "add(); log(20_000)")

    assert result.returncode == 0
    assert len(result.stderr.splitlines()) == 1
    assert "could not be written" in result.stderr
    assert time.monotonic() - begin < 30


def test_deleted_logger_writes_what_it_was_given(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        from logly import Logger
        other = Logger()
        other.remove_all()
        other.add("app.log", format="{message}")
        logger = other
        log(5000)
        del other, logger
        """,
    )

    assert (result.returncode, result.stderr) == (0, "")
    assert sum(check_log(tmp_path / "app.log").values()) == 5000


def test_interrupt_in_a_log_loop_comes_once_and_loses_nothing(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        add()
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        done = 0
        interrupts = 0
        try:
            while True:
                log(1, done)
                done += 1
        except KeyboardInterrupt:
            interrupts += 1
        logger.complete()
        print(done, interrupts)
        """,
    )

    done, interrupts = map(int, result.stdout.split())
    written = sum(check_log(tmp_path / "app.log").values())
    assert interrupts == 1
    # The call during which the signal came was accepted or not begun.
    assert written - done in {0, 1}

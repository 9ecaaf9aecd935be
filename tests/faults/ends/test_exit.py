"""The end of the process: every accepted record is written, however the process ends, and it ends in time.

`test_end_of_threads.py` covers other threads at the end, `test_signals.py` covers signals.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import FILES, SINKS, check_log, run
from tests.faults.support.scarcity import NO_THREADS

if TYPE_CHECKING:
    from pathlib import Path


@SINKS
@pytest.mark.parametrize("count", [345, 20_000])
def test_normal_end_without_flush_writes_everything(tmp_path: Path, count: int, sink: str) -> None:
    result = run(tmp_path, f"begin({sink!r}); log({count})")

    result.check(stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [count]


@SINKS
def test_uncaught_exception_writes_everything(tmp_path: Path, sink: str) -> None:
    # When the log is standard error, a traceback would appear in it.
    result = run(tmp_path, f"sys.excepthook = lambda *_: 0; begin({sink!r}); log(5000); raise RuntimeError('end')")

    result.check(stderr="", returncode=1)
    assert list(check_log(tmp_path / "app.log").values()) == [5000]


@SINKS
def test_sys_exit_writes_everything(tmp_path: Path, sink: str) -> None:
    result = run(tmp_path, f"begin({sink!r}); log(5000); sys.exit(3)")

    result.check(stderr="", returncode=3)
    assert list(check_log(tmp_path / "app.log").values()) == [5000]


@SINKS
@pytest.mark.parametrize("wait", ["flush", "complete"])
def test_os_exit_after_a_wait_has_everything(tmp_path: Path, wait: str, sink: str) -> None:
    result = run(tmp_path, f"begin({sink!r}); log(5000); assert logger.{wait}(); os._exit(0)")

    result.check(stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [5000]


@SINKS
def test_os_exit_without_a_wait_ends_at_once_and_tears_nothing(tmp_path: Path, sink: str) -> None:
    result = run(tmp_path, f"begin({sink!r}); log(5000); os._exit(0)")

    result.check(stderr="")
    if sink in {"synchronous", "function", "console", "stream"}:
        assert list(check_log(tmp_path / "app.log").values()) == [5000]


@FILES
def test_atexit_functions_registered_before_the_import_are_written(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        import atexit
        import logly._process.lifecycle
        # Registered again after this, logly's own handler runs first, as it does in a program that imports logly late.
        atexit.register(log, 10, 20)
        logly._process.lifecycle.install()
        begin({sink!r})
        log(20)
        """,
    )

    result.check(stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [30]


@SINKS
def test_atexit_functions_registered_before_the_first_record_are_written(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        import atexit
        atexit.register(log, 10, 20)
        begin({sink!r})
        log(20)
        """,
    )

    result.check(stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [30]


@FILES
def test_finalizers_of_what_the_module_holds_are_written(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        class Late:
            # Its globals may be gone by then.
            def __del__(self, info=logger.info, pid=os.getpid(), thread=threading.get_ident()):
                info("{{pid}} {{thread}} {{number}} ", pid=pid, thread=thread, number=40)

        begin({sink!r})
        late = Late()
        late.itself = late
        log(40)
        """,
    )

    result.check(stderr="")
    assert (tmp_path / "app.log").read_text().count("\n") == 41


def test_finalizers_call_no_function_any_more_and_raise_nothing(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        class Late:
            def __del__(self, info=logger.info):
                info("late")

        # In a cycle that a module of C holds, which is collected after the program's own.
        begin("function")
        late = Late()
        late.itself = late
        sys.late = late
        log(40)
        """,
    )

    result.check(stderr="")
    lines = (tmp_path / "app.log").read_text().splitlines()
    assert len(lines) in (40, 41)


@FILES
def test_a_logger_that_was_drained_goes_on(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        import logly._process.lifecycle
        sink = begin({sink!r})
        log(100)
        logly._process.lifecycle._at_exit()
        log(100, 100)
        print(logger.flush(), logger.complete(), logger.sink_info(sink)["written"])
        other = logger.add("other.log", format="{{message}}")
        logger.configure(level="DEBUG")
        logger.debug("late")
        print(logger.remove(other), logger.remove_all(), logger.remove_all(), logger.flush(), logger.complete())
        logger.info("to nobody")
        logly._process.lifecycle._at_exit()
        """,
    )

    result.check(stdout="True True 200\nTrue 1 0 True True\n", stderr="")
    assert (tmp_path / "other.log").read_text() == "late\n"
    assert (tmp_path / "app.log").read_text().splitlines()[200:] == ["late"]


@SINKS
def test_calls_after_everything_was_removed_raise_nothing(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        sink = begin({sink!r})
        log(100)
        logger.remove_all()
        log(100, 100)
        print(logger.flush(), logger.complete(), logger.remove(sink), logger.sink_info(sink))
        """,
    )

    result.check(stdout="True True False None\n", stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [100]


@FILES
def test_deleted_logger_writes_what_it_was_given(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        from logly import Logger
        logger = Logger()
        logger.remove_all()
        begin({sink!r})
        log(5000)
        del logger
        """,
    )

    result.check(stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [5000]


@FILES
def test_no_thread_to_be_had_at_the_end_is_no_trouble(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        import atexit
        atexit.register(lambda: (forbid_threads(), log(20, 20)))
        begin({sink!r})
        log(20)
        """,
        NO_THREADS,
    )

    result.check(stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [40]


@FILES
def test_no_thread_to_be_had_for_a_first_record_at_the_end_is_no_trouble(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        import atexit
        import logly._process.lifecycle
        def late():
            forbid_threads()
            begin({sink!r})
            log(20)
        atexit.register(late)
        logly._process.lifecycle.install()
        """,
        NO_THREADS,
    )

    result.check(stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [20]


@FILES
def test_a_standard_error_that_nobody_reads_hangs_nothing(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        try:
            while True:
                os.write(writing, b"x" * 4096)
        except BlockingIOError:
            os.set_blocking(writing, True)
        os.dup2(writing, 2)
        os.symlink("/dev/full", "app.log")
        begin({sink!r})
        log(100)
        print(logger.flush())
        """,
    )

    result.check(stdout="False\n")


def test_a_file_that_blocks_delays_the_end_by_the_exit_timeout_only(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "app.log")
    begin = time.monotonic()

    result = run(tmp_path, "add(); log(20_000)")

    result.check()
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert "records could not be written" in result.stderr, result.stderr
    # The promise is five seconds; a program that waits for the file would never end.
    assert time.monotonic() - begin < 30

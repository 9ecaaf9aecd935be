"""Threads at the end of the process: the process waits for ordinary threads, and daemon threads do no harm."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import FILES, IN_BACKGROUND, IS_LONG, KINDS, SINKS, check_log, run

if TYPE_CHECKING:
    from pathlib import Path

UNWRITTEN = re.compile(r"(logly: \d+ records could not be written before the process ended\n)?")
"""The only report that a program may make at its end."""

ATTEMPTS = pytest.mark.parametrize("attempt", range(12 if IS_LONG else 3))

STUCK = """
import time
entered = threading.Event()
def stuck(line):
    entered.set()
    time.sleep(60)
"""


@SINKS
def test_threads_that_outlive_main_are_written(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        begin({sink!r})
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

    result.check(stderr="")
    assert sorted(check_log(tmp_path / "app.log").values()) == [3000] * 4


@ATTEMPTS
@pytest.mark.parametrize("sink", sorted({*KINDS, "stream"} - {*IN_BACKGROUND}))
def test_daemon_threads_logging_at_the_end_do_no_harm(tmp_path: Path, sink: str, attempt: int) -> None:
    result = run(
        tmp_path,
        f"""
        import itertools
        begin({sink!r})
        started = threading.Barrier(9)
        def work():
            started.wait()
            for number in itertools.count():
                log(1, number)
        for _ in range(8):
            threading.Thread(target=work, daemon=True).start()
        started.wait()
        log(100)
        print(threading.get_ident())
        """,
    )

    result.check(stderr="", note=f"attempt {attempt}")
    by_thread = {thread: count for (_, thread), count in check_log(tmp_path / "app.log").items()}
    assert by_thread[int(result.stdout)] == 100


WITHOUT_PAUSE = """
def log_without_pause():
    started = threading.Barrier(9)
    def work():
        started.wait()
        while True:
            logger.info("another")
    for _ in range(8):
        threading.Thread(target=work, daemon=True).start()
    started.wait()
"""

OUTRUN = {
    "files": "begin('background')",
    "JSON files": "logger.add('app.log', json=True)",
    "files with a small queue": "add(buffer_size=64 * 1024)",
    "files with a slow writer": "add(flush_interval=200)",
    "files of callers": "begin('synchronous')",
    "rotated files": "add(rotation='1 MB', retention=2)",
    "streams": "begin('stream')",
    "functions in the background": "add(appending(), async_write=True, buffer_size=64 * 1024)",
    "coroutine functions": "add(awaiting(), buffer_size=64 * 1024)",
    "streams in the background": "add(open('app.log', 'a'), async_write=True, buffer_size=64 * 1024)",
    # By default their queue may overflow, on a machine where they cannot keep up with eight threads.
    "callbacks": "begin('background'); logger.add_callback(lambda record: None, overflow='block')",
}


@ATTEMPTS
@pytest.mark.parametrize("kind", OUTRUN)
def test_daemon_threads_that_log_without_pause_have_nothing_lost_at_the_end(
    tmp_path: Path, kind: str, attempt: int
) -> None:
    result = run(
        tmp_path,
        f"""
        import atexit, logly._process.lifecycle
        def tell():
            # After logly's own, which is the last to be registered and so the first to be called.
            stats = logger.stats()
            for counts in (*stats["sinks"].values(), *stats["callbacks"].values()):
                seen = counts["written"] + counts["filtered"] + sum(counts["dropped"].values()) + counts["pending"]
                print(counts["accepted"] - seen, {{name for name, count in counts["dropped"].items() if count}})
        atexit.register(tell)
        logly._process.lifecycle.install()
        {OUTRUN[kind]}
        log_without_pause()
        logger.info("the last of main")
        """,
        WITHOUT_PAUSE,
    )

    result.check(stderr="", note=f"attempt {attempt}")
    # Python sinks are closed to all threads except the one that ends the process.
    assert set(result.stdout.splitlines()) <= {"0 set()", "0 {'closed'}"}
    assert "the last of main" in (tmp_path / "app.log").read_text() or kind == "rotated files"


@pytest.mark.parametrize("sink", IN_BACKGROUND)
def test_what_waits_for_a_python_sink_is_written_at_the_end_though_daemon_threads_log_on(
    tmp_path: Path, sink: str
) -> None:
    result = run(
        tmp_path,
        f"""
        import itertools
        begin({sink!r})
        is_far_behind = threading.Event()
        def work():
            for number in itertools.count():
                log(1, number)
                if number == 1000:
                    is_far_behind.set()
        for _ in range(6):
            threading.Thread(target=work, daemon=True).start()
        is_far_behind.wait()
        log(100)
        print(threading.get_ident())
        """,
    )

    result.check(stderr="")
    by_thread = {thread: count for (_, thread), count in check_log(tmp_path / "app.log").items()}
    assert by_thread[int(result.stdout)] == 100


@ATTEMPTS
def test_daemon_threads_that_log_without_pause_do_not_keep_a_waiting_thread(tmp_path: Path, attempt: int) -> None:
    result = run(
        tmp_path,
        """
        logger.add("app.log", json=True)
        log_without_pause()
        print([logger.complete() for _ in range(20)] == [True] * 20)
        """,
        WITHOUT_PAUSE,
    )

    result.check(stdout="True\n", stderr="", note=f"attempt {attempt}")


@ATTEMPTS
def test_daemon_threads_at_the_end_do_no_harm_to_two_sinks_in_the_background(tmp_path: Path, attempt: int) -> None:
    result = run(
        tmp_path,
        """
        begin("coroutine")
        logger.add(appending("second.log"), format="{message}", async_write=True, overflow="drop_new")
        started = threading.Barrier(5)
        def work():
            started.wait()
            number = 0
            while True:
                log(1, number)
                number += 1
        for _ in range(4):
            threading.Thread(target=work, daemon=True).start()
        started.wait()
        """,
    )

    result.check(note=f"attempt {attempt}")
    assert UNWRITTEN.fullmatch(result.stderr), result.stderr
    check_log(tmp_path / "app.log")


@ATTEMPTS
def test_daemon_threads_on_the_console_at_the_end_do_no_harm(tmp_path: Path, attempt: int) -> None:
    result = run(
        tmp_path,
        """
        logger.add("stdout", format="{message}")
        started = threading.Barrier(9)
        def work():
            started.wait()
            while True:
                logger.info("another")
        for _ in range(8):
            threading.Thread(target=work, daemon=True).start()
        started.wait()
        for _ in range(100):
            logger.info("main")
        """,
    )

    result.check(note=f"attempt {attempt}")
    # A daemon thread that cannot finish its line within a second is reported.
    assert UNWRITTEN.fullmatch(result.stderr), result.stderr
    assert set(result.stdout.splitlines()) <= {"main", "another"}
    assert result.stdout.splitlines().count("main") == 100


@SINKS
def test_daemon_threads_that_wait_for_records_of_others_do_no_harm(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        begin({sink!r})
        started = threading.Barrier(5)
        def work():
            started.wait()
            while True:
                logger.complete()
                logger.flush()
        for _ in range(4):
            threading.Thread(target=work, daemon=True).start()
        started.wait()
        log(3000)
        """,
    )

    result.check(stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [3000]


@FILES
def test_daemon_thread_in_a_file_that_blocks_delays_the_end_by_the_exit_timeout_only(tmp_path: Path, sink: str) -> None:
    begin = time.monotonic()

    result = run(
        tmp_path,
        f"""
        # Both ends are open, and nobody reads: the writer gets stuck in the middle.
        os.mkfifo("app.log")
        end = os.open("app.log", os.O_RDWR)
        begin({sink!r})
        def work():
            while True:
                logger.info("x" * 1000)
        threading.Thread(target=work, daemon=True).start()
        import fcntl, struct, termios, time
        waiting = lambda: struct.unpack("i", fcntl.ioctl(end, termios.FIONREAD, bytes(4)))[0]
        while waiting() < 60_000:
            time.sleep(0.01)
        """,
    )

    result.check()
    assert len(result.stderr.splitlines()) <= 1, result.stderr
    assert time.monotonic() - begin < 30


def test_daemon_thread_stuck_in_a_sink_delays_the_end_by_the_exit_timeout_only(tmp_path: Path) -> None:
    begin = time.monotonic()

    result = run(
        tmp_path,
        """
        add(stuck)
        threading.Thread(target=logger.info, args=("stuck",), daemon=True).start()
        entered.wait()
        add()
        # Left behind in the sink that is stuck, and written to the other.
        log(1)
        """,
        STUCK,
    )

    result.check()
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert "2 records could not be written" in result.stderr, result.stderr
    assert list(check_log(tmp_path / "app.log").values()) == [1]
    assert time.monotonic() - begin < 30


def test_daemon_thread_stuck_in_a_standard_output_that_nobody_reads_delays_the_end_by_the_exit_timeout_only(
    tmp_path: Path,
) -> None:
    begin = time.monotonic()

    result = run(
        tmp_path,
        """
        import fcntl, struct, termios, time
        reading, writing = os.pipe()
        os.dup2(writing, 1)
        logger.add("stdout", format="{message}")
        def work():
            while True:
                logger.info("x" * 1000)
        threading.Thread(target=work, daemon=True).start()
        waiting = lambda: struct.unpack("i", fcntl.ioctl(reading, termios.FIONREAD, bytes(4)))[0]
        while waiting() < 60_000:
            time.sleep(0.01)
        """,
    )

    # The interpreter may abort: a thread that never returns holds the lock of its standard output.
    assert len(result.stderr) < 2000, result.stderr
    assert time.monotonic() - begin < 30

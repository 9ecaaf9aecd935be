"""The queue between callers and sinks: bursts, many threads, readers that stall, records too large for it, memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import FILES, IS_LONG, SINKS, check_log, run

if TYPE_CHECKING:
    from pathlib import Path

STALLED = """
import fcntl, struct, termios, time

def stalled():
    # Both ends are open, and nobody reads.
    os.mkfifo("app.log")
    return os.open("app.log", os.O_RDWR)

def waiting(end):
    return struct.unpack("i", fcntl.ioctl(end, termios.FIONREAD, bytes(4)))[0]

def wait_until_stuck(end):
    # A pipe counts in pages, of which small writes may leave parts empty.
    known = 0
    while known < 16_000 or waiting(end) > known:
        known = waiting(end)
        time.sleep(0.1)
"""
"""A file whose reader stalls, and the number of bytes that wait in it."""


@SINKS
def test_burst_is_all_there_after_a_flush(tmp_path: Path, sink: str) -> None:
    count = 200_000 if IS_LONG or sink in ("background", "synchronous") else 20_000

    result = run(tmp_path, f"begin({sink!r}); log({count}); print(logger.flush(), flush=True); os._exit(0)")

    result.check(stdout="True\n", stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [count]


@SINKS
def test_many_threads_lose_nothing_and_keep_their_order(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        sink = begin({sink!r})
        start = threading.Barrier(8)
        def work():
            start.wait()
            log(5000)
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        info = logger.complete() and logger.sink_info(sink)
        print(info["written"], info["dropped"])
        """,
    )

    result.check(stdout="40000 0\n", stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [5000] * 8


def test_many_threads_on_the_console_write_whole_lines(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        f"""
        import time
        logger.add("stdout", format="{{message}}")
        until = time.monotonic() + {3 if IS_LONG else 0.5}
        counts = []
        def work():
            number = 0
            while time.monotonic() < until:
                log(1, number)
                number += 1
            counts.append(number)
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(sum(counts), file=sys.stderr)
        """,
    )

    (tmp_path / "app.log").write_text(result.stdout)
    result.check()
    assert sum(check_log(tmp_path / "app.log").values()) == int(result.stderr) > 0, result.stderr


@FILES
def test_records_larger_than_the_queue_come_whole_and_in_their_turn(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        sink = add(async_write={sink == "background"}, buffer_size=65536)
        for number in range(60):
            logger.info("{{number}} {{padding}}", number=number, padding="x" * (number % 3 * 100_000))
        print(logger.flush(), logger.sink_info(sink)["dropped"])
        """,
    )

    result.check(stdout="True 0\n", stderr="")
    lines = (tmp_path / "app.log").read_text().splitlines()
    assert lines == [f"{number} " + "x" * (number % 3 * 100_000) for number in range(60)]


def test_full_queue_waits_without_the_interpreter_and_can_be_interrupted(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        end = stalled()
        add(buffer_size=65536)
        logged = 0
        def interrupt():
            # Runs when the main thread leaves the interpreter to others, and interrupts it once it waits.
            before = -1
            while logged != before:
                before = logged
                for _ in range(30):
                    time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGINT)
        thread = threading.Thread(target=interrupt)
        thread.start()
        try:
            while True:
                logger.info("{number} {padding}", number=logged, padding="x" * 200)
                logged += 1
        except KeyboardInterrupt:
            print(waiting(end) > 0, flush=True)
        os._exit(0)
        """,
        STALLED,
    )

    result.check(stdout="True\n", stderr="")


def test_queue_that_was_full_for_a_while_loses_nothing(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        end = stalled()
        sink = add(buffer_size=65536)
        got = bytearray()
        def read():
            # Late, and then slow.
            wait_until_stuck(end)
            time.sleep(0.2)
            while got.count(b"\\n") < 5000:
                got.extend(os.read(end, 4000))
        thread = threading.Thread(target=read)
        thread.start()
        log(5000)
        print(logger.flush(), logger.sink_info(sink)["dropped"])
        thread.join()
        open("got.log", "wb").write(got)
        """,
        STALLED,
    )

    result.check(stdout="True 0\n", stderr="")
    assert list(check_log(tmp_path / "got.log").values()) == [5000]


@FILES
def test_calls_of_other_threads_go_on_while_one_sink_stalls(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        from logly import Logger
        end = stalled()
        stuck = Logger()
        stuck.remove_all()
        stuck.add("app.log", format="{{message}}", async_write={sink == "background"})
        def work():
            while True:
                stuck.info("x" * 1000)
        threading.Thread(target=work, daemon=True).start()
        wait_until_stuck(end)
        add("other.log")
        log(5000)
        print(logger.flush(), flush=True)
        os._exit(0)
        """,
        STALLED,
    )

    result.check(stdout="True\n", stderr="")
    assert list(check_log(tmp_path / "other.log").values()) == [5000]


@pytest.mark.parametrize(
    ("sink", "count"), [("background", 100_000), ("synchronous", 100_000), ("function", 20_000), ("console", 20_000)]
)
def test_memory_does_not_grow_with_distinct_messages(tmp_path: Path, sink: str, count: int) -> None:
    count *= 3 if IS_LONG else 1

    result = run(
        tmp_path,
        f"""
        begin({sink!r})
        page = os.sysconf("SC_PAGE_SIZE")
        def used():
            logger.flush()
            return int(open("/proc/self/statm").read().split()[1]) * page
        def work(start):
            for number in range(start, start + {count}):
                logger.info(f"message {{number}} {{'x' * (number % 97)}}")
        # What is made once is made by then: the queue, buffers, the interpreter's own pools.
        work(0)
        before = used()
        work({count})
        print(used() - before)
        """,
    )

    result.check(stderr="")
    # One byte per message, on top of memory that the allocator takes in passing.
    assert int(result.stdout) < count + 256 * 1024
    assert (tmp_path / "app.log").stat().st_size > 0

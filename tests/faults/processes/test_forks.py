"""Forks, by any route: the child begins empty with its own writer, the parent delivers the records it accepted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import FILES, FORKABLE, IS_LONG, KINDS, NATIVE, check_log, lines_of, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ALONE = pytest.mark.parametrize("sink", [*KINDS, "stream"])
"""For forks while no other thread writes."""


@ALONE
def test_fork_with_unwritten_records_doubles_and_loses_nothing(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        begin({sink!r})
        log(100)
        child = os.fork()
        if child == 0:
            log(100)
            sys.exit(0)
        log(100, 100)
        os.waitpid(child, 0)
        print(os.getpid(), child)
        """,
    )

    result.check(stderr="")
    parent, child = map(int, result.stdout.split())
    assert {pid: count for (pid, _), count in check_log(tmp_path / "app.log").items()} == {parent: 200, child: 100}


@FORKABLE
@pytest.mark.parametrize("threads", [2, 6])
def test_forks_while_threads_log_hang_nobody(
    tmp_path: Path, threads: int, sink: str, record_property: Callable[[str, object], None]
) -> None:
    result = run(
        tmp_path,
        f"""
        import time
        begin({sink!r})
        done = threading.Event()
        def work():
            number = 0
            while not done.is_set():
                log(1, number)
                number += 1
        threads = [threading.Thread(target=work) for _ in range({threads})]
        for thread in threads:
            thread.start()
        children, taken = [], []
        for _ in range(40):
            begun = time.perf_counter()
            child = os.fork()
            if child == 0:
                log(10)
                os._exit(0 if logger.flush() else 1)
            taken.append(time.perf_counter() - begun)
            children.append(child)
        statuses = [os.waitpid(child, 0)[1] for child in children]
        done.set()
        for thread in threads:
            thread.join()
        print("%.1f" % (1000 * sorted(taken)[20]), statuses.count(0), *children)
        """,
    )

    result.check(stderr="")
    milliseconds, finished, *children = result.stdout.split()
    record_property("milliseconds of a fork, the median of 40", milliseconds)
    assert finished == "40"
    assert lines_of([int(child) for child in children], tmp_path / "app.log") == [10] * 40


def test_fork_while_another_thread_makes_an_event_loop_hangs_nobody(tmp_path: Path) -> None:
    # asyncio makes its policy for loops with this lock held, which a child would inherit as it is.
    result = run(
        tmp_path,
        """
        import asyncio
        begin("coroutine")
        asyncio.events._lock.acquire()
        child = os.fork()
        if child == 0:
            log(10)
            os._exit(0 if logger.flush() else 1)
        print(os.waitpid(child, 0)[1])
        """,
    )

    result.check(stdout="0\n", stderr="")
    assert len((tmp_path / "app.log").read_text().splitlines()) == 10


@FORKABLE
def test_forks_while_threads_import_what_exceptions_need_hang_nobody(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        def fail():
            try:
                1 / 0
            except ZeroDivisionError:
                logger.exception("failed")

        begin({sink!r})
        for name in ("traceback", "linecache", "tokenize", "ast", "textwrap", "dataclasses"):
            sys.modules.pop(name, None)
        threads = [threading.Thread(target=fail) for _ in range(2)]
        for thread in threads:
            thread.start()
        children = []
        for _ in range(40):
            child = os.fork()
            if child == 0:
                fail()
                os._exit(0 if logger.flush() else 1)
            children.append(child)
        for thread in threads:
            thread.join()
        print([os.waitpid(child, 0)[1] for child in children] == [0] * 40)
        """,
    )

    result.check(stdout="True\n", stderr="")
    assert (tmp_path / "app.log").read_text().count("failed\n") == 42


@pytest.mark.parametrize("sink", ["stream", "background stream", "function"])
def test_forks_during_the_first_lines_of_threads_hang_nobody(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        class Broken:
            def __str__(self):
                raise ValueError
        def work(gate):
            gate.wait()
            log(3)
            logger.info("{{value}}", value=Broken())
        def fork_meanwhile():
            # What is made at first use has yet to be made in this process.
            sys.setswitchinterval(1e-6)
            gate = threading.Barrier(5)
            for _ in range(4):
                threading.Thread(target=work, args=(gate,), daemon=True).start()
            gate.wait()
            statuses = []
            for _ in range(6):
                child = os.fork()
                if child == 0:
                    signal.alarm(20)
                    log(1)
                    os._exit(0)
                statuses.append(os.waitpid(child, 0)[1])
            os._exit(1 if any(statuses) else 0)

        begin({sink!r})
        statuses = []
        for _ in range({200 if IS_LONG else 50}):
            child = os.fork()
            if child == 0:
                fork_meanwhile()
            statuses.append(os.waitpid(child, 0)[1])
        print(any(statuses))
        """,
    )

    result.check(stdout="False\n")


@FORKABLE
def test_children_forked_while_threads_log_end_as_any_program(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        begin({sink!r})
        done = threading.Event()
        def work():
            number = 0
            while not done.is_set():
                log(1, number)
                number += 1
                if number % 100 == 0:
                    # A child looks through all objects that its parent had waiting, at its end.
                    logger.flush()
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        children = []
        for _ in range(10):
            children.append(os.fork())
            if children[-1] == 0:
                log(10)
                # The thread that forked is the child's main thread; the others are not there to be joined.
                sys.exit(0)
            os.waitpid(children[-1], 0)
        done.set()
        for thread in threads:
            thread.join()
        print(*children)
        """,
    )

    result.check(stderr="")
    children = [int(child) for child in result.stdout.split()]
    assert lines_of(children, tmp_path / "app.log") == [10] * 10


@FILES
def test_child_does_not_wait_for_a_thread_that_is_in_a_sink_of_its_parents(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        begin({sink!r})
        entered, gate = threading.Event(), threading.Event()
        def stuck(line):
            entered.set()
            gate.wait()
        slow = add(stuck)
        thread = threading.Thread(target=logger.info, args=("stuck",))
        thread.start()
        entered.wait()
        child = os.fork()
        if child == 0:
            gate.set()
            print(logger.flush(), flush=True)
            log(10)
            # Nothing is left behind, and nothing said of it.
            sys.exit(0)
        os.waitpid(child, 0)
        gate.set()
        thread.join()
        logger.remove(slow)
        log(10)
        """,
    )

    result.check(stdout="True\n", stderr="")
    lines = (tmp_path / "app.log").read_text().splitlines()
    assert len(lines) == 21


@NATIVE
@pytest.mark.parametrize("library", ["PyDLL", "CDLL"])
def test_forks_from_c_are_noticed(tmp_path: Path, library: str, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        import ctypes
        fork = ctypes.{library}(None).fork
        begin({sink!r})
        log(50)
        children = []
        for _ in range(20):
            child = fork()
            if child == 0:
                log(50)
                os._exit(0 if logger.flush() else 1)
            children.append(os.waitpid(child, 0)[1])
        log(50, 50)
        print(children.count(0))
        """,
    )

    result.check(stdout="20\n", stderr="")
    assert sorted(check_log(tmp_path / "app.log").values()) == [50] * 20 + [100]


@ALONE
def test_grandchildren_begin_empty_too(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        begin({sink!r})
        log(50)
        for generation in range(5):
            child = os.fork()
            if child != 0:
                log(50, 50)
                os.waitpid(child, 0)
                sys.exit(0)
            log(50)
        log(50, 50)
        """,
    )

    result.check(stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [100] * 6


@ALONE
def test_flush_in_a_child_waits_for_nothing_of_the_parents(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        begin({sink!r})
        log(5000)
        child = os.fork()
        if child == 0:
            is_empty = logger.flush(), logger.complete()
            log(10)
            os._exit(0 if (is_empty, logger.flush(), logger.complete()) == ((True, True), True, True) else 1)
        print(os.waitpid(child, 0)[1], logger.flush())
        """,
    )

    result.check(stdout="0 True\n", stderr="")
    assert sorted(check_log(tmp_path / "app.log").values()) == [10, 5000]


@ALONE
def test_counts_of_a_child_are_its_own(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        sink = begin({sink!r})
        log(100)
        logger.flush()
        child = os.fork()
        before = logger.sink_info(sink)["written"]
        log(10 if child == 0 else 20, 0 if child == 0 else 100)
        logger.flush()
        after = logger.sink_info(sink)["written"]
        if child == 0:
            os._exit(after - before)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) if sys.version_info >= (3, 9) else 10, after)
        """,
    )

    result.check(stdout="10 120\n", stderr="")


@FILES
def test_sinks_of_a_child_are_its_own_to_change(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        begin({sink!r})
        log(100)
        child = os.fork()
        if child == 0:
            logger.remove_all()
            logger.add("child.log", format="{{message}}")
            log(100)
            sys.exit(0)
        os.waitpid(child, 0)
        log(100, 100)
        """,
    )

    result.check(stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [200]
    assert list(check_log(tmp_path / "child.log").values()) == [100]


@pytest.mark.parametrize("attempt", range(25 if IS_LONG else 5))
@FILES
def test_children_that_are_killed_harm_nobody(tmp_path: Path, sink: str, attempt: int) -> None:
    result = run(
        tmp_path,
        f"""
        import itertools, random
        begin({sink!r})
        log(100)
        reading, writing = os.pipe()
        children = []
        for _ in range(5):
            child = os.fork()
            if child == 0:
                for number in itertools.count():
                    log(1, number)
                    if number == 100:
                        os.write(writing, b".")
            children.append(child)
        for child in children:
            os.read(reading, 1)
        for child in children:
            os.kill(child, signal.SIGKILL)
            log(10, 100 + 10 * children.index(child))
        print(*[os.waitpid(child, 0)[1] for child in children], logger.complete(), os.getpid())
        """,
    )

    result.check(stderr="", note=f"attempt {attempt}")
    *statuses, is_complete, parent = result.stdout.split()
    assert (statuses, is_complete) == (["9"] * 5, "True")
    # The last line of a child may be cut. The next writer ends such a line only in locked files, and these are not
    # locked. A line of the parent may follow on the same line.
    assert len(re.findall(rf"{parent} \d+ \d+ x*$", (tmp_path / "app.log").read_text(), re.MULTILINE)) == 150

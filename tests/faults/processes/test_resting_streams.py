"""Streams pause while Python forks, and lines wait for the fork: no longer than needed, whatever happens in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import run, run_file

if TYPE_CHECKING:
    from pathlib import Path


def test_stream_that_blocks_keeps_nobody_from_forking(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        class Stream:
            def write(self, text):
                entered.set()
                go.wait()
        entered, go = threading.Event(), threading.Event()
        logger.add(Stream())
        thread = threading.Thread(target=logger.info, args=("waits",))
        thread.start()
        entered.wait()
        child = os.fork()
        if child == 0:
            os._exit(0)
        print(os.waitpid(child, 0)[1], thread.is_alive())
        go.set()
        thread.join()
        """,
    )

    result.check(stdout="0 True\n", stderr="")


def test_fork_in_the_middle_of_a_line_waits_for_nobody(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        class Stream:
            def write(self, text):
                if "fork" in text:
                    children.append(os.fork())
                os.write(1, text.encode())
        children = []
        logger.add(Stream(), format="{message}")
        logger.info("fork")
        if children == [0]:
            logger.info("child")
            child = os.fork()
            if child == 0:
                logger.info("grandchild")
                os._exit(0)
            os._exit(os.waitpid(child, 0)[1])
        print(os.waitpid(children[0], 0)[1], flush=True)
        logger.info("parent")
        """,
    )

    result.check(stderr="")
    assert result.stdout.splitlines()[-2:] == ["0", "parent"]
    assert sorted(result.stdout.splitlines()) == ["0", "child", "fork", "fork", "grandchild", "parent"]


def test_what_is_logged_by_hooks_of_a_fork_waits_for_nobody(tmp_path: Path) -> None:
    # Hooks before a fork are called in the reverse order of their registration: logly's is between these two.
    result = run_file(
        tmp_path,
        """
        import os

        def register(whose):
            os.register_at_fork(
                before=lambda: logger.info("before, " + whose),
                after_in_parent=lambda: logger.info("parent, " + whose),
                after_in_child=lambda: logger.info("child, " + whose),
            )

        register("first")
        from logly import logger
        register("last")
        logger.add("stdout", format="{message}")
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        """,
    )

    result.check()
    assert sorted(result.stdout.splitlines()) == sorted(
        f"{when}, {whose}" for when in ("before", "parent", "child") for whose in ("first", "last")
    )


def test_fork_whose_hooks_import_logly_keeps_nobody_waiting_afterwards(tmp_path: Path) -> None:
    # Each line of the thread would wait for a second, which is more time than the program has.
    result = run_file(
        tmp_path,
        """
        import os, threading

        os.register_at_fork(before=lambda: __import__("logly"))
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        from logly import logger

        def work():
            for number in range(1000):
                logger.info("line {number}", number=number)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        """,
    )

    result.check(stderr="")
    assert len(result.stdout.splitlines()) == 1000


def test_interrupt_in_a_hook_of_a_fork_keeps_no_line_waiting(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        from time import perf_counter
        def interrupt(frame, event, argument):
            if event == "call" and frame.f_code.co_filename.endswith("_process/forks.py"):
                raise KeyboardInterrupt
        interrupts = []
        sys.unraisablehook = lambda told: interrupts.append(told.exc_type)
        logger.add(open(os.devnull, "w"))
        sys.setprofile(interrupt)
        child = os.fork()
        if child == 0:
            os._exit(0)
        sys.setprofile(None)
        os.waitpid(child, 0)
        thread = threading.Thread(target=lambda: [logger.info("line") for _ in range(20)])
        begun = perf_counter()
        thread.start()
        thread.join()
        # Each line would wait for a second.
        print(perf_counter() - begun < 10, interrupts == [KeyboardInterrupt])
        """,
    )

    result.check(stdout="True True\n")


SLOW = """
import io
class Slow(io.FileIO):
    # A disk that takes its time, once.
    def write(self, data):
        if not entered.is_set():
            entered.set()
            go.wait()
        return super().write(data)
    def writable(self):
        return True

entered, go = threading.Event(), threading.Event()

def slow(number, **options):
    stream = io.TextIOWrapper(io.BufferedWriter(Slow(number, "a")))
    return logger.add(stream, format="{message}", **options)
"""


@pytest.mark.parametrize("options", ["", ", async_write=True"])
def test_fork_waits_longer_than_a_second_for_a_line_to_a_regular_file(tmp_path: Path, options: str) -> None:
    result = run(
        tmp_path,
        f"""
        slow("app.log"{options})
        thread = threading.Thread(target=logger.info, args=("slow",))
        thread.start()
        entered.wait()
        threading.Timer(2, go.set).start()
        child = os.fork()
        if child == 0:
            logger.info("child")
            os._exit(0 if logger.flush(10) else 1)
        print(os.waitpid(child, 0)[1], go.is_set())
        thread.join()
        """,
        SLOW,
    )

    result.check(stdout="0 True\n", stderr="")
    assert (tmp_path / "app.log").read_text() == "slow\nchild\n"


@pytest.mark.parametrize("options", ["", ", async_write=True"])
def test_child_writes_past_a_stream_that_a_thread_of_its_parent_has_locked(tmp_path: Path, options: str) -> None:
    result = run(
        tmp_path,
        f"""
        reading, writing = os.pipe()
        slow(writing{options})
        thread = threading.Thread(target=logger.info, args=("slow",))
        thread.start()
        entered.wait()
        child = os.fork()
        if child == 0:
            logger.info("child")
            os._exit(0 if logger.flush(10) else 1)
        print(os.waitpid(child, 0)[1], os.read(reading, 100))
        go.set()
        thread.join()
        print(logger.flush(10), os.read(reading, 100))
        """,
        SLOW,
    )

    result.check(stdout="0 b'child\\n'\nTrue b'slow\\n'\n", stderr="")


@pytest.mark.parametrize("attempt", range(5))
def test_threads_that_fork_at_once_with_a_stream_in_the_background_hang_no_child(tmp_path: Path, attempt: int) -> None:
    result = run(
        tmp_path,
        """
        begin("background stream")
        failed = []
        def work():
            for _ in range(60):
                log(1)
                child = os.fork()
                if child == 0:
                    log(1)
                    os._exit(0 if logger.flush(20) else 1)
                failed.append(os.waitpid(child, 0)[1])
        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(len(failed), any(failed))
        """,
    )

    result.check(stdout="120 False\n", stderr="", note=f"attempt {attempt}")
    assert len((tmp_path / "app.log").read_text().splitlines()) == 240


@pytest.mark.parametrize("background", [False, True])
def test_child_writes_past_the_locked_stream_of_a_handler(tmp_path: Path, *, background: bool) -> None:
    result = run(
        tmp_path,
        f"""
        import logging, select
        reading, writing = os.pipe()
        handler = logging.StreamHandler(open(writing, "w"))
        handler.setFormatter(logging.Formatter("<%(message)s>"))
        logger.add(handler, enqueue={background})
        def fill():
            for _ in range(100):
                logger.info("x" * 5000)
        def drain():
            while os.read(reading, 65536):
                pass
        threading.Thread(target=fill, daemon=True).start()
        # The thread holds the lock of the stream's buffer while the pipe is full.
        while select.select([], [writing], [], 0.01)[1]:
            pass
        child = os.fork()
        if child == 0:
            threading.Thread(target=drain, daemon=True).start()
            logger.info("child")
            logger.complete()
            os.write(1, b"logged\\n")
            os._exit(0)
        print(os.waitpid(child, 0)[1], flush=True)
        os._exit(0)
        """,
    )

    result.check(stdout="logged\n0\n", stderr="")


def test_children_of_threads_that_log_by_a_handler_log(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        import logging
        logger.add(logging.FileHandler("app.log"))
        is_over = threading.Event()
        def log():
            while not is_over.is_set():
                logger.info("x" * 3000)
        threads = [threading.Thread(target=log) for _ in range(3)]
        for thread in threads:
            thread.start()
        ended = []
        for number in range(20):
            child = os.fork()
            if child == 0:
                logger.info(f"child {number}")
                os._exit(0)
            ended.append(os.waitpid(child, 0)[1])
        is_over.set()
        for thread in threads:
            thread.join()
        print(set(ended), sum(line.startswith("child") for line in open("app.log")))
        """,
    )

    result.check(stdout="{0} 20\n", stderr="")

"""Streams rest while Python forks, and lines wait for it: both no longer than they must, whatever comes in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.oracle import run, run_file

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

    assert (result.returncode, result.stdout, result.stderr) == (0, "0 True\n", "")


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

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-2:] == ["0", "parent"]
    assert sorted(result.stdout.splitlines()) == ["0", "child", "fork", "fork", "grandchild", "parent"]


def test_what_is_logged_by_hooks_of_a_fork_waits_for_nobody(tmp_path: Path) -> None:
    # Hooks before a fork are called in the reverse order of their registration: logly's stands between these.
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

    assert result.returncode == 0
    assert sorted(result.stdout.splitlines()) == sorted(
        f"{when}, {whose}" for when in ("before", "parent", "child") for whose in ("first", "last")
    )


def test_fork_whose_hooks_import_logly_keeps_nobody_waiting_afterwards(tmp_path: Path) -> None:
    # Each line of the thread would wait for a second: more than the program has.
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

    assert (result.returncode, len(result.stdout.splitlines()), result.stderr) == (0, 1000, "")


def test_interrupt_in_a_hook_of_a_fork_keeps_no_line_waiting(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        from time import perf_counter
        def interrupt(frame, event, argument):
            if event == "call" and frame.f_code.co_filename.endswith("_forks.py"):
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

    assert (result.returncode, result.stdout) == (0, "True True\n")

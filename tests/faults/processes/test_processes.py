"""Differences between processes: their numbers, descriptors, interpreters, and the threads they may have."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import FILES, IN_BACKGROUND, SINKS, check_log, run, run_file
from tests.faults.support.scarcity import NO_THREADS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("options", ["", ", async_write=False"], ids=["background", "synchronous"])
@pytest.mark.parametrize("fork", ["os.fork()", "ctypes.PyDLL(None).fork()"], ids=["os", "C"])
def test_process_in_a_line_is_the_one_that_logged(tmp_path: Path, fork: str, options: str) -> None:
    result = run(
        tmp_path,
        f"""
        import ctypes
        logger.add("pid.log", format="{{process}} {{message}}"{options})
        logger.info("{{pid}}", pid=os.getpid())
        child = {fork}
        if child == 0:
            logger.info("{{pid}}", pid=os.getpid())
            logger.flush()
            os._exit(0)
        os.waitpid(child, 0)
        """,
    )

    pairs = [line.split() for line in (tmp_path / "pid.log").read_text().splitlines()]
    result.check(stderr="")
    assert len(pairs) == 2
    assert all(shown == logged for shown, logged in pairs)
    assert pairs[0] != pairs[1]


def test_process_in_the_record_of_a_function_is_the_one_that_logged(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        logger.add(lambda line: print(line.record["process"].id == os.getpid(), flush=True))
        logger.info("parent")
        child = os.fork()
        if child == 0:
            logger.info("child")
            os._exit(0)
        os.waitpid(child, 0)
        """,
    )

    result.check(stdout="True\nTrue\n", stderr="")


@FILES
def test_other_programs_inherit_no_descriptor(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        import subprocess
        # A program that is started with everything the parent would leave to it.
        show = "import glob, os; print([os.path.realpath(name) for name in glob.glob('/proc/self/fd/*')])"
        show = [sys.executable, "-c", show]
        before = subprocess.run(show, close_fds=False, capture_output=True, text=True).stdout
        begin({sink!r})
        add("other.log", rotation="1 kB", compression="gzip", async_write={sink == "background"})
        log(1000)
        logger.complete()
        after = subprocess.run(show, close_fds=False, capture_output=True, text=True).stdout
        names = lambda text: sorted(name for name in text.split("'") if name.startswith("/") and "pipe" not in name)
        print(len(names(before)) == len(names(after)), ".log" in after)
        if os.fork() == 0:
            log(10)
            logger.flush()
            os.execv(show[0], [*show[:-1], "import sys; sys.stdout = open('shown', 'w'); " + show[-1]])
        os.wait()
        """,
    )

    result.check(stdout="True False\n", stderr="")
    assert ".log" not in (tmp_path / "shown").read_text()


@FILES
def test_exec_in_the_place_of_the_program_keeps_what_was_flushed(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        begin({sink!r})
        log(3000)
        logger.flush()
        os.execv(sys.executable, [sys.executable, "-c", "print('another')"])
        """,
    )

    result.check(stdout="another\n", stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [3000]


@FILES
def test_without_threads_files_are_written_inline_and_this_is_told_once(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        forbid_threads()
        begin({sink!r})
        log(500)
        print(open("app.log").read().count(chr(10)), logger.flush(), logger.complete())
        logger.add("other.log", format="{{message}}", rotation="1 kB", compression="gzip")
        log(500, 500)
        logger.error("errors wake the writer")
        """,
        NO_THREADS,
    )

    result.check(stdout="500 True True\n")
    told = [line for line in result.stderr.splitlines() if "writer thread" in line]
    assert len(told) == 1
    assert len(result.stderr.splitlines()) <= 2, result.stderr
    lines = (tmp_path / "app.log").read_text().splitlines()
    assert lines.count("errors wake the writer") == 1
    assert len(lines) == 1001


@SINKS
def test_children_of_a_program_without_threads_do_without_them(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        begin({sink!r})
        log(100)
        child = os.fork()
        if child == 0:
            forbid_threads()
            log(100)
            sys.exit(0)
        os.waitpid(child, 0)
        """,
        NO_THREADS,
    )

    result.check()
    assert len(result.stderr.splitlines()) == (1 if sink in {"background", *IN_BACKGROUND} else 0), result.stderr
    assert sorted(check_log(tmp_path / "app.log").values()) == [100, 100]


@FILES
def test_sub_interpreters_are_refused_in_clear_words(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        try:
            import _interpreters as interpreters
        except ImportError:
            import _xxsubinterpreters as interpreters
        begin({sink!r})
        log(100)
        other = interpreters.create()
        program = "try: import logly\\nexcept ImportError as error: print('ImportError:', error, flush=True)"
        told = interpreters.run_string(other, program)
        interpreters.destroy(other)
        log(100, 100)
        """,
    )

    result.check(stderr="")
    assert result.stdout.startswith("ImportError: logly cannot be imported in a sub-interpreter: ")
    assert "ProcessPoolExecutor" in result.stdout
    assert list(check_log(tmp_path / "app.log").values()) == [200]


@pytest.mark.skipif(not sysconfig.get_config_var("Py_GIL_DISABLED"), reason="other builds always have a GIL")
def test_import_leaves_the_gil_off(tmp_path: Path) -> None:
    program = "import sys, logly; sys.exit(sys._is_gil_enabled())"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHON_GIL"}
    command = [sys.executable, "-W", "error", "-c", program]
    subprocess.run(command, check=True, cwd=tmp_path, timeout=60, env=environment)


@pytest.mark.skipif(sys.version_info < (3, 14), reason="pools of interpreters begin with Python 3.14")
@pytest.mark.parametrize("before", ["", "import logly; logly.logger.info('main')"])
def test_pool_of_interpreters_gives_the_refusal_to_its_caller(tmp_path: Path, before: str) -> None:
    result = run_file(
        tmp_path,
        f"""
        from concurrent.futures import InterpreterPoolExecutor
        def work():
            import logly
        if __name__ == "__main__":
            {before}
            with InterpreterPoolExecutor(1) as pool:
                print(type(pool.submit(work).exception()).__name__, pool.submit(work).exception())
        """,
    )

    result.check(stderr="")
    assert result.stdout.splitlines()[-1].startswith("ImportError logly cannot be imported in a sub-interpreter: ")


def test_other_errors_of_the_import_are_told_as_they_are(tmp_path: Path) -> None:
    result = run_file(
        tmp_path,
        """
        import sys
        sys.modules["logly._logly"] = None
        try:
            import logly
        except ImportError as error:
            print(type(error).__name__, error)
        """,
    )

    result.check(stdout="ModuleNotFoundError import of logly._logly halted; None in sys.modules\n", stderr="")


@SINKS
def test_asyncio_programs_have_everything_after_complete_async(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        import asyncio
        begin({sink!r})
        async def work(worker):
            for number in range(500):
                logger.info("{{pid}} {{thread}} {{number}} {{padding}}", pid=1, thread=worker, number=number,
                            padding="x" * (number % 40))
                if number % 50 == 0:
                    await asyncio.sleep(0)
        async def main():
            await asyncio.gather(*map(work, range(8)))
            print(await logger.complete_async(), open("app.log").read().count(chr(10)))
        asyncio.run(main())
        asyncio.run(main())
        """,
    )

    result.check(stdout="True 4000\nTrue 8000\n", stderr="")


@SINKS
def test_asyncio_programs_whose_loop_is_closed_lose_nothing(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        import asyncio
        async def main():
            begin({sink!r})
            await asyncio.to_thread(log, 1000) if sys.version_info >= (3, 9) else log(1000)
            asyncio.get_running_loop().call_soon(log, 1000)
            await asyncio.sleep(0)
        asyncio.run(main())
        log(1000, 1000)
        loop = asyncio.new_event_loop()
        print(loop.run_until_complete(logger.complete_async()))
        loop.close()
        log(1000, 2000)
        """,
    )

    result.check(stdout="True\n", stderr="")
    assert sorted(check_log(tmp_path / "app.log").values()) == [1000, 3000]


@SINKS
def test_cancelled_complete_async_harms_nobody(tmp_path: Path, sink: str) -> None:
    result = run(
        tmp_path,
        f"""
        import asyncio
        begin({sink!r})
        async def main():
            for round in range(20):
                log(100, round * 100)
                waiting = asyncio.ensure_future(logger.complete_async())
                await asyncio.sleep(0)
                waiting.cancel()
            print(await logger.complete_async())
        asyncio.run(main())
        """,
    )

    result.check(stdout="True\n", stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [2000]

"""Children of a process that logs: each record once, by the process that logged it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.faults.oracle import check_log, run

if TYPE_CHECKING:
    from pathlib import Path

MODES = pytest.mark.parametrize("async_write", [True, False], ids=["background", "synchronous"])


@MODES
def test_fork_with_unwritten_records_doubles_and_loses_nothing(tmp_path: Path, async_write: bool) -> None:
    result = run(
        tmp_path,
        f"""
        add(async_write={async_write})
        log(100)
        child = os.fork()
        if child == 0:
            log(100)
            sys.exit(0)
        log(100, 100)
        os.waitpid(child, 0)
        """,
    )

    assert (result.returncode, result.stderr) == (0, "")
    assert sorted(check_log(tmp_path / "app.log").values()) == [100, 200]


def test_forks_while_threads_log_hang_nobody(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        add()
        done = threading.Event()
        def work():
            number = 0
            while not done.is_set():
                log(1, number)
                number += 1
        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        children = []
        for _ in range(40):
            child = os.fork()
            if child == 0:
                log(10)
                logger.flush()
                os._exit(0)
            children.append(child)
        statuses = [os.waitpid(child, 0)[1] for child in children]
        done.set()
        for thread in threads:
            thread.join()
        print(statuses.count(0), *children)
        """,
    )

    assert result.stderr == ""
    finished, *children = map(int, result.stdout.split())
    counts = check_log(tmp_path / "app.log")
    assert finished == 40
    assert [sum(count for (pid, _), count in counts.items() if pid == child) for child in children] == [10] * 40


@pytest.mark.parametrize("attempt", range(3))
def test_fork_from_c_is_noticed(tmp_path: Path, attempt: int) -> None:
    result = run(
        tmp_path,
        """
        import ctypes
        add()
        log(50)
        child = ctypes.PyDLL(None).fork()
        if child == 0:
            log(50)
            logger.flush()
            os._exit(0)
        os.waitpid(child, 0)
        """,
    )

    assert (result.returncode, result.stderr) == (0, ""), attempt
    assert sorted(check_log(tmp_path / "app.log").values()) == [50, 50]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_children_log_everything(tmp_path: Path, method: str) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        f"""
import multiprocessing, os, threading
from logly import logger

def work(worker):
    logger.configure(console=False)
    logger.remove_all()
    logger.add("app.log", format="{{message}}")
    for number in range(50):
        logger.info("{{pid}} {{thread}} {{number}} {{padding}}", pid=os.getpid(), thread=worker, number=number,
                    padding="x" * (number % 40))

if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    workers = [context.Process(target=work, args=(worker,)) for worker in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
"""
    )

    result = run(tmp_path, "import runpy; sys.path.insert(0, '.'); runpy.run_path('program.py', run_name='__main__')")
    if method == "fork":
        assert result.stderr == ""
        assert sorted(check_log(tmp_path / "app.log").values()) == [50] * 4
        return

    # The other methods import the main module, which must be a file.
    import subprocess

    (tmp_path / "app.log").unlink(missing_ok=True)
    subprocess.run([sys.executable, str(program)], cwd=tmp_path, timeout=60, check=True)
    assert sorted(check_log(tmp_path / "app.log").values()) == [50] * 4


def test_process_in_a_line_is_the_one_that_logged(tmp_path: Path) -> None:
    run(
        tmp_path,
        """
        logger.add("pid.log", format="{process} {message}")
        logger.info("{pid}", pid=os.getpid())
        child = os.fork()
        if child == 0:
            logger.info("{pid}", pid=os.getpid())
            logger.flush()
            os._exit(0)
        os.waitpid(child, 0)
        """,
    )

    pairs = [line.split() for line in (tmp_path / "pid.log").read_text().splitlines()]
    assert len(pairs) == 2
    assert all(shown == logged for shown, logged in pairs)
    assert pairs[0] != pairs[1]

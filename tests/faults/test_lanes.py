"""Callbacks when processes end, fork or lack threads: each record arrives once or is counted; no thread hangs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import EXIT_LIMIT, check_log, run
from tests.faults.support.scarcity import NO_THREADS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.child import Result

BEGIN = """
import asyncio, time
logger.configure(console=False)

def called(name, pause=0.0):
    # A file of its own, unbuffered: what a killed thread wrote is there, and nothing of it is told twice.
    file = open(name, "ab", buffering=0)
    def callback(record):
        time.sleep(pause)
        file.write(f"{os.getpid()} {record['message']}\\n".encode())
    return callback

def called_later(name):
    callback = called(name)
    async def coroutine(record):
        await asyncio.sleep(0)
        callback(record)
    return coroutine
"""


def program(folder: Path, code: str, prelude: str = "") -> Result:
    """Run a program that has callbacks."""
    return run(folder, code, BEGIN + prelude)


def lines(path: Path) -> list[str]:
    """Return the lines that callbacks wrote."""
    return [line.split(maxsplit=1)[1] for line in path.read_text().splitlines()]


@pytest.mark.parametrize("kind", ["called", "called_later"])
@pytest.mark.parametrize("end", ["", "sys.exit(0)", "threading.Thread(target=logger.info, args=('3000',)).start()"])
def test_callbacks_have_everything_at_the_end(tmp_path: Path, kind: str, end: str) -> None:
    result = program(
        tmp_path,
        f"""
        logger.add_callback({kind}("calls"))
        for number in range(3000):
            logger.info(str(number))
        {end}
        """,
    )

    result.check(stderr="")
    assert lines(tmp_path / "calls") == [str(number) for number in range(3000 + ("Thread" in end))]


@pytest.mark.parametrize(
    "kind", ["time.sleep(60)", "asyncio.run(asyncio.sleep(60))", "later", "threading.Event().wait()"]
)
def test_stuck_callback_costs_its_time_and_one_line(tmp_path: Path, kind: str) -> None:
    began = time.monotonic()
    result = program(
        tmp_path,
        f"""
        add()
        def stuck(record): {"pass" if kind == "later" else kind}
        async def later(record): await asyncio.sleep(60)
        logger.add_callback({"later" if kind == "later" else "stuck"})
        logger.add_callback(called("calls"))
        log(2000)
        """,
    )
    took = time.monotonic() - began

    result.check(stderr="logly: 2000 records could not be written before the process ended\n")
    assert list(check_log(tmp_path / "app.log").values()) == [2000]
    assert len(lines(tmp_path / "calls")) == 2000
    assert took < EXIT_LIMIT


@pytest.mark.parametrize("attempt", range(4))
def test_what_a_slow_callback_was_not_called_with_is_counted(tmp_path: Path, attempt: int) -> None:
    result = program(
        tmp_path,
        """
        import logly._process.lifecycle, logly._lanes.ending
        logly._process.lifecycle.EXIT_TIMEOUT = 0.3
        logly._lanes.ending._EARLY_WAIT = 0.1
        logger.add_callback(called("calls", 0.001))
        for number in range(3000):
            logger.info(str(number))
        """,
    )

    made = lines(tmp_path / "calls")
    count = int(result.stderr.split()[1])
    result.check(
        stderr=f"logly: {count} records could not be written before the process ended\n", note=f"attempt {attempt}"
    )
    assert made == [str(number) for number in range(len(made))]
    # The record being processed was given up, and may have been finished nevertheless.
    assert len(made) + count in {3000, 3001}


def test_callback_logs_to_files_until_the_end(tmp_path: Path) -> None:
    result = program(
        tmp_path,
        """
        add()
        def copy(record): log(1, record["number"])
        other = __import__("logly").Logger()
        other.configure(console=False)
        other.add_callback(copy)
        for number in range(1000):
            other.info("n", number=number)
        """,
    )

    result.check(stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [1000]


def test_record_logged_too_late_is_for_no_callback(tmp_path: Path) -> None:
    result = program(
        tmp_path,
        """
        import atexit, logly._process.lifecycle
        def late():
            logger.info("late")
            logger.add_callback(called("calls"))
            logger.info("later")
            print(logger.complete(timeout=10), logger.remove_callback("nobody"))
        atexit.register(late)
        logly._process.lifecycle.install()
        logger.add_callback(called("calls"))
        logger.info("in time")
        """,
    )

    result.check(stdout="True False\n", stderr="")
    assert lines(tmp_path / "calls") == ["in time"]


@pytest.mark.parametrize("attempt", range(6))
def test_threads_that_log_on_while_the_process_ends_do_no_harm(tmp_path: Path, attempt: int) -> None:
    result = program(
        tmp_path,
        """
        logger.add_callback(called("calls"))
        logger.add_callback(called_later("later"), max_buffered_lines=100)
        def work():
            while True:
                logger.info("n")
        for _ in range(8):
            threading.Thread(target=work, daemon=True).start()
        time.sleep(0.2)
        """,
    )

    result.check(note=f"attempt {attempt}")
    assert result.stderr == "" or result.stderr.endswith("could not be written before the process ended\n"), (
        result.stderr
    )
    assert result.stderr.count("\n") <= 1, result.stderr


@pytest.mark.parametrize("kind", ["called", "called_later"])
def test_forked_child_calls_with_its_own_records_alone(tmp_path: Path, kind: str) -> None:
    result = program(
        tmp_path,
        f"""
        logger.add_callback({kind}("calls"))
        for number in range(100):
            logger.info(f"parent {{number}}")
        child = os.fork()
        if child == 0:
            for number in range(100):
                logger.info(f"child {{number}}")
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        """,
    )

    made = (tmp_path / "calls").read_text().splitlines()
    by_process: dict[str, list[str]] = {}
    for line in made:
        by_process.setdefault(line.split()[0], []).append(line.split(maxsplit=1)[1])
    result.check(stderr="")
    assert sorted(by_process.values()) == [
        [f"child {number}" for number in range(100)],
        [f"parent {number}" for number in range(100)],
    ]


def test_forks_while_callbacks_are_busy_hang_nobody(tmp_path: Path) -> None:
    result = program(
        tmp_path,
        """
        logger.add_callback(called("calls"))
        logger.add_callback(called_later("later"))
        done = threading.Event()
        def work():
            while not done.wait(0.0005):
                logger.info("parent")
        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        children = []
        for _ in range(40):
            child = os.fork()
            if child == 0:
                for number in range(10):
                    logger.info("child")
                os._exit(0 if logger.complete(timeout=20) else 1)
            children.append(child)
        statuses = [os.waitpid(child, 0)[1] for child in children]
        done.set()
        for thread in threads:
            thread.join()
        print(statuses.count(0), *children)
        """,
    )

    finished, *children = result.check(stderr="").stdout.split()
    assert finished == "40"
    for name in ("calls", "later"):
        made = (tmp_path / name).read_text().splitlines()
        assert [made.count(f"{child} child") for child in children] == [10] * 40


@pytest.mark.parametrize("attempt", range(3))
def test_fork_from_c_leaves_callbacks_usable(tmp_path: Path, attempt: int) -> None:
    result = program(
        tmp_path,
        """
        import ctypes
        # Nobody may ask for the interpreter's lock while C forks: CPython would wait for it in the child, where it
        # is not. So threads let go of it only where they wait, and logly's thread has gone back to its wait.
        sys.setswitchinterval(1000)
        def rests(thread):
            return sys._current_frames()[thread.ident].f_code.co_name == "_run"
        logger.add_callback(called("calls"))
        logger.info("parent")
        logger.complete()
        [thread] = [thread for thread in threading.enumerate() if thread.name.startswith("logly-")]
        while not rests(thread):
            time.sleep(0.001)
        child = ctypes.PyDLL(None).fork()
        if child == 0:
            logger.info("child")
            os._exit(0 if logger.complete(timeout=20) else 1)
        assert os.waitpid(child, 0)[1] == 0
        """,
    )

    result.check(stderr="", note=f"attempt {attempt}")
    assert sorted(lines(tmp_path / "calls")) == ["child", "parent"]


@pytest.mark.parametrize("kind", ["function", "coroutine"])
def test_fork_inside_a_callback(tmp_path: Path, kind: str) -> None:
    result = program(
        tmp_path,
        f"""
        add()
        def fork(record):
            child = os.fork()
            if child == 0:
                log(10)
                logger.complete()
                logger.flush()
                os._exit(0)
            status.append(os.waitpid(child, 0)[1])
        async def fork_later(record): fork(record)
        status = []
        logger.add_callback({"fork" if kind == "function" else "fork_later"})
        log(3)
        assert logger.complete(timeout=30)
        print(status)
        """,
    )

    result.check(stdout="[0, 0, 0]\n", stderr="")
    counts = sorted(check_log(tmp_path / "app.log").values())
    assert counts[-1] == 3 or counts[0] == 3


def test_child_that_returns_from_the_callback_ends(tmp_path: Path) -> None:
    result = program(
        tmp_path,
        """
        def fork(record):
            child = os.fork()
            if child:
                status.append(os.waitpid(child, 0)[1])
        status = []
        logger.add_callback(fork)
        logger.info("one")
        logger.info("two")
        assert logger.complete(timeout=30)
        print(status)
        """,
    )

    result.check(stdout="[0, 0]\n", stderr="")


@pytest.mark.parametrize("kind", ["called", "called_later"])
def test_without_threads_callers_call(tmp_path: Path, kind: str) -> None:
    result = program(
        tmp_path,
        f"""
        forbid_threads()
        logger.add_callback({kind}("calls"))
        for number in range(100):
            logger.info(str(number))
        print(logger.complete(timeout=10))
        """,
        NO_THREADS,
    )

    result.check(
        stdout="True\n", stderr="logly: no thread can be started for callbacks; they are called by those who log\n"
    )
    assert lines(tmp_path / "calls") == [str(number) for number in range(100)]


def test_callbacks_of_children_of_multiprocessing_have_everything(tmp_path: Path) -> None:
    result = program(
        tmp_path,
        """
        import multiprocessing
        def work(worker):
            for number in range(50):
                logger.info(f"{worker} {number}")
        logger.add_callback(called("calls"))
        context = multiprocessing.get_context("fork")
        workers = [context.Process(target=work, args=(worker,)) for worker in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        """,
    )

    made = lines(tmp_path / "calls")
    result.check(stderr="")
    for worker in range(4):
        assert [line for line in made if line.startswith(f"{worker} ")] == [f"{worker} {n}" for n in range(50)]

"""Another program keeps the lock of the file or its folder: the file is rotated, and no line is lost or doubled."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.writers import LATE, archives, content
from tests.support import child

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIMIT = 60
"""Seconds after which an expected event counts as missing."""

SINKS = pytest.mark.parametrize("is_background", [True, False], ids=["background", "synchronous"])

HOLDER = """
import fcntl, sys
file = open(sys.argv[1])
fcntl.flock(file, getattr(fcntl, sys.argv[2]))
print("held", flush=True)
sys.stdin.read()
"""

# Keeps every lock that exists; locks new files as soon as they are made.
HOSTILE = """
import fcntl, os, sys, threading
folder = os.open(".", os.O_RDONLY)
fcntl.flock(folder, fcntl.LOCK_EX)
kept = {}
def keep():
    try:
        file = open("app.log")
    except FileNotFoundError:
        return
    number = os.fstat(file.fileno()).st_ino
    if number in kept:
        file.close()
    else:
        fcntl.flock(file, fcntl.LOCK_SH)
        kept[number] = file
keep()
print("held", flush=True)
over = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
while not over.wait(0.0005):
    keep()
"""

# Logs numbered lines until its input ends, and then prints how many.
WRITER = """
import os, sys, threading
from logly import logger

name, options, pause = sys.argv[1], eval(sys.argv[2]), float(sys.argv[3])
logger.configure(console=False)
logger.add("app.log", format="{message}", **options)
over = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
number = 0
while not over.wait(pause) if pause else not over.is_set():
    logger.info(f"{name} {number} " + "x" * 80)
    number += 1
logger.complete(30)
print(number)
"""


@contextmanager
def holder(folder: Path, kind: str) -> Iterator[None]:
    """Start a process that keeps the lock of the file that is open now."""
    with started(folder, HOLDER, "app.log", kind) as process:
        assert process.stdout.readline() == "held\n"
        yield


@contextmanager
def started(
    folder: Path, code: str, *arguments: str, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env=child.environment_of(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def writer(folder: Path, name: str, options: dict[str, object], pause: float = 0.002):
    return started(folder, WRITER, name, repr(options), str(pause))


def ended(process: subprocess.Popen[str]) -> int:
    """End a writer; return how many lines it logged. It may report only the kept lock."""
    result = child.finish(process, "", timeout=LIMIT).check()
    assert [line for line in result.stderr.splitlines() if LATE not in line] == [], result.stderr
    return int(result.stdout)


def wait_until(is_true, what: str) -> None:
    until = time.monotonic() + LIMIT
    while not is_true():
        assert time.monotonic() < until, what
        time.sleep(0.01)


def rotated(folder: Path) -> list[Path]:
    """Return the archives, while other processes may add more or compress them."""
    return sorted(folder.glob("app.2*"))


def is_compressed(archive: Path) -> bool:
    return archive.suffix in {".gz", ".zst"}


def lines_of(folder: Path) -> list[str]:
    """Return the writers' names and numbers of all lines, which have to be whole."""
    texts = [content(path).decode() for path in [*archives(folder), folder / "app.log"]]
    lines = [line for text in texts for line in text.splitlines() if line != "end"]
    assert [line for line in lines if not line.endswith(" " + "x" * 80)] == []
    return [line.rsplit(" ", 1)[0] for line in lines]


def check(folder: Path, counts: dict[str, int]) -> None:
    """Check that each line is there once."""
    expected = [f"{name} {number}" for name, count in counts.items() for number in range(count)]
    assert sorted(lines_of(folder)) == sorted(expected)


@SINKS
@pytest.mark.parametrize("kind", ["LOCK_SH", "LOCK_EX"])
def test_size_rotates_a_file_whose_lock_another_program_keeps(is_background: bool, kind: str, tmp_path: Path) -> None:
    options = {"rotation": "100 kB", "async_write": is_background, "compression": "gzip"}
    (tmp_path / "app.log").touch()

    with holder(tmp_path, kind), writer(tmp_path, "one", options) as process:
        wait_until(lambda: rotated(tmp_path), "a file whose lock is kept was not rotated")
        count = ended(process)
        # No process may compress the archive whose lock is kept.
        assert rotated(tmp_path)[0].suffix == ".log"
    finish(tmp_path, options)

    check(tmp_path, {"one": count})
    assert {path.suffix for path in archives(tmp_path)} == {".gz"}


def finish(folder: Path, options: dict[str, object]) -> None:
    """Start one more process that finishes the maintenance of archives."""
    code = f"""
    import sys
    from logly import logger
    logger.configure(console=False)
    logger.add("app.log", format="{{message}}", **{options!r})
    logger.info("end")
    assert logger.complete(timeout=60)
    """
    finished = child.run("\n".join(line[4:] for line in code.splitlines()), cwd=folder)
    finished.check(stderr="")


@SINKS
def test_several_processes_rotate_a_file_whose_lock_is_kept_once(is_background: bool, tmp_path: Path) -> None:
    options = {"rotation": "20 kB", "async_write": is_background}
    path = tmp_path / "app.log"
    path.touch()
    names = ["one", "two", "three", "four"]

    with holder(tmp_path, "LOCK_SH"), ExitStack() as stack:
        # Together they write more than the limit before they may rotate, and less than the limit afterwards.
        writers = {name: stack.enter_context(writer(tmp_path, name, options, pause=0.1)) for name in names}
        wait_until(lambda: rotated(tmp_path), "a file whose lock is kept was not rotated")
        wait_until(lambda: path.exists() and path.stat().st_size > 1_000, "nobody went on")
        counts = {name: ended(process) for name, process in writers.items()}

    check(tmp_path, counts)
    assert len(archives(tmp_path)) == 1
    assert path.stat().st_size > 0


@SINKS
def test_time_rotates_a_file_whose_lock_is_kept_though_nothing_is_logged(is_background: bool, tmp_path: Path) -> None:
    code = """
    import sys
    from logly import logger
    logger.configure(console=False)
    logger.add("app.log", format="{message}", rotation="1 second", async_write=bool(int(sys.argv[1])))
    logger.info("before")
    logger.flush()
    print("written", flush=True)
    sys.stdin.readline()
    logger.info("after")
    """
    code = "\n".join(line[4:] for line in code.splitlines())

    with started(tmp_path, code, str(int(is_background))) as process:
        assert process.stdout.readline() == "written\n"
        held = next(path for path in tmp_path.iterdir() if path.read_text() == "before\n").open()
        fcntl.flock(held, fcntl.LOCK_SH)
        wait_until(lambda: rotated(tmp_path), "a file whose lock is kept was not rotated")
        process.communicate("\n", timeout=LIMIT)

    held.close()
    texts = [path.read_text() for path in [*archives(tmp_path), tmp_path / "app.log"]]
    assert [text for text in texts if text] == ["before\n", "after\n"]


@SINKS
def test_function_that_said_so_once_has_the_file_rotated_when_that_can_be(is_background: bool, tmp_path: Path) -> None:
    code = """
    import sys
    from logly import logger
    logger.configure(console=False)
    logger.add("app.log", format="{message}", async_write=bool(int(sys.argv[1])),
               rotation=lambda record, path, size: record["message"] == "due")
    for line in sys.stdin:
        logger.info(line.strip())
        logger.flush()
        print("written", flush=True)
    """
    code = "\n".join(line[4:] for line in code.splitlines())
    (tmp_path / "app.log").touch()

    def say(line: str) -> None:
        process.stdin.write(line + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "written\n"

    with started(tmp_path, code, str(int(is_background))) as process:
        with holder(tmp_path, "LOCK_EX"):
            say("one")
            say("due")
        say("two")
        process.communicate(timeout=LIMIT)

    assert [path.read_text() for path in archives(tmp_path)] == ["one\ndue\n"]
    assert (tmp_path / "app.log").read_text() == "two\n"


@pytest.mark.parametrize("compression", [None, "gzip", "zstd"])
def test_process_that_was_stopped_with_the_lock_goes_on_in_the_archive(compression: str | None, tmp_path: Path) -> None:
    options = {"rotation": "1 MB", "async_write": False, "compression": compression}
    path = tmp_path / "app.log"

    with writer(tmp_path, "stopped", options, pause=0) as stopped:
        wait_until(path.exists, "nothing was logged")
        while not stop_with_lock(stopped, path):
            os.kill(stopped.pid, signal.SIGCONT)
            time.sleep(0.001)
        kept = path.stat().st_ino
        with writer(tmp_path, "other", options, pause=0) as other:
            wait_until(lambda: kept != inode(path), "a file whose lock is kept was not rotated")
            count = ended(other)
        # The lock's holder may be about to write a line there, so the archive must stay the same file.
        assert kept in [archive.stat().st_ino for archive in rotated(tmp_path)]
        os.kill(stopped.pid, signal.SIGCONT)
        counts = {"other": count, "stopped": ended(stopped)}
    finish(tmp_path, options)

    check(tmp_path, counts)
    assert {is_compressed(archive) for archive in archives(tmp_path)} == {compression is not None}


def stop_with_lock(process: subprocess.Popen[str], path: Path) -> bool:
    """Stop a process; return whether it has the lock of the file at the path."""
    os.kill(process.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, process.pid, os.WSTOPPED)
    if not path.exists():
        return False
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return inode(path) == os.fstat(file.fileno()).st_ino
    return False


def inode(path: Path) -> int | None:
    return path.stat().st_ino if path.exists() else None


@SINKS
def test_program_that_keeps_every_lock_for_ever_costs_no_rotation(is_background: bool, tmp_path: Path) -> None:
    options = {"rotation": "100 kB", "async_write": is_background}
    (tmp_path / "app.log").touch()

    with started(tmp_path, HOSTILE) as hostile:
        assert hostile.stdout.readline() == "held\n"
        with writer(tmp_path, "one", options) as one, writer(tmp_path, "two", options) as two:
            wait_until(lambda: len(rotated(tmp_path)) >= 2, "a file whose lock is kept was not rotated")
            counts = {"one": ended(one), "two": ended(two)}

    check(tmp_path, counts)


@pytest.mark.parametrize("compression", ["gzip", "zstd", "xz"])
def test_archive_waits_for_a_line_on_its_way_that_has_no_lock(compression: str, shim: str, tmp_path: Path) -> None:
    options = {"rotation": "1 kB", "async_write": False, "compression": compression}
    path = tmp_path / "app.log"
    path.touch()
    slow = {"LD_PRELOAD": shim, "LOGLY_WRITES": "stop:1:1"}

    with ExitStack() as stack:
        with holder(tmp_path, "LOCK_SH"):
            # The process has looked up where the file is, and stops before it writes there.
            late = stack.enter_context(started(tmp_path, WRITER, "late", repr(options), "0.001", environment=slow))
            os.waitid(os.P_PID, late.pid, os.WSTOPPED)
            kept = inode(path)
        with writer(tmp_path, "other", options) as other:
            wait_until(lambda: len(rotated(tmp_path)) > 2, "the file was not rotated")
            counts = {"other": ended(other)}
        assert kept in [archive.stat().st_ino for archive in rotated(tmp_path)]
        os.kill(late.pid, signal.SIGCONT)
        counts["late"] = ended(late)
    finish(tmp_path, options)

    check(tmp_path, counts)
    assert ".log" not in {archive.suffix for archive in archives(tmp_path)}


def test_mode_w_empties_no_file_that_becomes_an_archive_meanwhile(tmp_path: Path) -> None:
    path, archive = tmp_path / "app.log", tmp_path / "app.2025-01-14.log"
    path.write_text("kept\n")
    code = """
    import logly
    print("adding", flush=True)
    logly.logger.add("app.log", mode="w", rotation="1 kB", format="{message}")
    logly.logger.info("new")
    """
    code = "\n".join(line[4:] for line in code.splitlines())

    with path.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with started(tmp_path, code) as process:
            assert process.stdout.readline() == "adding\n"
            # Rotate the file as another process with logly does: with the lock.
            threading.Event().wait(0.2)
            path.rename(archive)
            path.touch()
            fcntl.flock(held, fcntl.LOCK_UN)
            process.communicate(timeout=LIMIT)

    assert (archive.read_text(), path.read_text()) == ("kept\n", "new\n")

"""The oracle of the fault tests: child programs with a hard time limit, and the check that a log is whole.

A child logs lines `pid thread number padding`; `check_log` says whether each is there once, whole, in order per thread.
Promises for every kind of sink are tested with each of `SINKS`; a new kind is a line there and one in `PRELUDE`.

With `LOGLY_STRESS=1` the tests repeat more often and use larger sizes. The command below runs them ten times in a row;
each hang is a failure that prints its stacks:

    for run in $(seq 10); do LOGLY_STRESS=1 python -m pytest -q tests/faults || break; done
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from tests.support.child import Result

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 60
"""Seconds after which a child counts as hung."""

EXIT_LIMIT = 15
"""Seconds that a program with a stuck sink may take to end: 5 for logly, the rest for a busy machine."""

IS_LONG = bool(os.environ.get("LOGLY_STRESS"))
"""Whether to run the long forms of the tests."""

FILES = pytest.mark.parametrize("sink", ["background", "synchronous"])
"""For promises that only files make."""

IN_BACKGROUND = ["background function", "coroutine"]
"""The kinds of Python sinks that run in the background. Streams are left out, as a crash loses their buffers."""

KINDS = ["background", "synchronous", "function", "console", *IN_BACKGROUND]
"""The kinds of sinks, as `begin` in a child takes them."""

SINKS = pytest.mark.parametrize("sink", [*KINDS, "stream"])
"""For promises that hold for every kind of sink."""

NATIVE = pytest.mark.parametrize("sink", ["background", "synchronous", "function", "console"])
"""The kinds of sinks that need no Python thread.

Python threads cannot be made to work in a child that C code forked: the interpreter's lock may have been in the middle
of a handover, and the interpreter does not learn of the fork.
"""

FORKABLE = pytest.mark.parametrize("sink", [*KINDS, "stream", "background stream"])
"""For forks while other threads log or write records. Streams pause during such forks, with empty buffers."""

PRELUDE = """
import os, signal, sys, threading
# A shell that runs the tests in the background has them ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
from logly import logger
logger.configure(console=False)

def add(path="app.log", **options):
    return logger.add(path, format="{message}", **options)

def appending(path="app.log"):
    # A sink that is a function, and keeps nothing back.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    return lambda line: os.write(descriptor, line.encode())

def awaiting(path="app.log"):
    append = appending(path)
    async def sink(line):
        append(line)
    return sink

BEGIN = {
    "background": add,
    "synchronous": lambda: add(async_write=False),
    "function": lambda: add(appending()),
    "console": lambda: os.dup2(os.open("app.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644), 2) and add("stderr"),
    "stream": lambda: add(open("app.log", "a")),
    "background function": lambda: add(appending(), async_write=True),
    "background stream": lambda: add(open("app.log", "a"), async_write=True),
    "coroutine": lambda: add(awaiting()),
}

def begin(sink):
    return BEGIN[sink]()

def log(count, start=0, level="INFO"):
    for number in range(start, start + count):
        logger.log(level, "{pid} {thread} {number} {padding}", pid=os.getpid(), thread=threading.get_ident(),
                   number=number, padding="x" * (number % 40))
"""

LINE = re.compile(r"(\d+) (\d+) (\d+) (x*)")


def start(folder: Path, program: str, prelude: str = "", **environment: str) -> subprocess.Popen[str]:
    """Start a program in *folder*, after the preludes; `finish` waits for it."""
    # CPython warns about forks in programs with threads, and some of these programs test just that.
    quiet = ["-W", "ignore:This process:DeprecationWarning"]
    command = [sys.executable, *quiet, "-X", "faulthandler", "-c", PRELUDE + prelude + textwrap.dedent(program)]
    return _open(command, folder, {**os.environ, **environment})


def finish(process: subprocess.Popen[str]) -> Result:
    """Wait for a program to end; abort it if it hangs, so that its stacks appear on stderr."""
    try:
        out, err = process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        # Abort its children as well: they hold its output open.
        os.killpg(process.pid, signal.SIGABRT)
        out, err = process.communicate()
        pytest.fail(f"hung for {LIMIT} s\n{out}\n{err}")
    return Result(process.args, process.returncode, out, err)


def run(folder: Path, program: str, prelude: str = "", **environment: str) -> Result:
    """Run a program in *folder*, after the preludes."""
    return finish(start(folder, program, prelude, **environment))


def run_file(folder: Path, program: str, name: str = "program.py") -> Result:
    """Run a program from a file, so that other processes can import it; the same time limit applies."""
    path = folder / name
    path.write_text(textwrap.dedent(program))
    command = [sys.executable, "-X", "faulthandler", str(path)]
    return finish(_open(command, folder, dict(os.environ)))


def _open(command: list[str], folder: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def check_log(*paths: Path) -> dict[tuple[int, int], int]:
    """Check that lines are whole and each thread's numbers run from 0 without gap or repeat; count them by thread.

    Several files are read as one log: each continues where the previous one ended.
    """
    numbers: dict[tuple[int, int], int] = defaultdict(int)
    for line in "".join(path.read_text() for path in paths).splitlines():
        match = LINE.fullmatch(line)
        assert match is not None, f"not a whole line: {line!r}"
        pid, thread, number = (int(match[group]) for group in (1, 2, 3))
        assert len(match[4]) == number % 40, f"cut: {line!r}"
        assert number == numbers[pid, thread], f"expected number {numbers[pid, thread]} of its thread: {line!r}"
        numbers[pid, thread] += 1
    return dict(numbers)


def lines_of(processes: list[int], *paths: Path) -> list[int]:
    """Return how many lines each process logged, in a log that is checked as `check_log` does."""
    counts = check_log(*paths)
    return [sum(count for (pid, _), count in counts.items() if pid == process) for process in processes]

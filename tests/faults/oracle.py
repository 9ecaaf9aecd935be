"""The oracle of the fault tests: child programs with a hard time limit, and the check that a log is whole.

A child logs lines `pid thread number padding`; `check_log` says whether each is there once, whole, in order per thread.
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

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 60
"""Seconds after which a child counts as hung."""

PRELUDE = """
import os, signal, sys, threading
from logly import logger
logger.configure(console=False)

def add(path="app.log", **options):
    return logger.add(path, format="{message}", **options)

def log(count, start=0, level="INFO"):
    for number in range(start, start + count):
        logger.log(level, "{pid} {thread} {number} {padding}", pid=os.getpid(), thread=threading.get_ident(),
                   number=number, padding="x" * (number % 40))
"""

LINE = re.compile(r"(\d+) (\d+) (\d+) (x*)")


def run(folder: Path, program: str, prelude: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program in *folder*, after the preludes; one that hangs is aborted, which puts its stacks on stderr."""
    # CPython warns of forks in programs with threads, which is what some of these are about.
    quiet = ["-W", "ignore:This process:DeprecationWarning"]
    command = [sys.executable, *quiet, "-X", "faulthandler", "-c", PRELUDE + prelude + textwrap.dedent(program)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, **environment}, text=True, **pipes)
    try:
        out, err = process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        out, err = process.communicate()
        pytest.fail(f"hung for {LIMIT} s\n{out}\n{err}")
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def check_log(*paths: Path) -> dict[tuple[int, int], int]:
    """Check that lines are whole and each thread's numbers run from 0 without gap or repeat; count them by thread.

    Of several files, each goes on where the one before ended.
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

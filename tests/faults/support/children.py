"""Programs whose children of `multiprocessing` log."""

from __future__ import annotations

import pytest

from tests.faults.support.oracle import PRELUDE

METHODS = pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])

WORK = """
import multiprocessing, sys, time
from concurrent.futures import ProcessPoolExecutor
logged = 0

def set_up(sink):
    # A process that was forked has its parent's sinks.
    logger.remove_all()
    begin(sink)

def work(_number):
    global logged
    log(50, logged)
    logged += 50
    return os.getpid()
"""


def program(main: str, before: str = "") -> str:
    """Return a program that runs *main* in the first process, and *before* also in processes that import it."""
    indented = "".join(f"    {line}\n" for line in main.strip().splitlines())
    return f"{PRELUDE}{WORK}{before}\nif __name__ == '__main__':\n{indented}"

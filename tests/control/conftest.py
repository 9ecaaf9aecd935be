"""Programs that serve, in a folder of sockets of their own, and the commands that ask them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from tests.support.child import LIMIT, command, environment_of, finish


class Served:
    """A running program. Its first line of output is awaited at the start; a line of input each lets it go on."""

    def __init__(self, code, environment):
        arguments = [sys.executable, "-c", code]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(arguments, text=True, env=environment_of(environment), **pipes)
        self.said = self.line()

    def line(self):
        """Return the next line that it prints."""
        return self.process.stdout.readline().strip()

    def go_on(self, text=""):
        """Let it read a line."""
        self.process.stdin.write(f"{text}\n")
        self.process.stdin.flush()

    def end(self):
        """Close its input and wait for its end; return the result."""
        return finish(self.process)


@pytest.fixture
def runtime(tmp_path):
    """The environment of programs and commands of a test: the folder of sockets is below `XDG_RUNTIME_DIR`."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    return {"XDG_RUNTIME_DIR": str(folder)}


@pytest.fixture
def serve(runtime):
    """A function that starts a program of the given code, after an import of the logger."""
    started = []

    def start(code="print(logger.serve_control().path, flush=True); sys.stdin.readline()", environment=None):
        served = Served(f"import os, sys\nfrom logly import logger\n{code}", {**runtime, **(environment or {})})
        started.append(served)
        return served

    yield start
    for served in started:
        with suppress(ProcessLookupError, BrokenPipeError, ValueError):
            served.process.kill()
            served.process.communicate()


@pytest.fixture
def ask(runtime, tmp_path):
    """A function that runs a command of logly with the same folder of sockets."""
    return lambda *arguments: command(*map(str, arguments), folder=tmp_path, environment=runtime)


def wait_until(is_met):
    """Wait until a condition holds; fail if it never does."""
    until = time.monotonic() + LIMIT
    while not is_met():
        assert time.monotonic() < until, "the condition was never met"
        os.sched_yield()

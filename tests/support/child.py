"""Programs run as children, with a pipe, a file or a terminal as their output, and a known environment."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

LIMIT = 60
"""Seconds after which a hanging child fails its test."""

_SAYING = ("LOGLY_", "NO_COLOR", "FORCE_COLOR")


def run(code, *arguments, environment=None, **options):
    """Run *code* with Python and return what `subprocess.run` returns, its output as text."""
    defaults = {"capture_output": True, "text": True, "encoding": "utf-8"}
    if "stdout" in options:
        del defaults["capture_output"]
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=environment_of(environment),
        timeout=LIMIT,
        check=False,
        **defaults,
        **options,
    )


def command(*arguments, folder, flags=(), environment=None):
    """Run `python -m logly` in a folder; *flags* are options of Python."""
    return _python([*flags, "-m", "logly", *arguments], folder, environment)


def isolated(code, *flags, folder, environment=None):
    """Run *code* with options of Python, such as `-I`."""
    return _python([*flags, "-c", code], folder, environment)


def _python(arguments, folder, environment):
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
        cwd=folder,
        env=environment_of(environment),
    )


def output(code, *arguments, environment=None):
    """Return the standard output of *code*, which must succeed."""
    finished = run(code, *arguments, environment=environment)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def output_on_terminal(code, environment=None):
    """Return the output of *code* when its standard output is a terminal."""
    terminal, end = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=end, stderr=subprocess.DEVNULL, env=environment_of(environment)
    ) as child:
        os.close(end)
        shown = _read_all(terminal)
        os.close(terminal)
        assert child.wait(LIMIT) == 0
    return shown.decode().replace("\r\n", "\n")


def _read_all(descriptor):
    parts = []
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError:  # Linux says EIO once the other end of a terminal is closed.
            part = b""
        if not part:
            return b"".join(parts)
        parts.append(part)


def environment_of(changes=None):
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_SAYING)}
    return {**inherited, "TERM": "xterm", **(changes or {})}

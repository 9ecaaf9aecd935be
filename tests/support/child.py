"""Programs run as children, with a pipe, a file or a terminal as their output, and a known environment.

`Result.check` compares the output of a program with the expected one; a failure shows all of the output.
"""

from __future__ import annotations

import os
import pty
import shlex
import signal
import subprocess
import sys
import tempfile

LIMIT = 60
"""Seconds after which a hanging child fails its test."""

_SAYING = ("LOGLY_", "NO_COLOR", "FORCE_COLOR")


class Result(subprocess.CompletedProcess):
    """A program that ended: its arguments, its return code, and its output."""

    def check(self, *, stdout=None, stderr=None, returncode=0, note=""):
        """Check the return code, and each output that is given; return the result.

        A failure shows the program, everything it wrote, and the expected text; *note* says which run it was.
        """
        __tracebackhide__ = True
        expected = {"returncode": returncode, "stdout": stdout, "stderr": stderr}
        given = {name: value for name, value in expected.items() if value is not None}
        wrong = {name: value for name, value in given.items() if getattr(self, name) != value}
        if wrong:
            raise AssertionError(_failure(self, wrong, note))
        return self


def _failure(result, wrong, note):
    reasons = [f"{name} is not as expected" for name in wrong if name != "returncode"]
    if "returncode" in wrong:
        reasons.insert(0, f"the program ended with {_ending(result.returncode)}, not {_ending(wrong['returncode'])}")
    expected = [_section(f"expected {name}", text) for name, text in wrong.items() if name != "returncode"]
    return "\n".join([", and ".join(reasons), *([str(note)] if note else []), *_all_of(result), *expected])


def _ending(returncode):
    if returncode >= 0:
        return f"return code {returncode}"
    known = {number.value: number.name for number in signal.Signals}
    return f"return code {returncode} ({known.get(-returncode, 'an unknown signal')})"


def _all_of(result):
    """Describe the arguments and the output; an argument of several lines has a section of its own."""
    arguments = [result.args] if isinstance(result.args, (str, os.PathLike)) else result.args
    texts = [os.fsdecode(argument) for argument in arguments]
    codes = [text for text in texts if "\n" in text]
    command = " ".join("<code>" if text in codes else shlex.quote(text) for text in texts)
    outputs = [_section(name, getattr(result, name)) for name in ("stdout", "stderr")]
    return [f"command: {command}", *(_section("<code>", code) for code in codes), *outputs]


def _section(name, text):
    if text is None:
        return f"{name}: (nothing captured)"
    if isinstance(text, bytes):
        text = text.decode("utf-8", "backslashreplace")
    if not text:
        return f"{name}: (empty)"
    *lines, rest = text.split("\n")
    shown = [line if line.isprintable() else repr(line) for line in [*lines, *([rest] if rest else [])]]
    heading = f"{name}, without a line break at its end:" if rest else f"{name}:"
    return "\n".join([heading, *(f"    {line}" for line in shown)])


def execute(arguments, *, text=True, timeout=LIMIT, **options):
    """Run a program; the options are those of `subprocess.run`. Its output is captured unless they place it."""
    __tracebackhide__ = True
    captured = {} if "stdout" in options else {"capture_output": True}
    encoding = "utf-8" if text else None
    try:
        done = subprocess.run(arguments, encoding=encoding, timeout=timeout, check=False, **{**captured, **options})
    except subprocess.TimeoutExpired as hung:
        raise _hanging(Result(arguments, None, hung.stdout, hung.stderr), timeout) from None
    return Result(done.args, done.returncode, done.stdout, done.stderr)


def finish(process, said=None, *, timeout=LIMIT):
    """Wait for a process that `subprocess.Popen` started, and write *said* to its input."""
    __tracebackhide__ = True
    try:
        stdout, stderr = process.communicate(said, timeout=timeout)
    except subprocess.TimeoutExpired as hung:
        with process:
            process.kill()
        raise _hanging(Result(process.args, None, hung.stdout, hung.stderr), timeout) from None
    return Result(process.args, process.returncode, stdout, stderr)


def _hanging(result, timeout):
    return AssertionError("\n".join([f"the program still ran after {timeout} s", *_all_of(result)]))


def run(code, *arguments, environment=None, **options):
    """Run *code* with Python; the options are those of `execute`."""
    __tracebackhide__ = True
    return execute([sys.executable, "-c", code, *map(str, arguments)], env=environment_of(environment), **options)


def command(*arguments, folder, flags=(), environment=None):
    """Run `python -m logly` in a folder; *flags* are options of Python."""
    return _python([*flags, "-m", "logly", *arguments], folder, environment)


def isolated(code, *flags, folder, environment=None):
    """Run *code* with options of Python, such as `-I`."""
    return _python([*flags, "-c", code], folder, environment)


def _python(arguments, folder, environment):
    __tracebackhide__ = True
    return execute([sys.executable, *arguments], cwd=folder, env=environment_of(environment))


def output(code, *arguments, environment=None):
    """Return the standard output of *code*, which must succeed."""
    __tracebackhide__ = True
    return run(code, *arguments, environment=environment).check().stdout


def output_on_terminal(code, environment=None):
    """Return the output of *code*, which must succeed, when its standard output is a terminal."""
    __tracebackhide__ = True
    terminal, end = pty.openpty()
    arguments = [sys.executable, "-c", code]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        with subprocess.Popen(arguments, stdout=end, stderr=errors, env=environment_of(environment)) as child:
            os.close(end)
            shown = _read_all(terminal).decode().replace("\r\n", "\n")
            os.close(terminal)
            child.wait(LIMIT)
        errors.seek(0)
        return Result(arguments, child.returncode, shown, errors.read()).check().stdout


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
    # eventlet's own resolver imports trio, which cannot be imported then on Python 3.9. Sentry imports eventlet.
    return {**inherited, "TERM": "xterm", "EVENTLET_NO_GREENDNS": "yes", **(changes or {})}

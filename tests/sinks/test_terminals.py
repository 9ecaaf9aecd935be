"""Kinds of streams (terminal, notebook or neither) and the output each accepts; tests pass in the platform."""

from __future__ import annotations

import io
import json
import sys

import pytest
from logly import logger
from logly._sinks import terminals

from tests.support.terminal import Terminal


class Kernel:
    """The functions of `kernel32` for one console."""

    def __init__(self, mode, can_change=True):
        self.mode = mode
        self.can_change = can_change
        self.asked = []

    def GetConsoleMode(self, _handle, mode):  # noqa: N802 - its name
        if self.mode is None:
            return 0
        mode._obj.value = self.mode
        return 1

    def SetConsoleMode(self, handle, mode):  # noqa: N802 - its name
        self.asked.append((handle.value, mode))
        return int(self.can_change)


def never(_stream):
    return False


@pytest.mark.parametrize("platform", ["linux", "darwin", "cygwin", "win32"])
def test_stream_that_is_no_terminal_takes_no_escapes(platform):
    assert terminals.look_of(io.StringIO(), platform, {"WT_SESSION": "1"}) == (False, False)


@pytest.mark.parametrize("platform", ["linux", "darwin", "cygwin"])
def test_terminal_takes_escapes_beside_windows(platform):
    assert terminals.look_of(Terminal(), platform, {}) == (True, True)


def test_old_console_of_windows_is_a_terminal_without_escapes():
    assert terminals.look_of(Terminal(), "win32", {}) == (True, False)


@pytest.mark.parametrize(
    "environment",
    [
        {"WT_SESSION": "0b9f"},
        {"ANSICON": "80x300"},
        {"ConEmuANSI": "ON"},
        {"TERM_PROGRAM": "vscode"},
        {"TERM": "xterm-256color"},
        {"TERM": "cygwin"},
    ],
    ids=lambda environment: next(iter(environment)),
)
def test_programs_around_a_console_of_windows_take_escapes(environment):
    assert terminals.takes_escapes(Terminal(), "win32", environment, never)


@pytest.mark.parametrize("environment", [{"ConEmuANSI": "OFF"}, {"WT_SESSION": ""}, {"TERM": "dumb"}])
def test_programs_that_decline_escapes_get_none(environment):
    assert not terminals.takes_escapes(Terminal(), "win32", environment, never)


def test_console_of_windows_is_asked_for_escapes_first():
    asked = []

    def enable(stream):
        asked.append(stream)
        return True

    terminal = Terminal()

    assert terminals.takes_escapes(terminal, "win32", {}, enable)
    assert asked == [terminal]


def test_escapes_are_added_to_the_mode_of_a_console():
    kernel = Kernel(0x0003)

    assert terminals.enable_mode(kernel, 7)
    assert kernel.asked == [(7, 0x0007)]


def test_console_that_has_escapes_is_left_alone():
    kernel = Kernel(0x0007)

    assert terminals.enable_mode(kernel, 7)
    assert kernel.asked == []


@pytest.mark.parametrize("kernel", [Kernel(None), Kernel(0x0003, can_change=False)], ids=["no console", "refused"])
def test_console_without_escapes_is_known(kernel):
    assert not terminals.enable_mode(kernel, 7)


@pytest.mark.skipif(sys.platform == "win32", reason="there are consoles of Windows")
def test_elsewhere_no_console_of_windows_is_looked_for():
    assert not terminals.enable_escapes(Terminal())


class Raising:
    """A stream whose methods fail when asked for its kind."""

    def isatty(self):
        message = "closed"
        raise ValueError(message)


@pytest.mark.parametrize("stream", [None, object(), Raising()], ids=["none", "no method", "closed"])
def test_stream_that_cannot_say_is_no_terminal(stream):
    assert terminals.look_of(stream) == (False, False)


def of_module(module):
    return type("OutStream", (io.StringIO,), {"__module__": module})()


@pytest.mark.parametrize("module", ["ipykernel.iostream", "xpython", "pyodide_kernel.display", "google.colab._shell"])
def test_streams_of_kernels_are_notebooks(module):
    assert terminals.look_of(of_module(module)) == (True, True)


@pytest.mark.parametrize("module", ["ipykernels", "my.ipykernel", "IPython.core"])
def test_other_streams_are_no_notebooks(module):
    assert terminals.look_of(of_module(module)) == (False, False)


def test_class_made_from_a_kernels_is_a_notebook():
    made = type("Tee", (type(of_module("ipykernel.iostream")),), {"__module__": "__main__"})

    assert terminals.is_notebook(made())


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("cp1252", "café € \\U0001f525 \\u0416\n"),
        ("cp437", "café \\u20ac \\U0001f525 \\u0416\n"),
        ("ascii", "caf\\xe9 \\u20ac \\U0001f525 \\u0416\n"),
    ],
)
def test_what_an_encoding_lacks_is_written_as_escapes(encoding, expected):
    raw = io.BytesIO()
    logger.configure(console=False)
    logger.add(io.TextIOWrapper(raw, encoding=encoding, newline=""), format="{message}")

    logger.info("café € 🔥 Ж")

    assert raw.getvalue().decode(encoding) == expected


@pytest.mark.parametrize("style", [True, "pretty", "flat"])
def test_json_stays_json_in_any_encoding(style):
    raw = io.BytesIO()
    logger.configure(console=False)
    logger.add(io.TextIOWrapper(raw, encoding="cp1252"), json=style)

    logger.info("café 🔥 Ж", note="\x81")

    shown = json.loads(raw.getvalue().decode("cp1252"))
    assert (shown["message"], (shown if style == "flat" else shown["fields"])["note"]) == ("café 🔥 Ж", "\x81")


@pytest.mark.parametrize("name", [None, "no such encoding", "rot13", 5])
def test_stream_without_an_encoding_gets_ascii(name):
    class Picky:
        encoding = name

        def __init__(self):
            self.text = ""

        def write(self, text):
            self.text += text.encode("ascii").decode()

    picky = Picky()
    logger.configure(console=False)
    logger.add(picky, format="{message}")

    logger.info("café")

    assert picky.text == "caf\\xe9\n"


def test_lines_end_as_the_stream_has_them():
    raw = io.BytesIO()
    logger.configure(console=False)
    logger.add(io.TextIOWrapper(raw, encoding="utf-8", newline="\r\n"), format="{message}")

    logger.info("one\r\ntwo")

    assert raw.getvalue() == b"one\\r\\ntwo\r\n"


def test_colour_of_an_old_console_can_be_forced(monkeypatch):
    monkeypatch.setattr(terminals, "look_of", lambda _stream: (True, False))
    terminal = Terminal()
    logger.configure(console=False, color=True)
    logger.add(terminal, format="<red>{message}</red>")

    logger.info("shown")

    assert terminal.getvalue() == "\x1b[31mshown\x1b[0m\n"

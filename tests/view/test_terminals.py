"""No command shows a terminal what a file holds as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress

import pytest

pty = pytest.importorskip("pty", reason="terminals as Unix has them")

HOSTILE = (
    b'{"level":"INFO","message":"\\u001b]0;title\\u0007","logger":"\\u001b[2J","fields":{"x":"\\u009b31m\\u202e"}}\n'
    b"2025-01-15 10:30:45 ERROR \x1b[31mred \x9b \xc2\x9b31m\n"
)
COMMANDS = [
    *(["view", "log", *form] for form in ([], ["--csv", "--fields", "message,x"], ["--raw"], ["--json"])),
    *(["stats", "log", "--by", "x", *form] for form in ([], ["--json"])),
    *(["query", "SELECT * FROM log", "log", "--engine", "sqlite", *form] for form in ([], ["--csv"], ["--json"])),
]


def shown_on_terminal(folder, arguments):
    """Return what a command writes to a terminal."""
    reader, terminal = pty.openpty()
    environment = {**os.environ, "NO_COLOR": "1", "PAGER": "", "COLUMNS": "80"}
    try:
        subprocess.run(
            [sys.executable, "-m", "logly", *arguments],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=terminal, env=environment, check=True, timeout=60,
        )  # fmt: skip
    finally:
        os.close(terminal)
    shown = b""
    with suppress(OSError):
        while part := os.read(reader, 65_536):
            shown += part
    os.close(reader)
    return shown.decode()


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_terminal_gets_no_control_characters(tmp_path, arguments):
    (tmp_path / "log").write_bytes(HOSTILE)

    shown = shown_on_terminal(tmp_path, arguments)
    assert "red" in shown
    assert not [c for c in shown if (ord(c) < 32 and c not in "\r\n") or 0x7F <= ord(c) < 0xA0 or c == "\u202e"]

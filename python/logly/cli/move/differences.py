"""Unified diffs as `git apply` and `patch -p1` take them."""

from __future__ import annotations

import difflib
import os


def unified(path: str, before: bytes, after: bytes) -> bytes:
    """Return the diff of a file's bytes."""
    name = os.path.normpath(path).replace(os.sep, "/").lstrip("/").encode("utf-8", "surrogateescape")
    lines = difflib.diff_bytes(difflib.unified_diff, _lines(before), _lines(after), b"a/" + name, b"b/" + name)
    return b"".join(line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n" for line in lines)


def _lines(data: bytes) -> list[bytes]:
    # Tools that apply diffs know no other end of a line.
    lines = data.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + [line for line in lines[-1:] if line]

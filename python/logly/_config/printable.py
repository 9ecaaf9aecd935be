"""Text of files and programs, made safe for a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Return *text* with control and invisible characters as escapes such as `\x1b`."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)

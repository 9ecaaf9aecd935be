"""Text of files and programs, made fit to be shown on a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Return *text* with whatever commands a terminal, or is not seen there, as escapes such as `\x1b`."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)

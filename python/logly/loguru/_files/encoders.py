"""Encodings of files that are rotated, other than those that the extension writes.

The extension finds the ends of lines by their bytes, so these are encodings in which ASCII is itself.
"""

from __future__ import annotations

import codecs
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ASCII = "".join(map(chr, range(128)))
_NEWLINES = {None: os.linesep, "": "\n", "\n": "\n", "\r": "\r", "\r\n": "\r\n"}


class Encoder:
    """Encodes lines as `open` would, by its arguments `encoding`, `errors` and `newline`.

    Raises:
        LookupError: There is no such encoding, or no such way to handle errors.
        ValueError: There is no such form of line breaks.
    """

    def __init__(self, encoding: str, errors: str | None, newline: str | None) -> None:
        if newline not in _NEWLINES:
            message = f"illegal newline value: {newline!r}"
            raise ValueError(message)
        codecs.lookup_error(errors or "strict")
        self._encode = codecs.lookup(encoding).encode
        self._errors = errors or "strict"
        self._newline = _NEWLINES[newline]

    def _encode_line(self, line: str) -> bytes:
        """Return the bytes of a line. Characters that cannot be encoded are escaped, so that no line is lost."""
        text = line if self._newline == "\n" else line.replace("\n", self._newline)
        try:
            return self._encode(text, self._errors)[0]
        except UnicodeError:
            return self._encode(text, "backslashreplace")[0]


def encoder_of(given: dict[str, Any]) -> Encoder | None:
    """Return the encoder for the arguments of `open`; None if ASCII is not itself in the encoding."""
    encoding = given.get("encoding", "utf8")
    encoder = Encoder(encoding, given.get("errors"), given.get("newline"))
    return encoder if _ASCII.encode(encoding) == _ASCII.encode() else None

"""A Python file as the command sees it: text, syntax tree and tokens, and edits that leave every other byte alone."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

Remark = tuple[int, str]
"""The number of a line, and a sentence about it."""

# As Python's parser ends lines; `str.splitlines` knows more ends.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_END = re.compile(r"(?:\r\n|\r|\n)\Z")

# The parser raises ValueError for null bytes, and RecursionError or MemoryError for deeply nested code.
_REFUSED = (SyntaxError, tokenize.TokenError, ValueError, LookupError, RecursionError, MemoryError)


class Unreadable(Exception):  # noqa: N818 - it is the file that is unreadable.
    """A file that this Python cannot parse, or whose bytes would not come back."""


class Edit(NamedTuple):
    """Text that takes the place of another within one line."""

    row: int
    start: int
    end: int
    text: str


class Source:
    """A Python file that was read and parsed.

    Lines are kept with their ends; the parser sees them ended by a line feed, so rows and columns are the same in both.
    """

    def __init__(self, data: bytes) -> None:
        """Parse a file. Raises `Unreadable` if that is impossible."""
        try:
            self._encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
            self._lines = _LINE.findall(data.decode(self._encoding))
            self._seen = [_END.sub("\n", line) for line in self._lines]
            self.tree: ast.Module = _parsed("".join(self._seen))
            self.tokens: list[tokenize.TokenInfo] = list(tokenize.generate_tokens(iter([*self._seen, ""]).__next__))
        except _REFUSED as error:
            raise Unreadable(_reason(error)) from None
        if self._encoded(self._lines) != data:
            message = f"its text in {self._encoding} has several forms as bytes"
            raise Unreadable(message)
        self._index = {token.start: index for index, token in enumerate(self.tokens)}

    def tokens_from(self, node: ast.stmt) -> list[tokenize.TokenInfo]:
        """Return the tokens from the beginning of a statement to the end of its logical line."""
        # Columns of the tree count bytes of UTF-8, columns of tokens count characters.
        before = self._seen[node.lineno - 1].encode()[: node.col_offset].decode()
        first = self._index[node.lineno, len(before)]
        tokens = []
        for token in self.tokens[first:]:
            if token.type == tokenize.NEWLINE or token.string == ";":
                break
            if token.type not in {tokenize.NL, tokenize.COMMENT}:
                tokens.append(token)
        return tokens

    def edited(self, edits: Iterable[Edit]) -> bytes:
        """Return the file's bytes with the edits, which must not overlap."""
        lines = list(self._lines)
        for row, start, end, text in sorted(edits, reverse=True):
            line = lines[row - 1]
            lines[row - 1] = line[:start] + text + line[end:]
        return self._encoded(lines)

    def _encoded(self, lines: list[str]) -> bytes:
        return "".join(lines).encode(self._encoding)


def _parsed(text: str) -> ast.Module:
    with warnings.catch_warnings():
        # The parser warns of the program's mistakes, such as unknown escapes.
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _reason(error: Exception) -> str:
    if isinstance(error, SyntaxError) and error.lineno is not None:
        return f"does not parse in line {error.lineno}: {error.msg}"
    if isinstance(error, (RecursionError, MemoryError)):
        return "does not parse: it is nested too deeply"
    return f"does not parse: {error}"

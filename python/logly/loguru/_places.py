"""Frames in Loguru's form, as far as they depend on code alone: their text, their line of source, the names in it.

The extension keeps these parts for each code object and line.
"""

from __future__ import annotations

import io
import keyword
import linecache
import tokenize

from logly._exceptions.diagnose import _until_error
from logly._exceptions.traceback import _keep_from_waiting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType
    from typing import Any

_LONGEST_LINE = 1_000
"""In characters; longer lines come from minified sources."""


def place(code: CodeType, number: int | None, names: dict[str, Any]) -> tuple[str, str, list[tuple[int, str]]]:
    """Return the text of a frame, its line of source, and the names in the line with their columns."""
    head = f'File "{code.co_filename}", line {number}, in {code.co_name}'
    if number is None:
        return head, "", []
    _keep_from_waiting(code.co_filename)
    linecache.checkcache(code.co_filename)
    # From CPython 3.14 on, `linecache` finds the source of frozen modules by these names. Loguru shows none for them.
    names_of_module = None if code.co_filename.startswith("<frozen ") else names
    source = linecache.getline(code.co_filename, number, names_of_module).strip()
    if len(source) > _LONGEST_LINE:
        return head, source, []
    return head, source, list(_names(source))


def _names(source: str) -> Iterator[tuple[int, str]]:
    """Yield the names in a line of source, except attributes, keywords, and those it begins by assigning to."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        tokens = _until_error(source)
    is_target = True
    for index, token in enumerate(tokens):
        after = tokens[index + 1].string if index + 1 < len(tokens) else ""
        if token.type != tokenize.NAME:
            is_target = is_target and token.string == "="
            continue
        is_target = is_target and after == "="
        is_attribute = index > 0 and tokens[index - 1].string == "."
        if not (is_target or is_attribute or keyword.iskeyword(token.string)):
            yield token.start[1], token.string

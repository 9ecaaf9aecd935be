"""Rows of a query as an aligned table, as CSV, or as JSON lines. They are fetched and written many at a time."""

from __future__ import annotations

import csv
import io
import json
import sys
from itertools import chain

from logly._config.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, BinaryIO

_AT_ONCE = 1_000
_WIDEST = 100


def _blocks(cursor: Any) -> Iterator[list[Sequence[Any]]]:
    while block := cursor.fetchmany(_AT_ONCE):
        yield block


def write_table(names: list[str], cursor: Any, out: BinaryIO) -> bool:
    """Write an aligned table, whose widths are those of the first thousand rows. Return whether there are rows."""
    blocks = _blocks(cursor)
    first = next(blocks, [])
    heads = [_shown(name) for name in names]
    lines = [[_shown(value) for value in row] for row in first]
    widths = [max(map(len, column)) for column in zip(heads, *lines)]
    is_right = [all(isinstance(row[at], (int, float, type(None))) for row in first) for at in range(len(names))]

    def put(cells: list[str]) -> None:
        padded = (
            f"{cell:>{width}}" if right else f"{cell:{width}}" for cell, width, right in zip(cells, widths, is_right)
        )
        out.write(f"{'  '.join(padded).rstrip()}\n".encode(sys.stdout.encoding or "utf-8", "backslashreplace"))

    put(heads)
    put(["-" * width for width in widths])
    for cells in chain(lines, ([_shown(value) for value in row] for block in blocks for row in block)):
        put(cells)
    return bool(first)


def write_csv(names: list[str], cursor: Any, out: BinaryIO) -> bool:
    """Write a line with the names and one for each row. Return whether there are rows."""
    is_found = False
    out.write(_csv([names]))
    for block in _blocks(cursor):
        is_found = True
        out.write(_csv(block))
    return is_found


def _csv(block: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO(newline="")
    make = _shown_in_full if sys.stdout.isatty() else _text
    csv.writer(text).writerows([make(value) for value in row] for row in block)
    return text.getvalue().encode("utf-8", "replace")


def write_json(names: list[str], cursor: Any, out: BinaryIO) -> bool:
    """Write an object for each row. Return whether there are rows."""
    is_found = False
    for block in _blocks(cursor):
        is_found = True
        out.writelines(f"{json.dumps(dict(zip(names, row)), default=_text)}\n".encode() for row in block)
    return is_found


def _shown(value: Any) -> str:
    """Return a cell without commands to the terminal, in one line."""
    text = _shown_in_full(value)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _shown_in_full(value: Any) -> str:
    return printable(_text(value))


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)

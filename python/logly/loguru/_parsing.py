"""`Logger.parse`: reads records back from a file with a regular expression."""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping
    from typing import Any


def parse(
    file: Any,
    pattern: Any,
    *,
    cast: Mapping[str, Callable[[str], object]] | Callable[[dict[str, Any]], object],
    chunk: int,
) -> Generator[dict[str, Any], None, None]:
    """Yield the named groups of each match."""
    compiled = _compiled(pattern)
    change = _change(cast)
    if isinstance(file, (str, os.PathLike)):
        with open(os.fspath(file), encoding=None) as opened:
            yield from _parsed(opened, compiled, change, chunk)
    elif hasattr(file, "read") and callable(file.read):
        yield from _parsed(file, compiled, change, chunk)
    else:
        message = f"Invalid file, it should be a string path or a file object, not: '{type(file).__name__}'"
        raise TypeError(message)


def _compiled(pattern: Any) -> re.Pattern[Any]:
    try:
        return re.compile(pattern)
    except TypeError:
        message = f"Invalid pattern, it should be a string or a compiled regex, not: '{type(pattern).__name__}'"
        raise TypeError(message) from None


def _change(cast: Any) -> Callable[[dict[str, Any]], object]:
    if callable(cast):
        given: Callable[[dict[str, Any]], object] = cast
        return given
    if not isinstance(cast, dict):
        message = f"Invalid cast, it should be a function or a dict, not: '{type(cast).__name__}'"
        raise TypeError(message)

    def change(groups: dict[str, Any]) -> None:
        for name, function in cast.items():
            if name in groups:
                groups[name] = function(groups[name])

    return change


def _parsed(
    file: Any, pattern: re.Pattern[Any], change: Callable[[dict[str, Any]], object], chunk: int
) -> Generator[dict[str, Any], None, None]:
    for match in _matches(file, pattern, chunk):
        groups = match.groupdict()
        change(groups)
        yield groups


def _matches(file: Any, pattern: re.Pattern[Any], chunk: int) -> Iterator[re.Match[Any]]:
    """Yield the matches. The last one of a chunk may go on in the next chunk, and is looked for again there."""
    buffer = file.read(0)
    while True:
        text = file.read(chunk)
        buffer += text
        found = list(pattern.finditer(buffer))
        if not text:
            yield from found
            return
        if len(found) > 1:
            yield from found[:-1]
            buffer = buffer[found[-2].end() :]

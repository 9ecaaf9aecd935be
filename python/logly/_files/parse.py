"""`logly.parse`: reads records back from any text with a regular expression.

It is for text logs in a format of the program's own; `Logger.read_json` reads files that logly writes as JSON.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Mapping

from logly._files.unpack import open_unpacked
from logly._naming import guided, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import Any

    from logly.typing import Cast, Readable

_UTF_8 = "utf-8"

_MOST_KEPT = 16 * 1024 * 1024
"""The characters or bytes of a text without a match that are kept; a larger chunk keeps more."""


@guided
def parse(
    file: str | os.PathLike[str] | Readable[str] | Readable[bytes],
    pattern: str | bytes | re.Pattern[str] | re.Pattern[bytes],
    *,
    cast: Cast | None = None,
    chunk: int = 65_536,
) -> Generator[dict[str, Any], None, None]:
    """Yield the named groups of each match of a pattern in a file.

    The file is read in pieces during the iteration, and text that was matched is forgotten, so files of any size can be
    read. A match may extend over several lines. The last 16 Mi characters of text without a match are kept, because a
    match may begin in them.

    Args:
        file: A path, or an object with `read(size)`, which stays open. A file is read as UTF-8, and invalid bytes are
            replaced. A file compressed with gzip, zstd, bz2, xz, zip or tar, as its first bytes say, is decompressed;
            in zip and tar archives all files are read.
        pattern: A regular expression with named groups; bytes for an object that reads bytes. Empty matches are left
            out.
        cast: Converts values: a dict of group to function, or a function that changes the dict of groups.
            Groups that took no part in a match are None, and not converted.
        chunk: How many characters, or bytes, to read at once, 1 or more. A match of up to this length is always found
            whole.

    Returns:
        A generator of dicts.

    Raises:
        OSError: The file cannot be opened, or is compressed in another format.
        TypeError: An argument is of a wrong type.
        ValueError: The pattern is not a regular expression, has no named groups, or the chunk is below 1.

    Example:
        >>> import pathlib, tempfile
        >>> import logly
        >>> path = pathlib.Path(tempfile.mkdtemp(), "app.log")
        >>> _ = path.write_text("INFO took 12 ms, WARNING took 950 ms")
        >>> list(logly.parse(path, r"(?P<level>[A-Z]+) took (?P<ms>[0-9]+)", cast={"ms": int}))
        [{'level': 'INFO', 'ms': 12}, {'level': 'WARNING', 'ms': 950}]
    """
    compiled = _compiled(pattern)
    convert = _converter(cast)
    if not isinstance(chunk, int) or isinstance(chunk, bool):
        message = f"chunk: expected an int (characters), got {shown(chunk)}"
        raise TypeError(message)
    if chunk < 1:
        message = f"chunk: expected 1 or more characters, got {chunk}"
        raise ValueError(message)
    return _records(_opened(file), compiled, convert, chunk)


def _compiled(pattern: Any) -> re.Pattern[Any]:
    if isinstance(pattern, (str, bytes)):
        try:
            pattern = re.compile(pattern)
        except re.error as error:
            message = f"pattern: expected a regular expression, got {pattern!r}: {error}"
            raise ValueError(message) from None
    elif not isinstance(pattern, re.Pattern):
        message = f"pattern: expected a regular expression (str, bytes or re.Pattern), got {shown(pattern)}"
        raise TypeError(message)
    if not pattern.groupindex:
        message = f"pattern: expected named groups such as (?P<level>[A-Z]+), got {pattern.pattern!r}"
        raise ValueError(message)
    compiled: re.Pattern[Any] = pattern
    return compiled


def _converter(cast: Any) -> Callable[[dict[str, Any]], object]:
    if cast is None:
        return lambda _: None
    if isinstance(cast, Mapping):
        bad = next((name for name, function in cast.items() if not callable(function)), None)
        if bad is None:
            return lambda groups: _cast_each(groups, cast)
        message = f"cast: expected functions, got {cast[bad]!r} for {bad!r}"
        raise TypeError(message)
    if callable(cast):
        function: Callable[[dict[str, Any]], object] = cast
        return function
    message = f"cast: expected a dict of group to function, or a function, got {shown(cast)}"
    raise TypeError(message)


def _cast_each(groups: dict[str, Any], cast: Mapping[str, Callable[[Any], object]]) -> None:
    for name, function in cast.items():
        if groups.get(name) is not None:
            groups[name] = function(groups[name])


def _opened(file: Any) -> tuple[Any, bool]:
    """Return the file and whether this module must close it."""
    if isinstance(file, (str, os.PathLike)):
        # Line breaks stay as they are: a pattern may contain them.
        content = open_unpacked(os.fspath(file))
        return io.TextIOWrapper(content, encoding=_UTF_8, errors="replace", newline=""), True
    if callable(getattr(file, "read", None)):
        return file, False
    message = f"file: expected a path or an object with read(), got {shown(file)}"
    raise TypeError(message)


def _records(
    opened: tuple[Any, bool], pattern: re.Pattern[Any], convert: Callable[[dict[str, Any]], object], chunk: int
) -> Generator[dict[str, Any], None, None]:
    file, is_ours = opened
    try:
        for match in _matches(file, pattern, chunk):
            if match.end() == match.start():
                continue
            groups = match.groupdict()
            convert(groups)
            yield groups
    finally:
        if is_ours:
            file.close()


def _matches(file: Any, pattern: re.Pattern[Any], chunk: int) -> Iterator[re.Match[Any]]:
    """Yield each match as soon as no later text can change it, or the file has ended."""
    text = file.read(chunk)
    is_bytes = isinstance(pattern.pattern, bytes)
    if isinstance(text, bytes) != is_bytes:
        message = (
            f"pattern: expected {'bytes' if not is_bytes else 'a str'}, as the file reads, got {pattern.pattern!r}"
        )
        raise TypeError(message)
    size = chunk
    start = 0
    while True:
        done = start
        for match in pattern.finditer(text, start):
            # More text may extend a match in the last piece.
            if len(text) - match.end() < chunk:
                break
            yield match
            done = match.end()
        # Without a match, more and more is read at once: otherwise each piece would search the same text again.
        size = chunk if done > start else size * 2
        most = max(_MOST_KEPT, 4 * chunk)
        if len(text) - done > most:
            # Half of it stays, so that no text is searched more than twice.
            done = len(text) - most // 2
        size = min(size, most // 2)
        # The text before the next match may matter to it, such as a line break.
        kept = max(done - chunk, 0)
        text, start = text[kept:], done - kept
        more = file.read(size)
        if not more:
            yield from pattern.finditer(text, start)
            return
        text += more

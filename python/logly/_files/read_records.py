"""`logly.read_records`: the records of logs of any program, as dicts."""

from __future__ import annotations

import json
import os
import time

from logly import _logly
from logly._naming import guided, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from typing import Any

_PAUSE = 0.1
"""Seconds between two looks at files that are followed."""


@guided
def read_records(  # noqa: PLR0913 - each chooses records
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    level: str | int | None = None,
    where: str | None = None,
    since: str | None = None,
    until: str | None = None,
    archives: bool = True,
    follow: bool = False,
) -> Generator[dict[str, Any], None, None]:
    r"""Yield the records of one or several logs, merged by time, in bounded memory.

    The logs may be text, JSON lines or logfmt of any program, compressed or not, as for `logly view`.

    Args:
        paths: One path, or several.
        level: Only records of this level or above: a name or a number.
        where: Only records for which this expression is true, such as `"ms > 250 and user == 'ann'"`.
        since: Only records from this time on: a date, a time of today, `"yesterday"`, or a span such as `"2h"`.
        until: Only records before this time.
        archives: Whether to read the archives of rotated files, too.
        follow: Whether to wait for records that are added, and never to end. Without `since` it begins with the last
            ten lines of each file, and it goes on through rotation.

    Returns:
        A generator of dicts with those of these keys that the line has: `timestamp` (ISO 8601 with microseconds, in
        UTC), `level`, `name`, `message`, `function`, `file`, `line`, `process`, `fields` (a dict), and `exception` (a
        text, or a dict in logly's JSON).

    Raises:
        OSError: A file cannot be opened or read. Records read before are yielded first.
        TypeError: An argument is of a wrong type.
        ValueError: A level, an expression or a time is wrong.

    Example:
        >>> import logly
        >>> with open("app.log", "w") as file:
        ...     _ = file.write("2025-01-15 10:30:45Z | ERROR | app.db | no route\n")
        >>> for record in logly.read_records("app.log", level="WARNING"):
        ...     print(record["timestamp"], record["message"])
        2025-01-15T10:30:45.000000+00:00 no route
    """
    _check("level", level, (str, int, type(None)), "the name or the number of a level")
    for name, text in (("where", where), ("since", since), ("until", until)):
        _check(name, text, (str, type(None)), "a str")
    for name, switch in (("archives", archives), ("follow", follow)):
        _check(name, switch, (bool,), "True or False")
    viewer = _logly._Viewer(
        _named(paths),
        {
            "level": None if level is None else str(level),
            "since": since,
            "until": until,
            "where": where,
            "style": "json",
            "is_colored": False,
            "is_terminal": False,
            "is_utc": True,
            "has_archives": archives,
            "follow": follow,
            "fields": None,
            "hide": [],
            "longest": 0,
            "tail": None,
            "context": 0,
        },
    )
    return _records(viewer)


def _check(name: str, value: object, types: tuple[type, ...], expected: str) -> None:
    if not isinstance(value, types):
        message = f"{name}: expected {expected}, got {shown(value)}"
        raise TypeError(message)


def _named(paths: object) -> list[str]:
    """Return one path or several as texts."""
    if isinstance(paths, (str, os.PathLike)):
        return [os.fspath(paths)]
    try:
        return [os.fspath(path) for path in paths]  # type: ignore[attr-defined]
    except TypeError:
        message = f"paths: expected a path or several, got {shown(paths)}"
        raise TypeError(message) from None


def _records(viewer: _logly._Viewer) -> Generator[dict[str, Any], None, None]:
    progress = "more"
    while progress != "done":
        part, progress = viewer.step()
        for line in part.splitlines():
            yield json.loads(line)
        for note in viewer.notes():
            raise OSError(note)
        if progress == "wait":
            time.sleep(_PAUSE)

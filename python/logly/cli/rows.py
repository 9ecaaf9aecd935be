"""Entries as rows of the table `log`, for databases."""

from __future__ import annotations

import sys

from logly import _logly
from logly.cli.check import wrong
from logly.cli.choosing import choices, paths, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

COLUMNS = ["time", "level", "severity", "logger", "site", "message", "exception"]
"""The columns that each table has. `severity` is a number; all others are texts."""


def run(command: str, given: argparse.Namespace, work: Callable[[list[str | None], argparse.Namespace], int]) -> int:
    """Give the files to a command's work, and return its exit code. Trouble is told as a line, with the code 2."""
    files = paths(command, given)
    if files is None:
        return 2
    try:
        return work(files, given)
    except KeyboardInterrupt:
        return 130
    except _failures() as error:
        print(f"logly {command}: {wrong(error)}", file=sys.stderr)
        return 2


def _failures() -> tuple[type[Exception], ...]:
    """Return what is told as a line: trouble with files and options, missing packages, and what the engines raise."""
    engines = [engine for engine in map(sys.modules.get, ("sqlite3", "duckdb")) if engine is not None]
    # Until Python 3.11 a second statement is a warning, which is no error of sqlite3's.
    own = [getattr(engine, name) for engine in engines for name in ("Error", "Warning")]
    return (OSError, ValueError, ImportError, *own)


class Rows:
    """The entries that options choose, as JSON objects that have all columns."""

    def __init__(
        self, command: str, files: list[str | None], given: argparse.Namespace, fields: list[str] | None
    ) -> None:
        """Open the files. `fields` become columns; without them, all are in the column `fields`."""
        self.is_whole: bool = fields is None
        self.own: list[str] = ["fields"] if fields is None else fields
        self._command = command
        options = {"style": "rows", "is_colored": False, "is_terminal": False, "is_utc": True, "hide": [], "longest": 0}
        self._viewer = _logly._Viewer(files, {**choices(given), **options, "fields": fields})

    @property
    def columns(self) -> list[str]:
        """The names of all columns."""
        return [*COLUMNS, *self.own]

    def parts(self) -> Iterator[bytes]:
        """Yield the rows, a line each, many at a time."""
        progress = "more"
        while progress != "done":
            part, progress = self._viewer.step()
            tell(self._command, self._viewer.notes())
            if part:
                yield part

    def counts(self) -> dict[str, int]:
        """Return what was read."""
        return self._viewer.counts()


def check_columns(fields: list[str] | None) -> None:
    """Refuse names that a table cannot have besides its own."""
    seen = {name.lower() for name in COLUMNS}
    for name in fields or []:
        if name.lower() in seen:
            message = f"--fields: {name} is a column already"
            raise ValueError(message)
        seen.add(name.lower())

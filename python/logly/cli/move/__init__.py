"""The command `python -m logly move loguru PATH...`, which has programs import `logly.loguru` instead of Loguru.

Standard output has the changed files, or the diff. Standard error has the places that the command could not decide.
"""

from __future__ import annotations

import sys

from logly._config.printable import printable
from logly.cli.move.differences import unified
from logly.cli.move.files import MENTIONS, PYTHON, found
from logly.cli.move.imports import edits
from logly.cli.move.mentions import mentions
from logly.cli.move.remarks import remarks
from logly.cli.move.replacing import replace
from logly.cli.move.source import Source, Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from logly.cli.move.files import File
    from logly.cli.move.source import Remark


def move(paths: Iterable[str], *, is_diff: bool) -> int:
    """Move the programs in *paths*. Return 1 if anything is left to look at or could not be done, else 0."""
    moving = _Moving(is_diff=is_diff)
    for file in found(paths, moving.tell):
        moving.move(file)
    moving.sum_up()
    return 1 if moving.told else 0


class _Moving:
    """One run of the command, with its counts."""

    def __init__(self, *, is_diff: bool) -> None:
        self.is_diff = is_diff
        self.told = 0
        self.changed = 0
        self.imports = 0

    def tell(self, text: str) -> None:
        """Report a place that the program's author has to look at."""
        self.told += 1
        print(printable(text), file=sys.stderr)

    def move(self, file: File) -> None:
        """Move a file, or report why it stays as it is."""
        try:
            self._look_at(file)
        except Unreadable as error:
            self.tell(f"{file.path}: {error}; left as it is")
        except OSError as error:
            self.tell(f"{file.path}: {error.strerror or error}")

    def _look_at(self, file: File) -> None:
        data = _read(file.path)
        if b"loguru" not in data.lower():
            return
        if file.kind == MENTIONS:
            self._tell_all(file.path, mentions(file.path, data))
        elif file.kind == PYTHON:
            source = Source(data)
            changes, undecided = edits(source)
            self._change(file.path, data, source.edited(changes), len(changes))
            self._tell_all(file.path, [*undecided, *remarks(source)])
        else:
            self.tell(f"{file.path}: {file.kind}; left as it is")

    def _tell_all(self, path: str, found: Iterable[Remark]) -> None:
        for line, text in sorted(set(found)):
            self.tell(f"{path}:{line}: {text}")

    def _change(self, path: str, before: bytes, after: bytes, imports: int) -> None:
        if not imports:
            return
        if self.is_diff:
            sys.stdout.flush()
            sys.stdout.buffer.write(unified(path, before, after))
        else:
            replace(path, before, after)
            print(printable(f"{path}: {_counted(imports, 'import')} moved"))
        self.changed += 1
        self.imports += imports

    def sum_up(self) -> None:
        """Print the counts; they are no part of a diff."""
        verb = "to move" if self.is_diff else "moved"
        done = f"{_counted(self.imports, 'import')} {verb} in {_counted(self.changed, 'file')}"
        left = f", {_counted(self.told, 'place')} to look at" if self.told else ""
        print(done + left, file=sys.stderr if self.is_diff else sys.stdout)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

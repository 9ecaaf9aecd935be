"""Rotation functions in Loguru's form, which decide by the line and the file whether to rotate.

logly's own form takes the record, the path and the size of the file. Functions must not touch the file that is being
written, so they get a stand-in that only tells its path and size.
"""

from __future__ import annotations

import inspect
import os

from logly._records.records import Message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from logly.typing import Record


class WrittenFile:
    """The stand-in for the active file that a rotation function gets."""

    __slots__ = ("_position", "_size", "name")

    name: str
    _position: int
    _size: int

    def __init__(self, path: str, size: int) -> None:
        self.name = path
        self._size = size
        self._position = size

    def tell(self) -> int:
        """Return the size of the file after all earlier lines are written, unless `seek` changed it."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Change the result of `tell`, and nothing else."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = max(start + offset, 0)
        return self._position


def of_message(
    function: Callable[[Message, WrittenFile], object],
) -> Callable[[str, Record, str, int], object] | None:
    """Return a function that calls one with two arguments; None for a function with three."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    if _takes(signature, 3) or not _takes(signature, 2):
        return None

    def decide(line: str, record: Record, path: str, size: int) -> object:
        message = Message(line)
        message.record = record
        return function(message, WrittenFile(path, size))

    return decide


def _takes(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True

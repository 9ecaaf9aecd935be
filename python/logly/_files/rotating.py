"""Functions that say whether a file is to be rotated, as Loguru has them: of the line and of the file.

logly's own take the record, the path and the bytes of the file. The file that is written is nobody's to touch, so what
stands here in its place only says where and how large it is.
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
    """The file that is written, as far as a function that decides about its rotation may see it."""

    __slots__ = ("_position", "_size", "name")

    name: str
    _position: int
    _size: int

    def __init__(self, path: str, size: int) -> None:
        self.name = path
        self._size = size
        self._position = size

    def tell(self) -> int:
        """Return the bytes it has once all lines before are written, unless `seek` said otherwise."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move what `tell` returns, and nothing else."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = max(start + offset, 0)
        return self._position


def of_message(
    function: Callable[[Message, WrittenFile], object],
) -> Callable[[str, Record, str, int], object] | None:
    """Return how to call a function that takes two arguments; None for one that takes three."""
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

"""Lines on standard error that several processes have to tell, and of which one does.

The first process keeps a page of memory with a flag for each line. Others find it through `/proc`. A process that does
not find it tells the line itself, as on systems without such files.
"""

from __future__ import annotations

import os
import zlib

from logly import _logly

TYPE_CHECKING = False
if TYPE_CHECKING:
    _Board = tuple[int, int, bytes]
    """The process that keeps the flags, its descriptor of them, and the bytes before the flags."""

_TOKEN = 16
"""The number of random bytes by which the memory is recognized: numbers of processes and descriptors come back."""

_FLAGS = 4096

_boards: list[_Board] = []
"""The flags that this process uses; empty until it needs some."""


def board() -> _Board | None:
    """Return the flags of this process and its children; None if the system has no such memory."""
    if not _boards and hasattr(os, "memfd_create"):
        try:
            token = os.urandom(_TOKEN)
            descriptor = os.memfd_create("logly-telling")
            os.write(descriptor, token + bytes(_FLAGS))
        except OSError:
            return None
        made = (os.getpid(), descriptor, token)
        _boards.append(made)
        if _boards[0] is not made:
            # Another thread was first.
            _boards.remove(made)
            os.close(descriptor)
    return _boards[0] if _boards else None


def join(given: _Board | None) -> None:
    """Use the flags of the parent process, for the children of this process too."""
    _boards[:] = [] if given is None else [given]


def tell(line: str) -> None:
    """Tell a line, unless another process with the same flags has told it."""
    if _is_first(line):
        _logly._tell_once(line)


def _is_first(line: str) -> bool:
    if not _boards:
        return True
    process, number, token = _boards[0]
    position = _TOKEN + zlib.crc32(line.encode("utf-8", "surrogatepass")) % _FLAGS
    try:
        descriptor = os.open(f"/proc/{process}/fd/{number}", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return True
    try:
        if os.pread(descriptor, _TOKEN, 0) != token:
            return True
        flag = os.pread(descriptor, 1, position)
        os.pwrite(descriptor, b"\1", position)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return flag == b"\0"

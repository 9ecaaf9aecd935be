"""One connection to the control socket: a request is read, and its answer written, within bounds of size and time."""

from __future__ import annotations

from time import monotonic

from logly._process.wire import no_signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MOST_BYTES = 1 << 16
"""The length of a request."""

LONGEST = 5.0
"""Seconds after which a connection is closed, whatever it has sent or read."""

READ, WRITE = 0x001, 0x004
"""POLLIN and POLLOUT, the same on all systems that have `poll`."""

_ONE_READ = 1 << 14


class Visitor:
    """A connection, whose calls do not wait."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.until = monotonic() + LONGEST
        self.is_over = False
        self._request = bytearray()
        self._answer = memoryview(b"")

    @property
    def awaits(self) -> int:
        """What it waits for: to be read, or to be written."""
        return WRITE if self._answer else READ

    def read(self) -> bytes | None:
        """Read what has come; return the request once it is whole. Too long a request ends the connection."""
        try:
            part = self.socket.recv(_ONE_READ)
        except BlockingIOError:
            return None
        except OSError:
            part = b""
        self._request += part
        line, end, _ = self._request.partition(b"\n")
        if end:
            return bytes(line)
        self.is_over = not part or len(self._request) > MOST_BYTES
        return None

    def answer(self, line: bytes) -> None:
        """Begin to write the answer; nothing more is read."""
        self._answer = memoryview(line)
        self.write()

    def write(self) -> None:
        """Write as much as fits. The end of the answer ends the connection."""
        try:
            self._answer = self._answer[self.socket.send(self._answer, no_signal()) :]
        except BlockingIOError:
            return
        except OSError:
            self._answer = memoryview(b"")
        self.is_over = not self._answer

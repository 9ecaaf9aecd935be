"""One process that has connected to the intake, a worker once it has shown the token."""

from __future__ import annotations

import sys
from _operator import _compare_digest as is_same
from contextlib import suppress
from time import monotonic

from logly._process.wire import ID, LENGTH, OWNER, TOKEN, WELCOME, no_signal, peer_of, quiet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

ONE_READ = 1 << 16
_MOST_BYTES = 1 << 30


class Connection:
    """A connection, and the bytes read from it that make no whole frame yet.

    Args:
        user: The user of this process.
    """

    def __init__(self, socket: Any, user: int) -> None:
        self.socket = socket
        self.is_known = False
        """Whether it has shown the token."""
        self.owner = b""
        """The random bytes of the worker."""
        self.is_own = _user_of(socket) in {None, user}
        """Whether it is by the same user, as far as the system tells."""
        self.since = monotonic()
        self.is_open = True
        self._bytes = bytearray()

    def greet(self, token: bytes) -> None:
        """Read as much of the token as has come, and answer it."""
        self._bytes += self._read(TOKEN + OWNER - len(self._bytes))
        if len(self._bytes) >= TOKEN and not is_same(bytes(self._bytes[:TOKEN]), token):
            self.is_open = False
        elif len(self._bytes) == TOKEN + OWNER:
            self.is_known = True
            self.owner = bytes(self._bytes[TOKEN:])
            self._bytes.clear()
            self.answer(WELCOME)

    def read(self) -> int:
        """Read once; return the number of bytes."""
        read = self._read(ONE_READ)
        self._bytes += read
        return len(read)

    def frames(self) -> Iterator[bytes]:
        """Yield the whole frames, without their lengths. It is closed if they are not those of a worker."""
        found, at = self._bytes, 0
        try:
            while len(found) - at >= LENGTH:
                length = int.from_bytes(found[at : at + LENGTH], sys.byteorder)
                if not ID <= length <= _MOST_BYTES:
                    self.is_open = False
                    return
                begin, at_next = at + LENGTH, at + LENGTH + length
                if len(found) < at_next:
                    return
                at = at_next
                yield bytes(found[begin:at])
        finally:
            del found[:at]

    def answer(self, content: bytes) -> None:
        """Send an answer. A worker that has gone needs none."""
        with suppress(OSError):
            self.socket.send(content, no_signal())

    def waiting(self) -> int:
        """Return how many bytes can be read at once."""
        import fcntl
        import termios

        try:
            return int.from_bytes(fcntl.ioctl(self.socket.fileno(), termios.FIONREAD, bytes(4)), sys.byteorder)
        except OSError:
            return 0

    def _read(self, most: int) -> bytes:
        try:
            read: bytes = self.socket.recv(most)
        except BlockingIOError:
            return b""
        except OSError:
            read = b""
        self.is_open &= bool(read)
        return read


def accepted(listener: Any) -> Any:
    """Accept a connection, whose calls do not wait.

    Raises:
        BlockingIOError: None waits.
        OSError: There may be no descriptor left.
    """
    import _socket  # not there on all systems

    descriptor, _ = listener._accept()
    socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, descriptor)
    socket.settimeout(0)
    quiet(socket)
    return socket


def _user_of(socket: Any) -> int | None:
    try:
        peer = peer_of(socket)
    except OSError:
        return None
    return None if peer is None else peer[1]

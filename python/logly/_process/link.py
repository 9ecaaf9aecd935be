"""The connections of a worker to the process that has its sinks: one for frames, and one for each open question."""

from __future__ import annotations

import os
import sys
from time import monotonic, sleep

from logly._process.wire import HANDLED, ID, LENGTH, SETTLE, WELCOME, no_signal, peer_of, quiet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Address = tuple[int, int, bytes, bytes]
"""The process that has the sinks, its user, the name of the socket, and the token."""

_PAUSE = 0.01
"""Seconds before the next try if too many processes are about to connect."""


class GoneError(ConnectionError):
    """The other process has ended, or takes in nothing more."""


class Link:
    """A connection for frames, which the other process has let in once `send` has returned. It has one user at a time.

    Raises:
        GoneError: The process is not there.
        OSError: There is no connection now.
    """

    def __init__(self, address: Address, owner: bytes, until: float | None) -> None:
        self._socket = _connected(address, owner, until)
        self._is_welcome = False

    def send(self, frame: bytes, until: float | None) -> None:
        """Send a whole frame. The first one is sent when the other process has answered the token."""
        self._socket.settimeout(left(until))
        self._socket.sendall(frame, no_signal())
        if not self._is_welcome:
            self._socket.settimeout(left(until))
            if not self._socket.recv(len(WELCOME)):
                raise ConnectionResetError
            self._is_welcome = True

    def close(self) -> None:
        """Close it. The other process drops the part of a frame that it has."""
        self._socket.close()


class Question:
    """A question whether frames are handled. Each has its own connection, so threads do not wait for each other.

    Args:
        covered: The number of frames that it is about.

    Raises:
        GoneError: The process is not there.
        OSError: There is no connection now.
    """

    def __init__(self, address: Address, owner: bytes, covered: int, until: float | None) -> None:
        self.covered = covered
        asks = ID.to_bytes(LENGTH, sys.byteorder) + SETTLE.to_bytes(ID, sys.byteorder)
        self._socket = _connected(address, owner + asks, until)

    def is_answered(self, until: float | None) -> bool:
        """Wait for the answer; tell whether it came. The connection is closed if it did, or if it was lost."""
        import _socket

        read = WELCOME
        try:
            while read and HANDLED not in read:
                self._socket.settimeout(0 if until is not None and monotonic() >= until else left(until))
                read = self._socket.recv(len(WELCOME + HANDLED))
        except (BlockingIOError, _socket.timeout):
            return False
        except BaseException:
            self.close()
            raise
        self.close()
        if not read:
            raise ConnectionResetError
        return True

    def close(self) -> None:
        """Close it. No answer is needed any more."""
        self._socket.close()


def left(until: float | None) -> float | None:
    """Return the seconds that are left; there is always time for one try."""
    return None if until is None else max(0.001, until - monotonic())


def _connected(address: Address, content: bytes, until: float | None) -> Any:
    import _socket

    process, user, name, token = address
    socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        quiet(socket)
        _connect(socket, name, process, until)
        _check(socket, process, user)
        socket.sendall(token + content, no_signal())
    except BaseException:
        socket.close()
        raise
    return socket


def _connect(socket: Any, name: bytes, process: int, until: float | None) -> None:
    while True:
        socket.settimeout(left(until))
        try:
            return socket.connect(name)  # type: ignore[no-any-return]
        except BlockingIOError:
            # With a time limit the system does not wait for other processes that are about to connect.
            if until is None or monotonic() >= until:
                raise
            sleep(_PAUSE)
        except (ConnectionRefusedError, FileNotFoundError) as error:
            # Elsewhere a busy process refuses as well.
            if sys.platform == "linux" or not _is_there(process):
                raise GoneError from error
            raise


def _check(socket: Any, process: int, user: int) -> None:
    """Check the other end, as far as the system tells. The name may be another program's by now."""
    if peer_of(socket) not in {None, (process, user)}:
        raise GoneError


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True

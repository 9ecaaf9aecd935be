"""A worker's connection to the process that has its sinks.

Frames have one sender at a time. Answers may be awaited by several threads, and by a signal handler that interrupts one
of them, so each wait is a series of short ones.
"""

from __future__ import annotations

import os
import struct
import sys
from _thread import RLock
from time import monotonic, sleep

from logly import _logly
from logly._process.wire import LENGTH, SETTLE, SETTLE_ALL, WELCOME, no_signal, quiet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Address = tuple[int, int, bytes, bytes]
"""The process that has the sinks, its user, the name of the socket, and the token."""

Question = tuple[int, int]
"""The number of a question, and how many frames had been sent before it."""

STEP = 0.05
"""The longest wait before another look, since other threads read answers as well."""

_LONGEST_STEP = 10.0
"""The longest wait for the answer to the token, which no other thread reads."""

_PAUSE = 0.01
"""Seconds before the next try if too many processes are about to connect."""

_CREDENTIALS = struct.Struct("iII")
"""The number of the process at the other end, its user and its group, as Linux gives them."""

_READABLE = 0x001
_WRITABLE = 0x004
"""POLLIN and POLLOUT, the same on all systems that have `poll`."""


class GoneError(ConnectionError):
    """The other process has ended, or takes in nothing more."""


class Link:
    """A connection, which the other process has let in once `send` has returned.

    Answers are numbers that grow. The first one is to the token, and at most one question is open at a time.

    Args:
        follows: Whether frames of an earlier connection may not be handled yet.

    Raises:
        GoneError: The process is not there.
        OSError: There is no connection now.
    """

    def __init__(self, address: Address, until: float | None, *, follows: bool) -> None:
        self._socket = _connected(address, until)
        self._settle = SETTLE_ALL if follows else SETTLE
        self.is_lost = False
        """Whether the other process has closed it."""
        self._question: Question = (WELCOME, -1)
        # A signal handler that comes after a call for reading finds the answer here.
        self._last_answer = bytearray(LENGTH)
        self._reading = RLock()

    def send(self, frame: bytes, until: float | None) -> None:
        """Send a whole frame. The first one is sent when the other process has answered the token."""
        self._socket.settimeout(left(until))
        self._socket.sendall(frame, no_signal())
        while not self.is_answered(WELCOME, left(until) or _LONGEST_STEP):
            if until is not None and monotonic() >= until:
                raise TimeoutError

    def ask(self, sent: int) -> Question | None:
        """Ask whether the frames are handled, unless another question is open; None if there is no room for it."""
        number, covered = self._question
        if covered >= sent or (covered >= 0 and not self.is_answered(number, 0)):
            return self._question
        number += 1
        content = self._settle.to_bytes(LENGTH, sys.byteorder) + number.to_bytes(LENGTH, sys.byteorder)
        frame = len(content).to_bytes(LENGTH, sys.byteorder) + content
        try:
            count = self._socket.send(frame, _dont_wait() | no_signal())
        except BlockingIOError:
            return None
        if count < len(frame):
            raise ConnectionResetError
        self._question = (number, sent)
        return self._question

    def wait_for_room(self, timeout: float) -> None:
        """Wait until something can be sent, for at most *timeout* seconds."""
        self._wait(_WRITABLE, timeout)

    def is_answered(self, number: int, timeout: float) -> bool:
        """Tell whether a question is answered, after at most *timeout* seconds."""
        if self._answered() < number and self._reading.acquire(timeout=timeout):
            try:
                # Another thread may have read the answer in the meantime.
                if self._answered() < number and self._wait(_READABLE, timeout):
                    self._read()
            finally:
                self._reading.release()
        return self._answered() >= number

    def close(self) -> None:
        """Close it. The other process drops the part of a frame that it has."""
        self._socket.close()

    def _answered(self) -> int:
        return int.from_bytes(self._last_answer, sys.byteorder)

    def _read(self) -> None:
        try:
            self.is_lost = self._socket.recv_into(self._last_answer, LENGTH, _dont_wait()) < LENGTH
        except BlockingIOError:
            return  # a signal handler has read the answer in the meantime
        except OSError:
            self.is_lost = True
        if self.is_lost:
            raise ConnectionResetError

    def _wait(self, event: int, timeout: float) -> bool:
        descriptor = self._socket.fileno()
        if descriptor < 0:
            raise ConnectionResetError
        poll = _logly._original("select", "poll")()
        poll.register(descriptor, event)
        return bool(poll.poll(timeout * 1000))


def left(until: float | None) -> float | None:
    """Return the seconds that are left; there is always time for one try."""
    return None if until is None else max(0.001, until - monotonic())


def _connected(address: Address, until: float | None) -> Any:
    import _socket

    process, user, name, token = address
    socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        quiet(socket)
        _connect(socket, name, process, until)
        _check(socket, process, user)
        socket.sendall(token, no_signal())
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
    if sys.platform == "linux":
        import _socket

        found = socket.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, _CREDENTIALS.size)
        if _CREDENTIALS.unpack(found)[:2] != (process, user):
            raise GoneError


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _dont_wait() -> int:
    import _socket

    return _socket.MSG_DONTWAIT

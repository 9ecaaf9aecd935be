"""Sends records to the process that has the sinks and callbacks of this one.

Each sink has a lane here, whose thread sends. So callers wait only if the lane is full, as its `overflow` says. If the
other process has ended, that is told once, and the records are counted as dropped.
"""

from __future__ import annotations

import os
import struct
import sys
from time import monotonic

from logly import _logly
from logly._lanes.threads import new_lock
from logly._process.intake import LENGTH, SETTLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from logly._logly import _Lane

    _Address = tuple[int, int, bytes, bytes]
    """As in `intake`."""

_LATE_TIMEOUT = 2.0
"""Seconds for a record after the end of the process has begun."""

_CREDENTIALS = struct.Struct("iII")
"""The number of the process at the other end, its user and its group, as Linux gives them."""


class Feed:
    """The connection to one process."""

    def __init__(self, address: _Address) -> None:
        self.address = address
        self._socket: Any = None
        self._sending = new_lock()
        self._asked = 0
        self._process = os.getpid()

    def run(self, lane: _Lane) -> None:
        """Send the records of a lane, on its thread."""
        self._run(lane, None)

    def run_here(self, lane: _Lane) -> None:
        """Send the records of a lane on this thread, because no other thread can."""
        self._run(lane, _LATE_TIMEOUT)

    def settle(self, timeout: float | None) -> bool:
        """Wait until the other process has handled the records sent before; tell whether it has."""
        if self._socket is None:
            return True
        self._own()
        until = None if timeout is None else monotonic() + timeout
        if not self._sending.acquire(timeout=-1 if timeout is None else timeout):
            return False
        try:
            return self._ask(until)
        except OSError:
            self._disconnect()
            return False
        finally:
            self._sending.release()

    def forget_parent(self) -> None:
        """Leave the connection to the parent, in a forked child."""
        self._disconnect()
        self._sending = new_lock()
        self._process = os.getpid()

    def _run(self, lane: _Lane, timeout: float | None) -> None:
        while (frame := lane.take()) is not None:
            try:
                self._send(frame, timeout)
            except OSError:  # noqa: PERF203 - each frame may be lost alone
                _logly._tell_once(
                    f"process {self.address[0]}, which has sinks of this process, has ended or does not answer; "
                    "records for these sinks are dropped"
                )
                lane.lose(None)
                return
            except BaseException as error:  # a signal handler may raise anything
                lane.failed(error)

    def _own(self) -> None:
        # C code may have forked this process.
        if self._process != os.getpid():
            self.forget_parent()

    def _send(self, frame: bytes, timeout: float | None) -> None:
        self._own()
        if not self._sending.acquire(timeout=-1 if timeout is None else timeout):
            raise TimeoutError
        try:
            if self._socket is not None:
                try:
                    return self._send_now(frame, timeout)
                except (BrokenPipeError, ConnectionError):
                    # The connection may be one that was given up in the middle of a frame.
                    self._disconnect()
            self._connect(timeout)
            return self._send_now(frame, timeout)
        except BaseException:
            # The other process drops the part of a frame that it has.
            self._disconnect()
            raise
        finally:
            self._sending.release()

    def _send_now(self, frame: bytes, timeout: float | None) -> None:
        self._socket.settimeout(timeout)
        self._socket.sendall(frame, _no_signal())

    def _connect(self, timeout: float | None) -> None:
        import _socket

        process, user, name, token = self.address
        self._socket = socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        socket.settimeout(timeout)
        socket.connect(name)
        if sys.platform == "linux":
            found = _CREDENTIALS.unpack(socket.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, _CREDENTIALS.size))
            if found[:2] != (process, user):
                # The name may be another program's by now.
                raise ConnectionRefusedError
        socket.sendall(token, _no_signal())

    def _ask(self, until: float | None) -> bool:
        self._asked += 1
        number = self._asked.to_bytes(LENGTH, sys.byteorder)
        content = SETTLE.to_bytes(LENGTH, sys.byteorder) + number
        self._send_now(len(content).to_bytes(LENGTH, sys.byteorder) + content, _left(until))
        answer = b""
        # There may be answers that were not waited for.
        while answer[-LENGTH:] != number:
            self._socket.settimeout(_left(until))
            read = self._socket.recv(LENGTH - len(answer) % LENGTH)
            if not read:
                raise ConnectionResetError
            answer += read
        return True

    def _disconnect(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            socket.close()


def _left(until: float | None) -> float | None:
    return None if until is None else max(0.001, until - monotonic())


def _no_signal() -> int:
    """Return the flag by which a closed connection raises no signal, which the program may not ignore."""
    import _socket

    return getattr(_socket, "MSG_NOSIGNAL", 0)


_feeds: dict[_Address, Feed] = {}


def feed_of(address: _Address) -> Feed:
    """Return the connection to a process."""
    return _feeds.setdefault(address, Feed(address))


def settle(timeout: float | None) -> bool:
    """Wait until the other processes have handled the records sent before; tell whether they have."""
    settled = [feed.settle(timeout) for feed in list(_feeds.values())]
    return all(settled)


def _leave_to_parent() -> None:
    for feed in _feeds.values():
        feed.forget_parent()


os.register_at_fork(after_in_child=_leave_to_parent)

"""Takes in records that other processes logged for sinks and callbacks that exist only in this one.

A worker connects to a Unix socket and shows a token. It got both with the state of the logger. It sends frames, which a
thread here hands to their sinks. The thread and the socket are made when the first process is started that
needs them. A frame that a worker could not finish is dropped with its connection.
"""

from __future__ import annotations

import os
import sys
from _operator import _compare_digest as is_same
from contextlib import suppress
from time import monotonic, sleep

from logly import _logly
from logly._lanes.threads import Event, Thread, new_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    _Address = tuple[int, int, bytes, bytes]
    """The process that has the sinks, its user, the name of the socket, and the token."""

TOKEN = 16
"""The number of random bytes that a worker shows."""

LENGTH = 4
"""The bytes before a frame, which give its length in the byte order of the machine."""

SETTLE = 0xFFFFFFFF
"""Takes the place of a sink's id in a frame that asks for an answer once the frames before it are handled."""

_ID = 4
_ONE_READ = 1 << 16
_MOST_BYTES = 1 << 30
_MOST_STRANGERS = 64
"""Connections that have not shown the token. Beyond this many, the oldest is closed."""

_PAUSE = 0.05
"""Seconds before the next try if no descriptor is left for a connection."""

_LISTENING = 128
_READABLE = 0x001
"""POLLIN, the same on all systems that have `poll`."""


class _Connection:
    """One worker."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.bytes = bytearray()
        self.is_known = False


class Intake:
    """The socket of this process, and the thread that reads from it.

    Raises:
        OSError: The system makes no such socket.
        RuntimeError: No thread can be started.
    """

    def __init__(self) -> None:
        import _socket  # not there on all systems

        self._folder: str | None = None
        self._listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        token = os.urandom(TOKEN)
        self.address: _Address = (os.getpid(), os.geteuid(), self._bind(), token)
        self._listener.listen(_LISTENING)
        self._woken, self._waking = _socket.socketpair()
        for socket in (self._listener, self._woken, self._waking):
            socket.settimeout(0)
        self._poll = _logly._original("select", "poll")()
        self._poll.register(self._listener.fileno(), _READABLE)
        self._poll.register(self._woken.fileno(), _READABLE)
        self._connections: dict[int, _Connection] = {}
        self._asking = new_lock()
        self._asked: list[Event] = []
        self._is_over = False
        self._thread = Thread(self._serve, "logly-intake")
        self._thread.start()

    def _bind(self) -> bytes:
        if sys.platform == "linux":
            # No file has to be removed, whatever ends the process. Workers check the number of the listening process.
            name = b"\0logly-%d-%s" % (os.getpid(), os.urandom(8).hex().encode())
            self._listener.bind(name)
            return name
        import tempfile

        self._folder = tempfile.mkdtemp(prefix="logly-")  # for its owner alone
        path = os.path.join(self._folder, "intake")
        self._listener.bind(path)
        return os.fsencode(path)

    def settle(self, timeout: float | None) -> bool:
        """Wait until the records are handled that workers have sent; tell whether they are."""
        if self._thread.is_current():
            return False
        event = Event()
        with self._asking:
            self._asked.append(event)
        self._wake()
        until = None if timeout is None else monotonic() + timeout
        while not event.wait(_PAUSE if until is None else max(0.0, min(_PAUSE, until - monotonic()))):
            if self._thread.join(0) or (until is not None and monotonic() >= until):
                return False
        return True

    def end(self, timeout: float) -> None:
        """Handle the records that workers have sent, and take in no more."""
        until = monotonic() + timeout
        self.settle(timeout)
        self._is_over = True
        self._wake()
        if self._thread.join(max(0.0, until - monotonic())):
            self.close()

    def close(self) -> None:
        """Close the sockets. A forked child closes its copies, and the folder stays its parent's."""
        for socket in (self._listener, self._woken, self._waking, *(one.socket for one in self._connections.values())):
            socket.close()
        self._connections.clear()
        if self._folder is not None and self.address[0] == os.getpid():
            with suppress(OSError):
                os.unlink(self.address[2])
                os.rmdir(self._folder)

    def _wake(self) -> None:
        # If there is no room, the thread has enough to wake up for.
        with suppress(OSError):
            self._waking.send(b"\0")

    def _serve(self) -> None:
        while not self._is_over:
            ready = [descriptor for descriptor, _ in self._poll.poll()]
            asked: list[Event] = []
            if self._woken.fileno() in ready:
                with suppress(OSError):
                    self._woken.recv(_ONE_READ)
                with self._asking:
                    asked, self._asked = self._asked, asked
            if self._listener.fileno() in ready or asked:
                self._accept()
            for connection in [self._connections[known] for known in ready if known in self._connections]:
                self._read(connection)
            if asked:
                self._read_all()
            for event in asked:
                event.set()

    def _accept(self) -> None:
        while True:
            try:
                socket = _accepted(self._listener)
            except BlockingIOError:
                return
            except OSError:
                # There may be no descriptor left.
                sleep(_PAUSE)
                return
            self._connections[socket.fileno()] = _Connection(socket)
            self._poll.register(socket.fileno(), _READABLE)
            strangers = [one for one in self._connections.values() if not one.is_known]
            if len(strangers) > _MOST_STRANGERS:
                self._drop(strangers[0])

    def _read_all(self) -> None:
        """Read the bytes that have come by now."""
        for connection in list(self._connections.values()):
            left = _waiting(connection.socket)
            while left > 0 and (count := self._read(connection)) > 0:
                left -= count

    def _read(self, connection: _Connection) -> int:
        """Read once, and handle the whole frames; return the number of bytes."""
        try:
            read = connection.socket.recv(_ONE_READ)
        except BlockingIOError:
            return 0
        except OSError:
            read = b""
        connection.bytes += read
        if not read or not self._handle(connection):
            self._drop(connection)
        return len(read)

    def _drop(self, connection: _Connection) -> None:
        descriptor = connection.socket.fileno()
        if self._connections.pop(descriptor, None) is not None:
            self._poll.unregister(descriptor)
            connection.socket.close()

    def _handle(self, connection: _Connection) -> bool:
        """Handle the whole frames; False if they are not those of a worker."""
        found = connection.bytes
        at = 0
        if not connection.is_known:
            if len(found) < TOKEN:
                return True
            connection.is_known = is_same(bytes(found[:TOKEN]), self.address[3])
            at = TOKEN
        while connection.is_known and len(found) - at >= LENGTH:
            length = int.from_bytes(found[at : at + LENGTH], sys.byteorder)
            end = at + LENGTH + length
            if not _ID <= length <= _MOST_BYTES:
                return False
            if len(found) < end:
                break
            _give(connection, bytes(found[at + LENGTH : end]))
            at = end
        del found[:at]
        return connection.is_known


def _accepted(listener: Any) -> Any:
    import _socket

    descriptor, _ = listener._accept()
    socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, descriptor)
    socket.settimeout(0)
    return socket


def _waiting(socket: Any) -> int:
    """Return how many bytes can be read at once."""
    import fcntl
    import termios

    try:
        return int.from_bytes(fcntl.ioctl(socket.fileno(), termios.FIONREAD, bytes(4)), sys.byteorder)
    except OSError:
        return 0


def _give(connection: _Connection, frame: bytes) -> None:
    if int.from_bytes(frame[:_ID], sys.byteorder) == SETTLE:
        # A worker that has gone needs no answer.
        with suppress(OSError):
            connection.socket.send(frame[_ID:])
        return
    try:
        _logly._receive(sys.modules["logly.logger"].logger, frame)
    except BaseException as error:
        _logly._tell_failure(error, "a record of another process", "; the next one is handled")


_intakes: list[Intake] = []


def address() -> _Address:
    """Return the address for workers; this starts the intake.

    Raises:
        OSError: The system makes no such socket.
        RuntimeError: No thread can be started.
    """
    if not is_open():
        _intakes[:] = [Intake()]
    return _intakes[0].address


def settle(timeout: float | None) -> bool:
    """Wait until the records are handled that workers have sent; tell whether they are."""
    return not is_open() or _intakes[0].settle(timeout)


def end(timeout: float) -> None:
    """Handle the records that workers have sent, and take in no more."""
    if is_open():
        _intakes.pop().end(timeout)


def is_open() -> bool:
    """Tell whether workers may send records."""
    # C code may have forked this process.
    return bool(_intakes) and _intakes[0].address[0] == os.getpid()


def _leave_to_parent() -> None:
    while _intakes:
        _intakes.pop().close()


os.register_at_fork(after_in_child=_leave_to_parent)

"""Takes in records that other processes logged for sinks and callbacks that exist only in this one.

A worker connects to a Unix socket, shows a token and awaits an answer. It got both with the state of the logger. It
sends frames, which a thread here hands to their sinks. The thread and the socket are made when the first process is
started that needs them. A frame that a worker could not finish is dropped with its connection.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from contextlib import suppress
from itertools import count
from time import monotonic, sleep

from logly import _logly
from logly._lanes.threads import Event, Thread
from logly._process.connection import ONE_READ, Connection, accepted
from logly._process.wire import HANDLED, ID, SETTLE, TOKEN, no_signal, quiet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logly._logly import PyLogger
    from logly._process.link import Address

_LONGEST_TOKEN = 10.0
"""Seconds after which a connection that has not shown the token is closed."""

_MOST_OTHERS = 64
"""Connections of other users that have not shown the token. Beyond this many, the oldest is closed."""

_PAUSE = 0.05
"""Seconds before the next try if no descriptor is left for a connection."""

_BETWEEN = 0.01
"""Seconds after which new workers are let in between two frames."""

_LISTENING = 128
_READABLE = 0x001
"""POLLIN, the same on all systems that have `poll`."""


class Intake:
    """The socket of this process, and the thread that reads from it.

    Raises:
        OSError: The system makes no such socket.
        RuntimeError: No thread can be started.
    """

    def __init__(self) -> None:
        import _socket  # not there on all systems

        if not hasattr(_socket, "AF_UNIX"):
            message = "this system has no sockets with a path"
            raise OSError(message)
        self._folder: str | None = None
        self._listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        token = os.urandom(TOKEN)
        self.address: Address = (os.getpid(), os.geteuid(), self._bind(), token)
        self._listener.listen(_LISTENING)
        self._woken, self._waking = _socket.socketpair()
        for socket in (self._listener, self._woken, self._waking):
            socket.settimeout(0)
            quiet(socket)
        self._poll = _logly._original("select", "poll")()
        self._poll.register(self._listener.fileno(), _READABLE)
        self._poll.register(self._woken.fileno(), _READABLE)
        self._connections: dict[int, Connection] = {}
        self._accepted = 0.0
        """When connections were accepted last."""
        self._phase = 0
        """Even while the thread waits, and odd while it handles something. It only grows."""
        self._asked: deque[_Asked] = deque()
        self._questions: list[Connection] = []
        """Those by which workers ask whether their frames are handled."""
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
        if self._is_idle():
            return True
        if timeout is not None and timeout <= 0:
            return False
        asked = _Asked()
        self._asked.append(asked)
        self._wake()
        until = None if timeout is None else monotonic() + timeout
        while not asked.event.wait(_PAUSE if until is None else max(0.0, min(_PAUSE, until - monotonic()))):
            if self._thread.join(0) or (until is not None and monotonic() >= until):
                return False
        return asked.is_settled

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
            self._waking.send(b"\0", no_signal())

    def _is_idle(self) -> bool:
        """Tell whether the thread waits and there is nothing to read."""
        phase = self._phase
        known = self._listener.fileno(), *list(self._connections)
        return phase % 2 == 0 and not _is_readable(*known) and phase == self._phase

    def _serve(self) -> None:
        while not self._is_over:
            ready = [descriptor for descriptor, _ in self._poll.poll(0 if self._questions else None)]
            self._phase += 1
            if self._woken.fileno() in ready:
                with suppress(OSError):
                    self._woken.recv(ONE_READ)
            asked = [self._asked.popleft() for _ in range(len(self._asked))]
            has_room = not (self._listener.fileno() in ready or asked) or self._accept()
            for connection in [self._connections[known] for known in ready if known in self._connections]:
                self._read(connection)
            if asked:
                self._read_all()
            self._answer()
            self._phase += 1
            for one in asked:
                one.is_settled = has_room
                one.event.set()
            if not has_room:
                sleep(_PAUSE)

    def _accept(self) -> bool:
        """Accept the connections that wait by now, and read their tokens; False if one waits for a descriptor."""
        has_room = True
        for _ in range(_LISTENING + 1):
            try:
                socket = accepted(self._listener)
            except BlockingIOError:
                break
            except OSError:
                # There may be no descriptor left, whether a connection waits or not.
                has_room = not _is_readable(self._listener.fileno())
                break
            self._connections[socket.fileno()] = Connection(socket, self.address[1])
            self._poll.register(socket.fileno(), _READABLE)
        self._accepted = monotonic()
        for connection in [one for one in self._connections.values() if not one.is_known]:
            self._greet(connection)
        self._drop_strangers()
        return has_room

    def _drop_strangers(self) -> None:
        strangers = [one for one in self._connections.values() if not one.is_known]
        others = [one for one in strangers if not one.is_own]
        for connection in strangers:
            if self._accepted - connection.since > _LONGEST_TOKEN or connection in others[:-_MOST_OTHERS]:
                self._drop(connection)

    def _read_all(self, owners: set[bytes] | None = None) -> None:
        """Read the bytes that have come by now, from all workers or some."""
        for connection in list(self._connections.values()):
            if owners is not None and connection.owner not in owners:
                continue
            self._greet(connection)
            left = connection.waiting() if connection.is_known else 0
            while left > 0 and (count := self._read(connection)) > 0:
                left -= count

    def _greet(self, connection: Connection) -> None:
        if not connection.is_known:
            connection.greet(self.address[3])
            if not connection.is_open:
                self._drop(connection)

    def _read(self, connection: Connection) -> int:
        """Read once, and handle the whole frames; return the number of bytes."""
        self._greet(connection)
        if not connection.is_known:
            return 0
        count = connection.read()
        for frame in connection.frames():
            self._give(connection, frame)
            if monotonic() - self._accepted > _BETWEEN:
                self._accept()
        if not connection.is_open:
            self._drop(connection)
        return count

    def _drop(self, connection: Connection) -> None:
        descriptor = connection.socket.fileno()
        if self._connections.pop(descriptor, None) is not None:
            self._poll.unregister(descriptor)
            connection.socket.close()

    def _give(self, connection: Connection, frame: bytes) -> None:
        number = int.from_bytes(frame[:ID], sys.byteorder)
        if number == SETTLE:
            self._questions.append(connection)
        else:
            try:
                _receive(number, frame)
            except BaseException as error:
                _logly._tell_failure(error, "a record of another process", "; the next one is handled")

    def _answer(self) -> None:
        """Handle the frames of the workers that ask, and answer."""
        # More of them may ask in the meantime.
        questions, self._questions = self._questions, []
        if questions:
            self._read_all({connection.owner for connection in questions})
        for connection in questions:
            connection.answer(HANDLED)


def _receive(number: int, frame: bytes) -> None:
    """Give the record of a frame to the sink with this number."""
    if number < _FIRST_OF_OTHERS:
        _logly._receive(sys.modules["logly.logger"].logger, frame)
    elif number in _others:
        logger, sink = _others[number]
        _logly._receive(logger, sink.to_bytes(ID, sys.byteorder) + frame[ID:])


_FIRST_OF_OTHERS = 1 << 31
"""Sinks of the global logger have their ids as numbers, and those of other loggers have numbers from here on."""

_numbers = count(_FIRST_OF_OTHERS)

_others: dict[int, tuple[PyLogger, int]] = {}
"""The loggers and ids of sinks that have such a number."""


def number_of(logger: PyLogger, sink: int) -> int:
    """Return the number of a sink of another logger, for workers. The logger lives until `forget`."""
    for number, (known, known_sink) in list(_others.items()):
        if known_sink == sink and known._shares_with(logger):
            return number
    number = next(_numbers)
    _others[number] = (logger, sink)
    return number


def forget(logger: PyLogger, sink: int) -> None:
    """Forget a sink that was removed. Records that workers still send for it are dropped."""
    for number, (known, known_sink) in list(_others.items()):
        if known_sink == sink and known._shares_with(logger):
            _others.pop(number, None)


class _Asked:
    """A call that waits until the records are handled that workers have sent."""

    def __init__(self) -> None:
        self.event = Event()
        self.is_settled = False


def _is_readable(*descriptors: int) -> bool:
    """Tell whether there is something to read, or a descriptor is closed."""
    poll = _logly._original("select", "poll")()
    for descriptor in descriptors:
        if descriptor < 0:
            return True
        poll.register(descriptor, _READABLE)
    return bool(poll.poll(0))


_intakes: dict[int, Intake] = {}
"""The intake of this process, by its number. Threads that make one at once agree on the first."""


def address() -> Address:
    """Return the address for workers; this starts the intake.

    Raises:
        OSError: The system makes no such socket.
        RuntimeError: No thread can be started.
    """
    number = os.getpid()
    intake = _intakes.get(number)
    if intake is None:
        # C code may have forked this process, whose parent's intake is still here.
        for process in list(_intakes):
            if process != number:
                _intakes.pop(process, None)
        made = Intake()
        intake = _intakes.setdefault(number, made)
        if intake is not made:
            made.end(0)
    return intake.address


def settle(timeout: float | None) -> bool:
    """Wait until the records are handled that workers have sent; tell whether they are."""
    intake = _intakes.get(os.getpid())
    return intake is None or intake.settle(timeout)


def end(timeout: float) -> None:
    """Handle the records that workers have sent, and take in no more."""
    intake = _intakes.pop(os.getpid(), None)
    if intake is not None:
        intake.end(timeout)


def is_open() -> bool:
    """Tell whether workers may send records."""
    return os.getpid() in _intakes


def _leave_to_parent() -> None:
    while _intakes:
        _intakes.popitem()[1].close()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no forks
    os.register_at_fork(after_in_child=_leave_to_parent)

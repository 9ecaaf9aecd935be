"""The thread that serves the control socket of this process.

It waits in `poll`, and wakes up for a connection, for the end of a temporary level, and for `stop`. Connections of
other users are closed at once. If there are more than a few at a time, the oldest is closed.
"""

from __future__ import annotations

import os
from contextlib import suppress
from time import monotonic, sleep

from logly import _logly
from logly._control import peers
from logly._control.answers import answer
from logly._control.levels import Levels
from logly._control.visitor import READ, Visitor
from logly._lanes.threads import Thread
from logly._process.connection import accepted
from logly._process.wire import no_signal, quiet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from logly.logger import Logger

_MOST_VISITORS = 8
_MOST_AT_ONCE = 64
"""Connections that are accepted before others are looked at again."""

_PAUSE = 0.05
"""Seconds before the next try if no descriptor is left for a connection."""


class Server:
    """The thread, and its sockets.

    Args:
        listener: The socket that listens; it does not wait.

    Raises:
        OSError: The system makes no sockets.
        RuntimeError: No thread can be started.
    """

    def __init__(self, logger: Logger, listener: Any) -> None:
        import _socket

        self._logger = logger
        self.levels = Levels(logger)
        self._listener = listener
        self._woken, self._waking = _socket.socketpair()
        for socket in (self._woken, self._waking):
            socket.settimeout(0)
            quiet(socket)
        self._visitors: dict[int, Visitor] = {}
        self._poll = _logly._original("select", "poll")()
        self._poll.register(listener.fileno(), READ)
        self._poll.register(self._woken.fileno(), READ)
        self._is_over = False
        self._thread = Thread(self._run, "logly-control")
        try:
            self._thread.start()
        except BaseException:
            self.close()
            raise

    def stop(self, timeout: float) -> None:
        """End the thread, and wait for it for some seconds at most."""
        self._is_over = True
        # If there is no room, the thread has enough to wake up for.
        with suppress(OSError):
            self._waking.send(b"\0", no_signal())
        if self._thread.is_current() or self._thread.join(timeout):
            self.close()

    def close(self) -> None:
        """Close the sockets. A forked child closes its copies."""
        for socket in (self._listener, self._woken, self._waking, *(one.socket for one in self._visitors.values())):
            socket.close()
        self._visitors.clear()

    def _run(self) -> None:
        try:
            while not self._is_over:
                self._step()
            self.levels.end_all()
        except BaseException as error:
            _logly._tell_failure(error, "the thread of serve_control()", "; the program is not served any more")

    def _step(self) -> None:
        ready = [descriptor for descriptor, _ in self._poll.poll(self._pause())]
        if self._is_over:
            return
        self.levels.end_due()
        if self._listener.fileno() in ready:
            self._accept()
        for descriptor in ready:
            visitor = self._visitors.get(descriptor)
            if visitor is not None:
                self._attend(visitor)
        now = monotonic()
        for visitor in [one for one in self._visitors.values() if one.is_over or one.until <= now]:
            self._drop(visitor)

    def _pause(self) -> int | None:
        """Return the milliseconds until there is something to do without a connection."""
        ends = [one.until for one in self._visitors.values()]
        next_end = self.levels.next_end()
        if next_end is not None:
            ends.append(next_end)
        # Rounded up, because otherwise it would not wait for less than a millisecond. A year has too many of them.
        return min(max(0, int((min(ends) - monotonic()) * 1000) + 1), 1 << 30) if ends else None

    def _accept(self) -> None:
        for _ in range(_MOST_AT_ONCE):
            try:
                socket = accepted(self._listener)
            except BlockingIOError:
                return
            except OSError:
                # There may be no descriptor left.
                sleep(_PAUSE)
                return
            if peers.user_of(socket) not in {0, os.geteuid()}:
                socket.close()
                continue
            while len(self._visitors) >= _MOST_VISITORS:
                self._drop(next(iter(self._visitors.values())))
            self._visitors[socket.fileno()] = Visitor(socket)
            self._poll.register(socket.fileno(), READ)

    def _attend(self, visitor: Visitor) -> None:
        before = visitor.awaits
        if before != READ:
            visitor.write()
        else:
            request = visitor.read()
            if request is not None:
                visitor.answer(self._answered(request))
        if not visitor.is_over and visitor.awaits != before:
            self._poll.modify(visitor.socket.fileno(), visitor.awaits)

    def _answered(self, request: bytes) -> bytes:
        try:
            return answer(self._logger, self.levels, request)
        except Exception as error:
            _logly._tell_failure(error, "an answer of serve_control()")
            return b'{"error": "the program could not answer; its standard error says why"}\n'

    def _drop(self, visitor: Visitor) -> None:
        descriptor = visitor.socket.fileno()
        del self._visitors[descriptor]
        self._poll.unregister(descriptor)
        visitor.socket.close()

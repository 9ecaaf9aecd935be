"""Sends records to the process that has the sinks and callbacks of this one.

Each sink has a lane here, whose thread sends. So callers wait only if the lane is full, as its `overflow` says. If the
other process has ended, that is told once, and the records are counted as dropped.
"""

from __future__ import annotations

import os
from _thread import RLock
from contextlib import suppress
from time import monotonic

from logly import _logly
from logly._process.link import STEP, GoneError, Link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logly._logly import _Lane
    from logly._process.link import Address, Question

_LATE_TIMEOUT = 2.0
"""Seconds for the records of a lane whose thread has ended, as at the end of the process."""

_MOST_TRIES = 3
"""Tries for a frame whose connection is closed at the other end."""


class Feed:
    """The way to one process."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._begin()

    def run(self, lane: _Lane, timeout: float | None) -> None:
        """Send the records of a lane, for at most *timeout* seconds."""
        until = None if timeout is None else monotonic() + timeout
        while (frame := lane.take()) is not None:
            try:
                self._send(frame, until)
            except GoneError:  # noqa: PERF203 - each frame may be lost alone
                _logly._tell_once(
                    f"process {self.address[0]}, which has sinks of this process, has ended or does not answer; "
                    "records for these sinks are dropped"
                )
                lane.lose(None)
                return
            except BaseException as error:  # a signal handler may raise anything
                lane.failed(error)

    def settle(self, until: float | None) -> bool:
        """Wait until the other process has handled the records sent before; tell whether it has."""
        self._own()
        for _ in range(_MOST_TRIES):
            try:
                return self._is_settled(until)
            except (BrokenPipeError, ConnectionResetError):  # noqa: PERF203 - the next connection tells more
                continue
            except OSError:
                break
        return False

    def forget_parent(self) -> None:
        """Leave the connection to the parent, in a forked child."""
        self._drop()
        self._begin()

    def _begin(self) -> None:
        self._link: Link | None = None
        self._sending = RLock()
        self._is_busy = False
        """Whether a frame is being sent. The thread that sends it may come here again, in a signal handler."""
        self._sent = 0
        self._handled = 0
        """How many of the frames sent are known to be handled."""
        self._process = os.getpid()

    def _own(self) -> None:
        # C code may have forked this process.
        if self._process != os.getpid():
            self.forget_parent()

    def _send(self, frame: bytes, until: float | None) -> None:
        self._own()
        if not self._sending.acquire(timeout=_longest(until)):
            raise TimeoutError
        try:
            if self._is_busy:
                message = "a signal handler logged while another record was sent"
                raise BlockingIOError(message)
            self._is_busy = True
            try:
                self._send_in_turn(frame, until)
            finally:
                self._is_busy = False
        finally:
            self._sending.release()

    def _send_in_turn(self, frame: bytes, until: float | None) -> None:
        for _ in range(_MOST_TRIES - 1):
            # The other end may have closed the connection.
            with suppress(BrokenPipeError, ConnectionResetError):
                return self._send_now(frame, until)
        return self._send_now(frame, until)

    def _send_now(self, frame: bytes, until: float | None) -> None:
        try:
            self._opened(until).send(frame, until)
        except BaseException:
            # The other process drops the part of a frame that it has.
            self._drop()
            raise
        self._sent += 1

    def _opened(self, until: float | None) -> Link:
        if self._link is not None and self._link.is_lost:
            self._drop()
        if self._link is None:
            self._link = Link(self.address, until, follows=self._handled < self._sent)
        return self._link

    def _is_settled(self, until: float | None) -> bool:
        sent = self._sent
        while self._handled < sent:
            asked = self._ask(until)
            if asked is None:
                return False
            # It may be a question of another thread, about fewer frames.
            link, (number, covered) = asked
            while not link.is_answered(number, _step(until)):
                if until is not None and monotonic() >= until:
                    return False
            self._handled = max(self._handled, covered)
        return True

    def _ask(self, until: float | None) -> tuple[Link, Question] | None:
        """Ask the other process; None if that is not possible in time."""
        while self._sending.acquire(timeout=_longest(until)):
            try:
                if self._is_busy:
                    return None
                link = self._opened_again(until)
                question = link.ask(self._sent)
            except OSError:
                self._drop()
                raise
            finally:
                self._sending.release()
            if question is not None:
                return link, question
            link.wait_for_room(_step(until))
            if until is not None and monotonic() >= until:
                break
        return None

    def _opened_again(self, until: float | None) -> Link:
        self._is_busy = True
        try:
            return self._opened(until)
        finally:
            self._is_busy = False

    def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()


class RemoteSink:
    """A sink or callback of another process.

    Args:
        number: Its id there. It may have another id here.
    """

    def __init__(self, address: Address, number: int) -> None:
        self.address = address
        self.number = number
        self._feed = _feeds.setdefault(address, Feed(address))

    def run(self, lane: _Lane) -> None:
        """Send the records of its lane, on the lane's thread."""
        self._feed.run(lane, None)

    def run_here(self, lane: _Lane) -> None:
        """Send the records of its lane on this thread, because no other thread can."""
        self._feed.run(lane, _LATE_TIMEOUT)


_feeds: dict[Address, Feed] = {}


def settle(timeout: float | None) -> bool:
    """Wait until the other processes have handled the records sent before; tell whether they have."""
    until = None if timeout is None else monotonic() + timeout
    settled = [feed.settle(until) for feed in list(_feeds.values())]
    return all(settled)


def _longest(until: float | None) -> float:
    return -1 if until is None else max(0.0, until - monotonic())


def _step(until: float | None) -> float:
    return STEP if until is None else max(0.0, min(STEP, until - monotonic()))


def _leave_to_parent() -> None:
    for feed in _feeds.values():
        feed.forget_parent()


os.register_at_fork(after_in_child=_leave_to_parent)

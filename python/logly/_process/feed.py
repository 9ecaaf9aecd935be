"""Sends records to the process that has the sinks and callbacks of this one.

Each sink has a lane here, whose thread sends. So callers wait only if the lane is full, as its `overflow` says. If the
other process has ended, that is told once, and the records are counted as dropped.
"""

from __future__ import annotations

import os
from collections import deque
from contextlib import suppress
from time import monotonic

from logly import _logly
from logly._lanes.threads import new_lock
from logly._process.link import GoneError, Link, Question
from logly._process.wire import OWNER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logly._logly import _Lane
    from logly._process.link import Address

_LATE_TIMEOUT = 2.0
"""Seconds for the records of a lane whose thread has ended, as at the end of the process."""

_MOST_TRIES = 3
"""Tries for a frame or question whose connection is closed at the other end."""

_MOST_QUESTIONS = 8
"""Questions without an answer that are kept for later calls."""


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
        """Wait until the other process has handled the records sent before; tell whether it has.

        No lock is taken: a signal handler may interrupt this, wait for other records, and come here again.
        """
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
        """Leave the connections to the parent, in a forked child."""
        self._drop()
        while self._questions:
            self._questions.pop().close()
        self._begin()

    def _begin(self) -> None:
        self._owner = os.urandom(OWNER)
        self._link: Link | None = None
        self._sending = new_lock()
        self._questions: deque[Question] = deque()
        """Those that no thread waits for at this moment."""
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
        if not self._sending.acquire(timeout=-1 if until is None else max(0.0, until - monotonic())):
            raise TimeoutError
        try:
            for _ in range(_MOST_TRIES - 1):
                # The other end may have closed the connection.
                with suppress(BrokenPipeError, ConnectionResetError):
                    return self._send_now(frame, until)
            return self._send_now(frame, until)
        finally:
            self._sending.release()

    def _send_now(self, frame: bytes, until: float | None) -> None:
        try:
            if self._link is None:
                self._link = Link(self.address, self._owner, until)
            self._link.send(frame, until)
        except BaseException:
            # The other process drops the part of a frame that it has.
            self._drop()
            raise
        self._sent += 1

    def _is_settled(self, until: float | None) -> bool:
        sent = self._sent
        while self._handled < sent:
            question = self._open_question(until)
            if not question.is_answered(until):
                self._keep(question)
                return False
            self._handled = max(self._handled, question.covered)
        return True

    def _open_question(self, until: float | None) -> Question:
        """Return a question that an earlier call has left, or a new one."""
        with suppress(IndexError):
            return self._questions.popleft()
        return Question(self.address, self._owner, self._sent, until)

    def _keep(self, question: Question) -> None:
        if len(self._questions) < _MOST_QUESTIONS:
            self._questions.append(question)
        else:
            question.close()

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


def _leave_to_parent() -> None:
    for feed in _feeds.values():
        feed.forget_parent()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no forks
    os.register_at_fork(after_in_child=_leave_to_parent)

"""A sink that sends messages to syslog or to the journal: `make` checks its options, and a `Delivery` sends.

The lane's thread takes encoded messages out of the lane and sends them itself. While they cannot be sent, it waits, and
records stay in the queue up to its limit. Records are counted when the system has taken their messages, or when they
are given up.
"""

from __future__ import annotations

import os
from contextlib import suppress

from logly import _logly
from logly._export import ending, syslog_options
from logly._export.counts import Counts
from logly._export.pace import LAST_ATTEMPTS, pause_after
from logly._lanes.threads import Event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from logly._export.peers import Sent
    from logly._export.syslog_options import Options
    from logly._logly import _Lane

_FIRST_PAUSE = 0.5

_LATE_TIMEOUT = 1.0
"""Seconds for a receiver that does not read, once the sink or the process ends."""


def make(name: str, given: Mapping[str, object]) -> Delivery:
    """Check the address and the options of a sink.

    Raises:
        ValueError: A value is not allowed.
        TypeError: A value has the wrong type.
        OSError: A certificate cannot be read, or `connect` found no receiver.
    """
    options = syslog_options.read(name, given)
    if options.certificate or options.client_certificate:
        from logly._export import tls

        tls.context_of(options)
    delivery = Delivery(options)
    if options.connects:
        delivery.check_receiver()
    return delivery


class Delivery:
    """The sink of one address."""

    batch = (1000, 262_144, 0.01)
    """Records, bytes and seconds."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.endpoint = options.address.shown
        self.is_stream = options.address.is_stream
        self.is_local = options.address.is_local
        self.facility = options.facility
        self.host = syslog_options.host_name()
        self.app_name = options.app_name
        self.syslog_format = options.syslog_format
        self.message_limit = options.message_limit
        self.format = "{message}{fields}" if self._has_fields_in_text else "{message}"
        self._is_closed = False
        self._begin()
        ending.exports.add(self)

    @property
    def _has_fields_in_text(self) -> bool:
        return self.syslog_format == "rfc3164" and self._options.address.kind != "journal"

    def _begin(self) -> None:
        """Begin in this process."""
        self._process = os.getpid()
        self._counts = Counts()
        self._pause = Event()
        self._peer: Any = None
        self._is_busy = False
        self._is_hurried = False
        self._has_given_up = False
        self._has_told_of_cuts = False
        self._failures = 0
        self._is_pausing = False

    @property
    def is_waiting(self) -> bool:
        """Whether records wait until the receiver is tried again, so that waiting for them is vain."""
        return self._is_pausing and not self._is_hurried

    def check_receiver(self) -> None:
        """Connect once.

        Raises:
            ConnectionError: There is no receiver.
        """
        peer = self._new_peer()
        try:
            peer.open()
        except (OSError, ValueError) as error:
            message = f"connect: {self.endpoint} cannot be reached: {error}"
            raise ConnectionError(message) from None
        peer.close()

    def run(self, lane: _Lane) -> None:
        """Send the messages of a lane, on its thread."""
        self._own()
        self._is_busy = True
        if self._peer is None:
            self._peer = self._new_peer()
        while (taken := lane.take_batch()) is not None:
            self._deliver(lane, self._peer, taken)
        self._is_busy = False
        if self._is_closed:
            self._close_peer()

    def run_here(self, lane: _Lane) -> None:
        """Send the messages of a lane on this thread, because no other thread can."""
        self._own()
        self._is_hurried = True
        peer = self._new_peer()
        while (taken := lane.take_batch(True)) is not None:  # noqa: FBT003 - positional only
            self._deliver(lane, peer, taken, is_late=True)
        peer.close()

    def hurry(self) -> None:
        """Try again now, and not for long, because the sink or the process ends."""
        self._is_hurried = True
        self._failures = min(self._failures, 1)
        self._pause.set()

    def end(self, timeout: float) -> None:  # noqa: ARG002 - as for all exports
        """Have the rest sent soon. The lane waits for it."""
        if self._process == os.getpid():
            self.hurry()

    def close(self) -> None:
        """Close the connection. Messages that wait are dropped."""
        if self._process != os.getpid():
            return
        self._is_closed = True
        self._pause.set()
        if not self._is_busy:
            self._close_peer()

    def counts(self) -> Counts:
        """Return the counts of this process, for `stats`."""
        counts = Counts()
        counts.update(self._counts if self._process == os.getpid() else {})
        return counts

    def forget_parent(self) -> None:
        """Leave the connection to the parent, in a forked child."""
        peer = self._peer
        if peer is not None:
            peer.forget()
        self._begin()

    def _own(self) -> None:
        # C code may have forked this process.
        if self._process != os.getpid():
            self.forget_parent()

    def _new_peer(self) -> Any:
        kind = self._options.address.kind
        name = {"journal": "JournalPeer", "unix": "DatagramPeer", "udp": "DatagramPeer"}.get(kind, "StreamPeer")
        return _logly._load("logly._export.peers", name)(self._options, self._patience)

    def _patience(self) -> float:
        """Return the seconds to wait for a receiver that does not read."""
        if self._is_closed:
            return 0.0
        return min(self._options.timeout, _LATE_TIMEOUT) if self._is_hurried else self._options.timeout

    def _close_peer(self) -> None:
        peer, self._peer = self._peer, None
        if peer is not None:
            with suppress(OSError):
                peer.close()

    def _deliver(self, lane: _Lane, peer: Any, taken: tuple[bytes, int, int], *, is_late: bool = False) -> None:
        """Send one batch, however often that takes; once if it is late."""
        frames, left, cut = taken
        self._count_cut(lane, cut)
        at = 0
        while at < len(frames):
            if self._has_given_up or (self._is_closed and not is_late):
                why = "closed" if self._is_closed else "exit_timeout"
                self._counts["lost"] += lane.drop_rest(why)
                return
            sent: Sent = peer.send(frames, at)
            self._counts["requests"] += 1
            at = sent.at
            self._counts["rejected"] += sent.lost
            if sent.problem is None:
                self._failures = 0
                # Reported first, so that threads that wait for the records see the report.
                lane.tell_recovery()
            left -= self._settle(lane, min(sent.messages, left), "sent")
            if sent.is_refused:
                at = _after_datagram(frames, at)
                left -= self._settle(lane, min(1, left), "rejected", "sink_error")
                lane.tell_failure(f"{sent.problem}; it is dropped")
            elif sent.problem is not None and is_late:
                self._has_given_up = True
                lane.tell_failure(f"{sent.problem}; records are dropped")
            elif sent.problem is not None:
                self._wait(lane, sent.problem)
        # A notice that records were dropped is a message, and no record.
        self._settle(lane, left, "sent")

    def _settle(self, lane: _Lane, count: int, outcome: str, loss: str | None = None) -> int:
        if count:
            self._counts[outcome] += count
            lane.settle(count, loss)
        return count

    def _count_cut(self, lane: _Lane, cut: int) -> None:
        self._counts["cut"] += cut
        if cut and not self._has_told_of_cuts:
            self._has_told_of_cuts = True
            limit = "900 fields" if self._options.address.kind == "journal" else f"{self.message_limit} bytes"
            lane.tell(f"a message of more than {limit} is cut; stats() counts more such messages")

    def _wait(self, lane: _Lane, problem: str) -> None:
        """Wait until the receiver is tried again, or give up."""
        self._failures += 1
        self._counts["retries"] += 1
        lane.tell_failure(f"{problem}; records wait")
        if self._is_hurried and self._failures >= LAST_ATTEMPTS:
            self._has_given_up = True
            return
        self._is_pausing = True
        self._pause.wait(pause_after(self._failures, _FIRST_PAUSE, is_hurried=self._is_hurried))
        self._is_pausing = False
        self._pause.clear()


def _after_datagram(frames: bytes, at: int) -> int:
    return at + 4 + int.from_bytes(frames[at : at + 4], "little")

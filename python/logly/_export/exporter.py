"""A sink that sends requests: `make` checks its options, and an `Exporter` has the sending of each process.

The lane's thread takes encoded requests out of the lane and hands them to the thread of a `Sending`. A request that
could not be sent waits in memory or in the spool. Records are counted when their request is sent, in the spool, or
given up.
"""

from __future__ import annotations

import errno
import os
import sys
from weakref import WeakSet

from logly._export import ending, options as options_of
from logly._export.counts import Counts
from logly._export.sending import Sending
from logly._export.spool import IN_USE, Spool, of_child
from logly._lanes.threads import new_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from logly._export.options import Options
    from logly._logly import _Lane

_LATE_TIMEOUT = 2.0
"""Seconds for a request after the end of the process has begun."""

_all: WeakSet[Exporter] = WeakSet()

_of_parent: set[str] = set()
"""Spools that the parent process may have. This process has folders of its own inside."""


def make(endpoint: str | None, given: Mapping[str, object]) -> Exporter:
    """Check the options of a sink.

    Raises:
        ValueError: A value is not allowed.
        TypeError: A value has the wrong type.
        OSError: A certificate cannot be read, the spool cannot be used, or `connect` found no collector.
    """
    options = options_of.read(endpoint, given)
    if options.url.is_secure and (options.certificate or options.client_certificate):
        from logly._export import tls

        tls.context_of(options)
    if options.connects:
        _check_collector(options)
    exporter = Exporter(options, given.get("replacement"))
    exporter.open()
    _all.add(exporter)
    ending.exports.add(exporter)
    return exporter


def _check_collector(options: Options) -> None:
    from logly._export.transport import Connection

    connection = Connection(options)
    # A request without records is a valid one.
    answer = connection.post(b"", is_compressed=False)
    connection.close()
    if not answer.is_success:
        message = f"connect: {options.url.shown} does not take requests: {answer.problem}"
        raise ConnectionError(message)


def _is_taking_over() -> bool:
    """Tell whether this process was started afresh, and takes over the sinks of its parent now."""
    module = sys.modules.get("logly._process.taking_over")
    return module is not None and module.is_taking_over()


class Exporter:
    """The sink of one endpoint."""

    def __init__(self, options: Options, replacement: object) -> None:
        self.endpoint = options.url.shown
        self.resource = options.resource
        self.batch = options.batch
        self._options = options
        self._place = None if options.spool is None else os.path.realpath(options.spool)
        self._spool: Spool | None = None
        self._process = os.getpid()
        self._is_of_parent = False
        self._replacement = replacement
        """An object that all sinks of one `configure(sinks=)` share; None for those of `add`."""
        self._lock = new_lock()
        self._sending: Sending | None = None
        self._lane: _Lane | None = None
        """The lane of a sink that waits for its spool."""
        self._is_closed = False
        self._successor: Exporter | None = None
        """The sink that takes the spool over when this one is closed."""

    def open(self) -> None:
        """Open the spool, or wait for the one of the sink that this one replaces.

        A configuration that replaces sinks adds the new ones first.

        Raises:
            OSError: The spool cannot be used.
        """
        if self._place is None:
            return
        if _is_taking_over():
            self._leave_to_parent()
            return
        before = next((exporter for exporter in list(_all) if exporter._holds(self._place)), None)
        if before is None:
            self._spool = self._opened()
        elif before._is_of_parent or self._is_other_replacement(before):
            before._successor = self
        else:
            raise OSError(errno.EAGAIN, f"spool: {IN_USE}", self._options.spool)

    def _is_other_replacement(self, before: Exporter) -> bool:
        return self._replacement is not None and self._replacement is not before._replacement

    def _opened(self) -> Spool | None:
        path = self._options.spool
        if path is None:
            return None
        path = of_child(path) if self._place in _of_parent else path
        try:
            return Spool(path, self._options.spool_limit)
        except OSError as error:
            raise type(error)(error.errno, f"spool: {error.strerror}", path) from None

    def _holds(self, place: str) -> bool:
        """Tell whether it has this spool, or waits for it."""
        successor = self._successor
        is_last = successor is None or successor._is_closed
        return self._place == place and is_last and not self._is_closed and self._process == os.getpid()

    def _leave_to_parent(self) -> None:
        """Leave the spool to the parent process. The first records here open one inside."""
        self._process, self._is_of_parent = 0, True
        if self._place is not None:
            _of_parent.add(self._place)

    def begin(self, lane: _Lane) -> None:
        """Send the requests that are in the spool already."""
        if self._spool is not None:
            if not self._spool.is_empty:
                self._of_process(lane)
        elif self._place is not None and not self._is_of_parent:
            self._lane = lane

    @property
    def is_waiting(self) -> bool:
        """Whether records wait until the collector is tried again, so that waiting for them is vain."""
        sending = self._sending
        return sending is not None and sending.is_waiting

    def run(self, lane: _Lane) -> None:
        """Hand over the requests of a lane, on its thread."""
        sending = self._of_process(lane)
        while (taken := lane.take_batch()) is not None:
            sending.put(*taken[:2])

    def run_here(self, lane: _Lane) -> None:
        """Send the requests of a lane on this thread, because no other thread can."""
        sending = self._of_process(lane)
        while (taken := lane.take_batch(True)) is not None:  # noqa: FBT003 - positional only
            sending.send_here(*taken[:2], timeout=_LATE_TIMEOUT)

    def hurry(self) -> None:
        """Try again now, and not for long, because the sink or the process ends."""
        sending = self._sending
        if sending is not None:
            sending.hurry()

    def end(self, timeout: float) -> None:
        """Wait until records are sent, and then put the rest into the spool, if there is one."""
        sending = self._sending
        if sending is None or self._process != os.getpid():
            return
        sending.hurry()
        if sending.spool is not None:
            sending.lane.wait_handled(timeout)
            sending.keep_rest()

    def close(self) -> None:
        """Close the connection and the spool."""
        if self._process != os.getpid() or self._is_closed:
            return
        self._is_closed = True
        if self._sending is not None:
            self._sending.close()
        elif self._spool is not None:
            self._spool.close()
        self._lane = None
        if self._successor is not None and not self._successor._is_closed:
            self._successor._take_over()

    def _take_over(self) -> None:
        """Take the spool over from a sink that was closed.

        Raises:
            OSError: Another process was faster.
        """
        lane, self._lane = self._lane, None
        with self._lock:
            self._spool = self._opened()
            if self._sending is not None:
                self._sending.take_over(self._spool)
        if lane is not None:
            self.begin(lane)

    def counts(self) -> Counts:
        """Return the counts of this process, for `stats`."""
        sending, spool = self._sending, self._spool
        if sending is not None:
            return sending.counted()
        counts = Counts()
        if spool is not None:
            counts.update(torn=spool.torn, spool_bytes=spool.size)
        return counts

    def forget_parent(self) -> None:
        """Leave the connection and the spool to the parent, in a forked child."""
        sending, self._sending = self._sending, None
        spool, self._spool = self._spool, None
        self._lock, self._lane = new_lock(), None
        if sending is not None:
            sending.forget()
        if spool is not None:
            spool.forget()
        if not self._is_closed:
            self._leave_to_parent()

    def _of_process(self, lane: _Lane) -> Sending:
        """Return the sending of this process; it begins with the first records."""
        untold = None
        with self._lock:
            if self._process != os.getpid():
                self._process = os.getpid()
                try:
                    self._spool = self._opened()
                except OSError as error:
                    untold = f"{error}; this process goes without a spool"
            if self._sending is None:
                self._sending = Sending(self._options, self._spool, lane)
            sending = self._sending
        sending.lane = lane
        if untold is not None:
            lane.tell_failure(untold)
        return sending

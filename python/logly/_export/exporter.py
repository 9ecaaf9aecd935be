"""A sink that sends requests: `make` checks its options, and an `Exporter` has the sending of each process.

The lane's thread takes encoded requests out of the lane and hands them to the thread of a `Sending`. A request that
could not be sent waits in memory or in the spool. Records are counted when their request is sent, in the spool, or
given up.
"""

from __future__ import annotations

import os
from weakref import WeakSet

from logly._export import ending, options as options_of
from logly._export.counts import Counts
from logly._export.sending import Sending
from logly._export.spool import Spool, of_child

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from logly._export.options import Options
    from logly._logly import _Lane

_LATE_TIMEOUT = 2.0
"""Seconds for a request after the end of the process has begun."""

_all: WeakSet[Exporter] = WeakSet()


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

        tls.check(options)
    if options.connects:
        _check_collector(options)
    before = _holder(options)
    exporter = Exporter(options, None if before else _spool(options, is_child=False))
    if before is not None:
        before.successor = exporter
    return exporter


def _holder(options: Options) -> Exporter | None:
    """Return the sink of this process that has the spool already, for the same endpoint.

    A configuration that replaces sinks adds the new ones first.
    """
    if options.spool is None:
        return None
    exporters = (exporter for exporter in list(_all) if exporter.holds_spool(options))
    return next(exporters, None)


def _check_collector(options: Options) -> None:
    from logly._export.transport import Connection

    connection = Connection(options)
    # A request without records is a valid one.
    answer = connection.post(b"", is_compressed=False)
    connection.close()
    if not answer.is_success:
        message = f"connect: {options.url.shown} does not take requests: {answer.problem}"
        raise ConnectionError(message)


def _spool(options: Options, *, is_child: bool) -> Spool | None:
    if options.spool is None:
        return None
    path = of_child(options.spool) if is_child else options.spool
    try:
        return Spool(path, options.spool_limit)
    except OSError as error:
        raise type(error)(error.errno, f"spool: {error.strerror}", path) from None


class Exporter:
    """The sink of one endpoint."""

    def __init__(self, options: Options, spool: Spool | None) -> None:
        self.endpoint = options.url.shown
        self.resource = options.resource
        self.batch = options.batch
        self._options = options
        self._spool = spool
        self._process = os.getpid()
        self._sending: Sending | None = None
        self._is_closed = False
        self.successor: Exporter | None = None
        """The sink that takes the spool over when this one is closed."""
        _all.add(self)
        ending.exports.add(self)

    def holds_spool(self, options: Options) -> bool:
        """Tell whether it has the spool that these options name, for the same endpoint."""
        own = self._options
        is_same = (own.spool, own.url, own.headers) == (options.spool, options.url, options.headers)
        return is_same and not self._is_closed and self.successor is None and self._process == os.getpid()

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
            self._sending.close(is_told=not ending.is_over())
        elif self._spool is not None:
            self._spool.close()
        if self.successor is not None:
            self.successor.take_over()

    def take_over(self) -> None:
        """Take the spool over from a sink that was closed.

        Raises:
            OSError: Another process was faster.
        """
        self._spool = _spool(self._options, is_child=False)
        if self._sending is not None:
            self._sending.take_over(self._spool)

    def counts(self) -> Counts:
        """Return the counts of this process, for `stats`."""
        sending = self._sending
        return Counts() if sending is None else sending.counted()

    def forget_parent(self) -> None:
        """Leave the connection and the spool to the parent, in a forked child."""
        sending, self._sending = self._sending, None
        if sending is not None:
            sending.forget()
        if self._spool is not None:
            self._spool.forget()

    def _of_process(self, lane: _Lane) -> Sending:
        """Return the sending of this process; it begins with the first records."""
        if self._process != os.getpid():
            self._process, self._sending = os.getpid(), None
            self._spool = None
            try:
                self._spool = _spool(self._options, is_child=True)
            except OSError as error:
                lane.tell_failure(f"{error}; this process goes without a spool")
        if self._sending is None:
            self._sending = Sending(self._options, self._spool, lane)
        self._sending.lane = lane
        return self._sending

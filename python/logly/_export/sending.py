"""The sending of one sink in one process: requests that wait, the thread that sends them, and what follows a failure.

Requests in memory are older than those in the spool, so that all are sent in order. Locks and events are those of the
interpreter: the threads here are real ones, even if a program makes its own threads cooperative.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress

from logly import _logly
from logly._export.counts import Counts
from logly._export.pace import LAST_ATTEMPTS, pause_after
from logly._export.segment import Request
from logly._lanes.threads import Event, Thread, new_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logly._export.answers import Answer
    from logly._export.options import Options
    from logly._export.spool import Spool
    from logly._export.transport import Connection
    from logly._logly import _Lane

_MOST_BYTES = 8_000_000
"""Bytes of requests that wait in memory; one request may be larger."""

_FIRST_PAUSE = 1.0

_LOOK = 0.5
"""Seconds between looks of a thread that waits for room."""


class Sending:
    """The requests of one sink, and the thread that sends them."""

    def __init__(self, options: Options, spool: Spool | None, lane: _Lane) -> None:
        self.lane = lane
        self.spool = spool
        self.counts = Counts()
        self._options = options
        self._lock = new_lock()
        self._wake = Event()
        self._room = Event()
        self._pause = Event()
        self._waiting: deque[Request] = deque()
        self._bytes = 0
        self._current: Request | None = None
        """The request from memory that is being sent."""
        self._connection: Connection | None = None
        self._thread: Thread | None = None
        self._failures = 0
        self._is_pausing = False
        self._untold: str | None = None
        """A line to report once the lock is released: a report may run code of the program."""
        self._noted = ""
        self._told_torn = 0
        self._is_hurried = False
        self._is_ending = False
        self._has_given_up = False
        self._is_closed = False
        self._has_no_thread = False
        """Whether the thread could not be started."""
        if spool is not None and not spool.is_empty:
            self._start()

    @property
    def is_waiting(self) -> bool:
        """Whether records wait in memory until the collector is tried again. At the end that is soon."""
        return self._is_pausing and self.spool is None and not self._is_hurried

    def counted(self) -> Counts:
        """Return a copy of the counts."""
        with self._lock:
            counts = Counts()
            counts.update(self.counts)
            if self.spool is not None:
                counts.update(torn=self.spool.torn, spool_bytes=self.spool.size)
            return counts

    def put(self, body: bytes, count: int) -> None:
        """Take one request of the lane; wait if there are too many."""
        request = self._packed(body, count)
        while not self._try_put(request):
            self._room.wait(_LOOK)
            self._room.clear()
        self._tell()
        self._wake.set()
        if self._has_no_thread:
            self._serve_once()

    def _packed(self, body: bytes, count: int) -> Request:
        if not self._options.is_compressed:
            return Request(body, count, is_compressed=False)
        transport = _logly._load("logly._export.transport", "compress")
        return Request(transport(body), count, is_compressed=True)

    def _try_put(self, request: Request) -> bool:
        with self._lock:
            if self._has_given_up or self._is_closed:
                self._lose(request, "closed")
                return True
            is_full = bool(self._waiting) and self._bytes + len(request.body) > _MOST_BYTES
            if self.spool is not None and (is_full or self._failures or self._is_ending or not self.spool.is_empty):
                self._keep_waiting()
                self._keep(request)
                return True
            if is_full:
                return False
            self._waiting.append(request)
            self._bytes += len(request.body)
            self._start()
            return True

    def _start(self) -> None:
        """Start the thread, once. CPython 3.12 starts none once the process ends; the lane's thread sends then."""
        if self._thread is None:
            thread = Thread(self._serve, "logly-otlp")
            self._has_no_thread = True
            with suppress(RuntimeError):
                thread.start()
                self._thread = thread
                self._has_no_thread = False
            self._wake.set()

    def _tell(self) -> None:
        untold, self._untold = self._untold, None
        if untold is not None:
            self.lane.tell(untold)

    # The spool. The lock is held.

    def _keep_waiting(self) -> None:
        """Move the requests in memory to the spool, except for the one that is being sent."""
        while self._waiting:
            request = self._waiting.popleft()
            self._bytes -= len(request.body)
            self._keep(request)

    def _keep(self, request: Request, *, is_oldest: bool = False) -> None:
        spool = self.spool
        if spool is None:
            return
        try:
            is_kept = spool.prepend(request) if is_oldest else spool.append(request)
        except OSError as error:
            self._lose(request, "sink_error")
            self._note_once(f"the spool cannot be written: {error}; records are dropped")
            return
        if is_kept:
            self.counts["spooled"] += request.records
            self.lane.settle(request.records)
        else:
            self._lose(request, "overflow")
            self._note_once("the spool is full; records are dropped")

    def _note_once(self, line: str) -> None:
        """Have a line reported, unless it was the last one."""
        if line != self._noted:
            self._untold = self._noted = line

    def _lose(self, request: Request, why: str) -> None:
        self.counts["lost"] += self.lane.settle(request.records, why)

    # The thread.

    def _serve(self) -> None:
        _logly._enter_sink()
        while not self._is_closed:
            self._wake.wait()
            self._wake.clear()
            self._serve_once()

    def _serve_once(self) -> None:
        try:
            self._send_all()
        except Exception as error:
            # Later records need this thread.
            self._begin_again(error)

    def _send_all(self) -> None:
        if self._connection is None:
            self._connection = _logly._load("logly._export.transport", "Connection")(self._options)
        while not self._is_closed and (found := self._next()) is not None:
            self._send(self._connection, *found)

    def _begin_again(self, error: Exception) -> None:
        """Report an error that nothing else handles, and wait until requests are sent again."""
        self.lane.tell_failure(f"{type(error).__name__}: {error}; records wait")
        with self._lock:
            self._failures += 1
            self.counts["retries"] += 1
            if self._current is not None:
                self._waiting.appendleft(self._current)
                self._bytes += len(self._current.body)
                self._current = None
            if self._is_closed:
                self._drop_waiting()
            pause = self._delay(None)
        self._tell()
        self._rest(pause)
        self._wake.set()

    def _rest(self, pause: float) -> None:
        """Wait until requests are sent again, or give up."""
        if self._is_vain():
            self._give_up()
        elif pause > 0:
            self._is_pausing = True
            self._pause.wait(pause)
            self._is_pausing = False
            self._pause.clear()

    def _next(self) -> tuple[Request, bool] | None:
        """Return the oldest request, and whether it is in the spool."""
        with self._lock:
            if self._waiting:
                self._current = self._waiting.popleft()
                self._bytes -= len(self._current.body)
                self._room.set()
                return self._current, False
            if self.spool is None or self._is_ending:
                return None
            request = self.spool.first()
            found, self._told_torn = self.spool.torn - self._told_torn, self.spool.torn
        if found:
            self.lane.tell(f"{found} damaged requests in the spool were skipped")
        return None if request is None else (request, True)

    def _send(self, connection: Connection, request: Request, is_spooled: bool) -> None:  # noqa: FBT001
        answer = connection.post(request.body, is_compressed=request.is_compressed)
        # Reported first, so that threads that wait for the records see the report.
        self._report(request, answer)
        pause = 0.0
        with self._lock:
            self.counts["requests"] += 1
            has_spool = self.spool is not None and not self._is_ending
            if not (has_spool if is_spooled else self._current is request):
                # The end of the process put it into the spool.
                return
            if answer.is_retryable:
                pause = self._put_back(request, answer, is_spooled)
            else:
                self._finish(request, answer, is_spooled)
            self._current = None
        self._tell()
        self._rest(pause)

    def _report(self, request: Request, answer: Answer) -> None:
        if answer.is_retryable:
            self.lane.tell_failure(f"{answer.problem}; records wait")
        elif not answer.is_success:
            self.lane.tell_failure(f"{request.records} records are dropped: {answer.problem}")
        elif answer.rejected:
            self.lane.tell_failure(f"the collector rejected {answer.rejected} records: {answer.problem}")
        else:
            self.lane.tell_recovery()

    def _finish(self, request: Request, answer: Answer, is_spooled: bool) -> None:  # noqa: FBT001
        """Count a request that is not sent again."""
        self._failures = 0
        if is_spooled and self.spool is not None:
            self.spool.finish_first()
        rejected = min(answer.rejected, request.records) if answer.is_success else request.records
        self.counts["sent"] += request.records - rejected
        self.counts["rejected"] += rejected
        if not is_spooled:
            self.lane.settle(request.records - rejected)
            self.lane.settle(rejected, "sink_error")

    def _put_back(self, request: Request, answer: Answer, is_spooled: bool) -> float:  # noqa: FBT001
        """Keep a request that is sent again; return the seconds until then."""
        self._failures += 1
        self.counts["retries"] += 1
        if self.spool is None or self._is_closed:
            self._waiting.appendleft(request)
            self._bytes += len(request.body)
            if self._is_closed:
                self._drop_waiting()
        elif not is_spooled:
            self._keep(request, is_oldest=True)
            self._keep_waiting()
        return self._delay(answer.wait)

    def _delay(self, least: float | None) -> float:
        pause = pause_after(self._failures, _FIRST_PAUSE, is_hurried=self._is_hurried)
        return pause if least is None or self._is_hurried else max(least, pause)

    def _is_vain(self) -> bool:
        """Tell whether the sink or the process ends and the collector cannot be reached."""
        has_spool = self.spool is not None or self._is_closed
        return self._is_hurried and self._failures >= LAST_ATTEMPTS and not has_spool

    def _give_up(self) -> None:
        """Drop all records of the lane. Those of the requests in memory are among them."""
        lost = self.lane.drop_rest("exit_timeout")
        with self._lock:
            self._has_given_up = True
            self._failures = 0
            self.counts["lost"] += lost
            self._waiting.clear()
            self._bytes = 0
        self._room.set()

    def _drop_waiting(self) -> None:
        """Drop the requests in memory, because the sink is closed. The lane has reported them."""
        while self._waiting:
            self._lose(self._waiting.popleft(), "closed")
        self._bytes = 0
        self._room.set()

    # The end.

    def hurry(self) -> None:
        """Try again now, and then soon and few times."""
        self._is_hurried = True
        if not self._is_ending:
            self._failures = min(self._failures, 1)
        self._pause.set()
        self._wake.set()

    def keep_rest(self) -> None:
        """Put all waiting requests into the spool, and later ones too."""
        with self._lock:
            self._is_ending = True
            if self._current is not None:
                current, self._current = self._current, None
                self._keep(current, is_oldest=True)
            self._keep_waiting()
            if self.spool is not None:
                self.spool.tidy()
        self._tell()

    def send_here(self, body: bytes, count: int, timeout: float) -> None:
        """Send one request on this thread, or put it into the spool."""
        request = self._packed(body, count)
        with self._lock:
            if self.spool is not None and not self._is_closed:
                self._keep_waiting()
                self._keep(request)
                return
            if self._has_given_up:
                self._lose(request, "exit_timeout")
                return
        connection = _logly._load("logly._export.transport", "Connection")(self._options)
        answer = connection.post(request.body, is_compressed=request.is_compressed, timeout=timeout)
        connection.close()
        with self._lock:
            if answer.is_success:
                self._finish(request, answer, is_spooled=False)
                return
            self._lose(request, "sink_error")
        self.lane.tell_failure(f"{count} records are dropped: {answer.problem}")

    def take_over(self, spool: Spool | None) -> None:
        """Go on with a spool."""
        with self._lock:
            self.spool, self._told_torn = spool, 0
            self._start()
        self._wake.set()

    def close(self) -> None:
        """End the thread, and close the spool; the thread closes its connection. Waiting requests are dropped."""
        with self._lock:
            if self.spool is not None and not self._is_closed:
                self._keep_waiting()
                self.spool.close()
            self._is_closed = True
            self._drop_waiting()
        self._tell()
        self._pause.set()
        self._wake.set()
        self._room.set()

    def forget(self) -> None:
        """Close the descriptors of the parent's connection, in a forked child."""
        if self._connection is not None:
            self._connection.forget()

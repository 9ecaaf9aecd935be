"""Handlers of `logging` as sinks: records of logly are passed on as `LogRecord`s.

The module is imported when the first such sink is written to; a program that has a handler has imported `logging`.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import partial

from logly import _logly
from logly._process.forks import write_past
from logly._records.records import ForeignDict
from logly._sinks import severities
from logly._sinks.log_records import log_record
from logly._stdlib import trails
from logly._stdlib.foreign import name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from logly._records.records import Message
    from logly.typing import Record

_STANDARD = frozenset(("logging", "logging.handlers"))
"""The modules of the handlers that write to a stream as the standard library does."""


class ToLogging(logging.Handler):
    """The sink `"logging"`: gives records to loggers of `logging`, as if the program had called those.

    Records that came from `logging` are not sent back. The handler has no lock, because the handlers that it calls have
    locks.
    """

    def __init__(self, target: str | None) -> None:
        super().__init__()
        self._target = target
        self.sink_name = "logging" if target is None else f"logging:{target}"

    def createLock(self) -> None:  # noqa: N802 - the standard library's name
        """Make no lock."""
        self.lock = None

    def handle(self, record: logging.LogRecord) -> bool:
        """Give a record to a logger; False if the logger is disabled, or its level is higher."""
        if self._target is not None:
            record.name = self._target
        logger = logging.getLogger(record.name)
        is_wanted = logger.isEnabledFor(record.levelno)
        if is_wanted:
            logger.handle(record)
        return is_wanted


_uses: list[tuple[int, int]] = []
"""The id of each handler that is a sink, with the number of the logger. Sinks keep their handlers alive.

Threads add and remove handlers at once, so each change is one operation of a list.
"""

_LONGEST_WAIT = 5
"""Seconds to wait for a handler's lock, the same as for other sinks."""


def claim(handler: logging.Handler, logger: int) -> None:
    """Note that a handler is a sink of the logger with this number."""
    _uses.append((id(handler), logger))


def is_sink(handler: logging.Handler, logger: int) -> bool:
    """Tell whether a handler is a sink of the logger with this number."""
    return (id(handler), logger) in _uses


def release(handler: logging.Handler, logger: int) -> None:
    """Flush a handler of a removed sink; close it if no other sink and no logger of `logging` uses it."""
    with suppress(ValueError):
        _uses.remove((id(handler), logger))
    is_sink_elsewhere = any(known == id(handler) for known, _ in list(_uses))
    lock = handler.lock
    if lock is not None and not lock.acquire(timeout=_LONGEST_WAIT):
        raise TimeoutError
    try:
        handler.flush()
        if not is_sink_elsewhere and not _is_attached(handler):
            handler.close()
    finally:
        if lock is not None:
            lock.release()


def _is_attached(handler: logging.Handler) -> bool:
    known = [logging.root, *list(logging.root.manager.loggerDict.values())]
    return any(handler is one for logger in known for one in getattr(logger, "handlers", ()))


def handle(handler: logging.Handler, line: Message, is_formatted: bool, logger: int) -> bool:  # noqa: FBT001 - called by the extension
    """Give a handler the record of a line, like `Logger.callHandlers`; False if the handler did not want it.

    Args:
        handler: Any handler of `logging`.
        line: The message, or the finished line, with its record.
        is_formatted: Whether *line* is the finished line, which contains the traceback.
        logger: The number of the logger that has the handler as a sink.
    """
    trail = _trail(line.record, name_of(logger))
    made = _made(handler, line, trail, is_formatted=is_formatted)
    # Handlers with a `handle` of their own, such as `NullHandler`, return None.
    return made is not None and _give(handler, made, trail) is not False


def _give(handler: logging.Handler, record: logging.LogRecord, trail: str) -> object:
    """Let a handler handle a record."""
    stream = _stream_of(handler)
    if stream is None:
        return trails.give(handler.handle, record, trail)
    return _guarded(stream, partial(trails.give, handler.handle, record, trail), partial(_handle_past, handler, record))


def _guarded(stream: Any, write: Callable[[], object], past: Callable[[], object]) -> object:
    """Call *write*, and let forks wait for its end. Call *past* if the lock of the stream is the parent's for good."""
    _logly._enter_stream(stream)
    try:
        return past() if _logly._is_left_locked(stream) else write()
    finally:
        _logly._leave_stream(stream)


def _handle_past(handler: Any, record: logging.LogRecord) -> bool:
    return bool(handler.filter(record)) and _emit_past(handler, record)


def _emit_past(handler: Any, record: logging.LogRecord) -> bool:
    """Write a record's line to the descriptor of the handler's stream."""
    write_past(handler.stream, handler.format(record) + handler.terminator)
    return True


def _stream_of(handler: logging.Handler) -> Any:
    """Return Python's own stream that a handler of the standard library writes to; None for any other handler."""
    if type(handler).__module__ not in _STANDARD:
        return None
    stream = getattr(handler, "stream", None)
    return stream if type(stream).__module__ == "_io" else None


def prepare(
    handler: logging.Handler,
    line: Message,
    is_formatted: bool,  # noqa: FBT001 - as above
    logger: int,
) -> tuple[logging.LogRecord, str] | None:
    """Return a record and its trail, for another thread to pass to `finish`; None if the record is not wanted.

    The record is made, and the handler's filters are called, on the thread that has the context and the thread-locals
    of the call.
    """
    trail = _trail(line.record, name_of(logger))
    made = _made(handler, line, trail, is_formatted=is_formatted)
    if made is None:
        return None
    kept = trails.give(handler.filter, made, trail) if _is_plain(handler) else True
    # From CPython 3.12 on a filter may return another record.
    made = kept if isinstance(kept, logging.LogRecord) else made
    return (made, trail) if kept else None


def finish(handler: logging.Handler, record: logging.LogRecord, trail: str) -> bool:
    """Give a handler the result of `prepare`; False if the handler did not want it."""
    stream = _stream_of(handler)
    finished = partial(_finish, handler, record, trail)
    return bool(finished() if stream is None else _guarded(stream, finished, partial(_emit_past, handler, record)))


def _finish(handler: logging.Handler, record: logging.LogRecord, trail: str) -> bool:
    if not _is_plain(handler):
        return trails.give(handler.handle, record, trail) is not False
    handler.acquire()
    try:
        trails.give(handler.emit, record, trail)
    finally:
        handler.release()
    return True


def _is_plain(handler: logging.Handler) -> bool:
    """Tell whether `handle` only runs the filters, takes the lock and calls `emit`."""
    return type(handler).handle is logging.Handler.handle and "handle" not in vars(handler)


def _made(handler: logging.Handler, line: Message, trail: str, *, is_formatted: bool) -> logging.LogRecord | None:
    """Return the record for a handler, with its trail; None if the handler does not want it."""
    record = line.record
    is_back = isinstance(record, ForeignDict) and isinstance(handler, ToLogging)
    if record["level"].no < handler.level or is_back:
        return None
    made = log_record(record, line, trail, is_formatted=is_formatted)
    if made.levelname not in severities.KNOWN:
        severities.make_known(handler, made.levelname, made.levelno)
    return made


def _trail(record: Record, own: str) -> str:
    if not isinstance(record, ForeignDict):
        return own
    return record.trail if own in record.trail.split() else f"{record.trail} {own}".lstrip()

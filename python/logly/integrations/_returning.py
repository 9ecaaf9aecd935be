"""Records that come back from a sink: standard output may lead to `logging`, and from there back to logly.

These records go to the handlers that logly's handlers replaced, or to `sys.__stderr__`. No sink gets them: it would
write the same line once more.
"""

from __future__ import annotations

import logging
import sys
import threading
from contextlib import suppress

from logly import _logly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from logly.logger import Logger

_MOST_FRAMES = 500
_NO_SINK, _CONSOLE, _SOME, _ALL = range(4)
"""Values of `_sinks_in_hand`: which sinks of a logger this thread is writing to."""

_TOLD = (
    "standard output or another sink leads back to logging, which logly intercepts: its lines go to the handlers that"
    " were there before, or to sys.__stderr__"
)


class Before:
    """The state of a `logging` logger before it got a logly handler."""

    __slots__ = ("handlers", "level", "parent")

    def __init__(self, handlers: list[logging.Handler], level: int, parent: logging.Logger | None) -> None:
        self.handlers: list[logging.Handler] = handlers
        self.level: int = level
        self.parent: logging.Logger | None = parent
        """The logger whose handlers got the records too."""


class _Giving(threading.local):
    is_giving = False
    count = 0
    """How many records this thread gave back."""


_giving = _Giving()


def is_returning(record: logging.LogRecord, logger: Logger, before: Before | None) -> bool:
    """Tell whether a record is the line that a sink of the logger is writing, or whether no sink would take it."""
    sinks = _logly._sinks_in_hand(logger)
    if sinks in {_NO_SINK, _CONSOLE}:
        return bool(sinks)
    # Records about the work of a sink go to the other sinks. They count as lost only from the earlier level up.
    is_lost = sinks == _ALL and before is not None and record.levelno >= before.level
    return is_lost or _is_printing()


def give_back(record: logging.LogRecord, before: Before | None) -> None:
    """Give a record to the handlers that were there before interception."""
    _logly._tell_once(_TOLD)
    _giving.count += 1
    handlers = [] if before is None or _giving.is_giving else list(_earlier(before))
    if not handlers:
        if _giving.is_giving or not _has_others(record.name):
            _write(record)
        return
    _giving.is_giving = True
    try:
        for handler in handlers:
            if record.levelno >= handler.level:
                handler.handle(record)
    finally:
        _giving.is_giving = False


class Printed:
    """A record, while it is logged, that may be a line printed by the program."""

    __slots__ = ("_before", "_count", "_logger")

    def __init__(self, logger: Logger, before: Before | None) -> None:
        self._logger, self._before = logger, before
        is_printed = before is not None and not _are_plain() and _is_printing()
        self._count = _giving.count if is_printed else -1

    def settle(self, record: logging.LogRecord) -> None:
        """Give the record back if a console had it and did not lead back here: an output may drop lines it caused."""
        if self._count == _giving.count and any(sink["kind"] == "console" for sink in self._logger.all_sinks_info()):
            give_back(record, self._before)


def _are_plain() -> bool:
    """Tell whether the standard streams are Python's own, which write to files."""
    return sys.stdout is sys.__stdout__ and sys.stderr is sys.__stderr__


def _is_printing() -> bool:
    """Tell whether this thread is in a method of the object that is `sys.stdout` or `sys.stderr`."""
    streams = (sys.stdout, sys.stderr)
    frame = sys._getframe(1)
    for _ in range(_MOST_FRAMES):
        code = frame.f_code
        if code.co_argcount and any(frame.f_locals.get(code.co_varnames[0]) is stream for stream in streams if stream):
            return True
        if frame.f_back is None:
            break
        frame = frame.f_back
    return False


def _earlier(before: Before) -> Iterator[logging.Handler]:
    yield from before.handlers
    logger = before.parent
    while logger is not None:
        for handler in logger.handlers:
            replaced: Before | None = getattr(handler, "before", None)
            if replaced is not None:
                yield from replaced.handlers
            else:
                yield handler
        logger = logger.parent if logger.propagate else None


def _has_others(name: str) -> bool:
    """Tell whether other handlers get the records of a logger."""
    logger: logging.Logger | None = logging.getLogger(name)
    while logger is not None:
        if any(not hasattr(handler, "before") for handler in logger.handlers):
            return True
        logger = logger.parent if logger.propagate else None
    return False


def _write(record: logging.LogRecord) -> None:
    stream = sys.__stderr__
    # This stream is the last resort: its failures cannot be reported.
    with suppress(Exception):
        if stream is not None:
            stream.write(f"{record.getMessage()}\n")
            stream.flush()

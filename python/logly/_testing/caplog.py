"""Passes records of logly to pytest's `caplog`, each exactly once, even if a test sends them there too.

The handler of `caplog` may also be a sink, or get records through `add("logging")` or forwarding handlers.
"""

from __future__ import annotations

import logging

from logly._records.records import ForeignDict, Message
from logly._sinks.handlers import handle, is_sink
from logly._stdlib.foreign import name_of
from logly._stdlib.trails import trail_of
from logly.logger import logger as _global_logger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self

    from logly.typing import Record

    _Place = tuple[int, int, int, str, int]

_PLUG_IN = -1
"""The number in the trail of records that this module passes on; no logger has it."""


class ForCaplog(list["Record"]):
    """A list that gives its records to a handler, and keeps none.

    A record that the handler already has is left out, and a later copy through `logging` is filtered out. If the
    handler is a sink, the sink has its own level and format, and this list passes on nothing.
    """

    def __init__(self, handler: logging.Handler) -> None:
        super().__init__()
        self._handler = handler
        self._number = _global_logger._number
        self._balance: dict[_Place, int] = {}
        """For each place, how many more records came from here than through `logging`."""
        self._token = 0

    def __enter__(self) -> Self:
        """Start passing records on."""
        self._handler.addFilter(self._is_new)
        self._token = _global_logger._begin_observing(self, 0)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop passing records on."""
        _global_logger._end_capture(self._token)
        self._handler.removeFilter(self._is_new)

    def append(self, record: Record, /) -> None:
        """Give a record to the handler. This is called after the sinks that the calling thread writes."""
        level, time = record["level"].no, record["time"].timestamp()
        place = _microseconds(time), record["thread"].id, level, record["filename"], record["line"]
        if level < self._handler.level or self._comes_otherwise(record) or not self._is_first(place, 1):
            return
        message = Message(record["message"])
        message.record = record
        handle(self._handler, message, False, _PLUG_IN)  # noqa: FBT003 - it is the plain message

    def _comes_otherwise(self, record: Record) -> bool:
        return is_sink(self._handler, self._number) or (
            isinstance(record, ForeignDict) and _reaches(record["name"], self._handler)
        )

    def _is_new(self, record: logging.LogRecord) -> bool:
        """Filter of the handler: refuse records of the global logger that were passed on from here before."""
        trail = trail_of(record).split()
        is_theirs = name_of(self._number) in trail and name_of(_PLUG_IN) not in trail
        # If the handler is a sink, the test wants these records.
        if not is_theirs or is_sink(self._handler, self._number):
            return True
        place = _microseconds(record.created), record.thread or 0, record.levelno, record.pathname, record.lineno
        return self._is_first(place, -1)

    def _is_first(self, place: _Place, step: int) -> bool:
        """Count a record; False if it is the second of a pair. With a frozen clock, records may have the same place."""
        balance = self._balance.get(place, 0)
        self._balance[place] = balance + step
        return balance * step >= 0


def _microseconds(seconds: float) -> int:
    return round(seconds * 1_000_000)


def _reaches(name: str, handler: logging.Handler) -> bool:
    """Tell whether a handler gets the records of a logger of `logging`."""
    logger: logging.Logger | None = logging.getLogger(name)
    while logger is not None:
        if handler in logger.handlers:
            return True
        logger = logger.parent if logger.propagate else None
    return False

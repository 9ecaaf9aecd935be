"""For tests of programs that log: `capture` records, `freeze` the clock, `reset` the logger.

For pytest there is also a fixture, see `logly.pytest_plugin`.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

from logly import _logly
from logly._naming import guided, shown
from logly._testing.captured import CapturedLogs
from logly.logger import logger as _global_logger
from logly.logger._given import logger_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from logly.logger import Logger
    from logly.typing import LevelName, Record

__all__ = ["CapturedLogs", "FrozenClock", "capture", "freeze", "reset"]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@contextmanager
@guided
def capture(level: LevelName | int = 0, *, logger: Logger | None = None) -> Iterator[list[Record]]:
    """Collect all records in a list, and send them to no sink, within a `with` block.

    Args:
        level: The lowest level that is captured; all by default.
        logger: An independent logger; the global one by default.

    Yields:
        The list; it grows as any thread logs records. Its dicts are described in `logly.typing.RecordKeys`.

    Raises:
        TypeError: An argument is of a wrong type.
        ValueError: The level is unknown.

    Example:
        >>> import logly
        >>> from logly import logger
        >>> with logly.testing.capture() as records:
        ...     logger.bind(user="ada").info("paid {amount} EUR", amount=12)
        >>> records[0]["message"], records[0]["user"]
        ('paid 12 EUR', 'ada')
    """
    captured = logger_of(logger)
    records: list[Record] = []
    token = captured._begin_capture(records, level)
    try:
        yield records
    finally:
        captured._end_capture(token)


@guided
def reset() -> None:
    """Restore the state at import: the global logger, the clock, this thread's context, and the memory of reports."""
    _logly._freeze(None)
    _logly._clear_context()
    _logly._forget_reports()
    _global_logger.reset()


@guided
class FrozenClock:
    """The stopped clock that `freeze` yields."""

    __slots__ = ()

    @property
    def now(self) -> datetime:
        """The instant that it shows, in UTC."""
        return _EPOCH + timedelta(microseconds=_logly._now() // 1_000)

    def move_to(self, when: datetime | str) -> None:
        """Set the clock; *when* is the same as for `freeze`."""
        _logly._freeze(_nanoseconds(when))

    def tick(self, by: timedelta | float = 1.0) -> None:
        """Advance the clock by a `timedelta` or by seconds; backwards if negative."""
        if isinstance(by, bool) or not isinstance(by, (timedelta, int, float)):
            message = f"by: expected a timedelta or a number of seconds, got {shown(by)}"
            raise TypeError(message)
        step = by if isinstance(by, timedelta) else timedelta(seconds=by)
        self.move_to(self.now + step)


@contextmanager
@guided
def freeze(when: datetime | str) -> Iterator[FrozenClock]:
    """Stop logly's clock within a `with` block: record times, file names and times, rotation and retention.

    Libraries that patch `time` and `datetime` cannot change logly's clock, because it is native. The frozen clock is
    the same for all threads.

    Args:
        when: A `datetime` (local time if it has no zone), or text as `datetime.fromisoformat` reads it; `Z` is
        understood.

    Yields:
        The clock, to be moved with `tick` and `move_to`.

    Raises:
        TypeError: *when* is neither a `datetime` nor a str.
        ValueError: The text is not a time.

    Example:
        >>> import logly
        >>> with logly.testing.capture() as records, logly.testing.freeze("2025-01-15T10:30:45.123Z") as clock:
        ...     logly.logger.info("now")
        ...     clock.tick(0.5)
        ...     logly.logger.info("later")
        >>> [record["timestamp"] for record in records]
        ['2025-01-15T10:30:45.123Z', '2025-01-15T10:30:45.623Z']
    """
    before = _logly._frozen()
    clock = FrozenClock()
    clock.move_to(when)
    try:
        yield clock
    finally:
        _logly._freeze(before)


def _nanoseconds(when: datetime | str) -> int:
    if isinstance(when, str):
        # `fromisoformat` reads `Z`, and fractions of other than 3 or 6 digits, only from 3.11 on.
        when = datetime.fromisoformat(when[:-1] + "+00:00" if when.endswith(("Z", "z")) else when)
    if not isinstance(when, datetime):
        message = f"when: expected a datetime or a str, got {shown(when)}"
        raise TypeError(message)
    return (when.astimezone(timezone.utc) - _EPOCH) // timedelta(microseconds=1) * 1_000

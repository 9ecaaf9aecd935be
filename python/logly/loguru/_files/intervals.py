"""Intervals of rotation, which count from the making of the file."""

from __future__ import annotations

import math
import re
from datetime import timedelta

_PART = re.compile(r"([-+.0-9e]+)\s*([a-z]+)[\s,]*", re.IGNORECASE)

_UNITS = (
    ("y", "year", 31_536_000.0),
    ("", "month", 2_628_000.0),
    ("w", "week", 604_800.0),
    ("d", "day", 86_400.0),
    ("h", "hour", 3_600.0),
    ("min", "minute", 60.0),
    ("s", "second", 1.0),
    ("ms", "millisecond", 1e-3),
    ("us", "microsecond", 1e-6),
)
_SECONDS = {
    **{name: seconds for short, long, seconds in _UNITS for name in (short, long, f"{long}s") if name},
    "mins": 60.0,
    "sec": 1.0,
    "secs": 1.0,
}


class Interval(timedelta):
    """An interval that the extension counts from the making of the file."""

    __slots__ = ()

    _since_file_was_made = True

    @classmethod
    def of(cls, given: timedelta) -> Interval:
        """Return an interval of whole seconds, one at least."""
        return cls(seconds=max(1, math.ceil(given.total_seconds())))


def interval_of(text: str) -> Interval | None:
    """Return the interval that a text tells, such as `"1 day"` or `"1h 30 min"`; None if it tells none."""
    stripped = text.strip()
    parts = _PART.findall(stripped)
    if not parts or _PART.sub("", stripped):
        return None
    seconds = 0.0
    for number, unit in parts:
        factor = _SECONDS.get(unit.lower())
        if factor is None:
            return None
        try:
            seconds += float(number) * factor
        except ValueError:
            return None
    return Interval.of(timedelta(seconds=seconds)) if 0 < seconds < timedelta.max.total_seconds() else None

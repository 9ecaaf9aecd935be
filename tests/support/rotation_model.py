"""A simple model of rotation: the display of a local clock, minute by minute, and the files that result.

The model does not use logly's own search for boundaries: it walks through the year and visits every minute once.
Instants are milliseconds since the epoch.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
MONDAY = dt.datetime(1969, 12, 29)
MINUTE = 60_000
DAY = 24 * 60

# The range is some days longer than the year of the plans at both ends, so that it includes the boundaries around it.
FIRST, LAST = "2024-12-25", "2026-02-05"

PATTERNS = {
    "day": (r"\d{4}-\d\d-\d\d", "%Y-%m-%d", dt.timedelta(days=1)),
    "hour": (r"\d{4}-\d\d-\d\d_\d\d", "%Y-%m-%d_%H", dt.timedelta(hours=1)),
    "minute": (r"\d{4}-\d\d-\d\d_\d\d-\d\d", "%Y-%m-%d_%H-%M", dt.timedelta(minutes=1)),
    "second": (r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d", "%Y-%m-%d_%H-%M-%S", dt.timedelta(0)),
}
COARSE_FIRST = list(PATTERNS)


def instant(when: dt.datetime | str) -> int:
    """Return the instant of a date in UTC."""
    if isinstance(when, str):
        when = dt.datetime.fromisoformat(when).replace(tzinfo=dt.timezone.utc)
    return (when - EPOCH) // dt.timedelta(milliseconds=1)


def moment(at: int) -> dt.datetime:
    return EPOCH + dt.timedelta(milliseconds=at)


@dataclass(frozen=True)
class Schedule:
    """An interval of minutes or of months, or a time of day, with the text that logly accepts for it."""

    given: object
    minutes: int = 0
    months: int = 0
    time: tuple[int, int] | None = None
    weekday: int | None = None

    @property
    def repeats(self) -> bool:
        """Whether a mark that the clock shows twice counts twice."""
        return bool(self.minutes % DAY)

    def marks(self, shown: list[int]) -> list[int]:
        """Count the marks up to each minute that the clock shows, from a fixed start."""
        if self.minutes:
            return [minute // self.minutes for minute in shown]
        if self.months:
            return [_month(minute // DAY) // self.months for minute in shown]
        hour, minute = self.time
        every = DAY if self.weekday is None else 7 * DAY
        first = hour * 60 + minute + DAY * (self.weekday or 0)
        return [(minute - first) // every for minute in shown]

    @property
    def unit(self) -> str:
        """The precision of stamps that tells its periods apart."""
        of_day = self.minutes or (self.time[0] * 60 + self.time[1] if self.time else 0)
        return "minute" if of_day % 60 else "hour" if of_day % DAY else "day"


@cache
def _month(day: int) -> int:
    date = MONDAY + dt.timedelta(days=day)
    return date.year * 12 + date.month - 1


class LocalClock:
    """The time that a zone's clock shows in each minute, counted since a Monday."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self.start = instant(FIRST)
        self.shown = []
        # Clocks change only at full quarters of an hour.
        for at in range(self.start, instant(LAST), 15 * MINUTE):
            shown = (self.local(at) - MONDAY) // dt.timedelta(minutes=1)
            self.shown.extend(range(shown, shown + 15))
        steps = zip(self.shown, self.shown[1:])
        self.jumps = [self.start + index * MINUTE for index, (old, new) in enumerate(steps, 1) if new != old + 1]
        self._found: dict[Schedule, list[int]] = {}

    def boundaries(self, schedule: Schedule) -> list[int]:
        """Return all boundaries of a schedule in the year."""
        if schedule not in self._found:
            self._found[schedule] = list(self._walk(schedule))
        return self._found[schedule]

    def _walk(self, schedule: Schedule) -> Iterator[int]:
        # Except for every-minute schedules, all marks are at multiples of five minutes.
        step = 1 if schedule.minutes % 5 else 5
        shown = self.shown[::step]
        if schedule.repeats:
            # When a clock is put back, the first minute it shows counts again.
            before = [min(old, new - step) for old, new in zip(shown, shown[1:])]
        else:
            # A mark that counts once must be later than every minute shown before.
            before = list(accumulate(shown, max))
        counts = zip(schedule.marks(before), schedule.marks(shown[1:]))
        yield from (self.start + index * step * MINUTE for index, (old, new) in enumerate(counts, 1) if old < new)

    def local(self, at: int) -> dt.datetime:
        return moment(at).astimezone(self.zone).replace(tzinfo=None)

    def is_twofold(self, civil: dt.datetime) -> bool:
        offsets = {civil.replace(tzinfo=self.zone, fold=fold).utcoffset() for fold in (0, 1)}
        return len(offsets) == 2

    def first(self, civil: dt.datetime) -> int:
        """Return the first instant at which the clock shows this."""
        return instant(civil.replace(tzinfo=self.zone))


@dataclass(frozen=True)
class Rule:
    """The conditions that rotate a file: any of several schedules, and a size in bytes."""

    schedules: tuple[Schedule, ...] = ()
    size: int | None = None

    def boundaries(self, clock: LocalClock) -> list[int]:
        return sorted({at for schedule in self.schedules for at in clock.boundaries(schedule)})

    @property
    def unit(self) -> str:
        if len(self.schedules) == 1 and self.schedules[0].time:
            return "day"
        return max((schedule.unit for schedule in self.schedules), key=COARSE_FIRST.index)


@dataclass
class Files:
    """The files that records go to if the clock only moves forward."""

    rule: Rule
    clock: LocalClock
    boundaries: list[int]
    archives: list[tuple[str, str]] = field(default_factory=list)
    active: str = ""
    has_twofold_names: bool = False
    _begun: int = 0
    _numbers: Counter = field(default_factory=Counter)

    def log(self, line: str, at: int) -> None:
        start = self._start_of_period(at)
        if self.active and start > self._begun:
            self._archive(self._begun, self.rule.unit)
        elif self.active and self.rule.size and len(self.active) + len(line) > self.rule.size:
            self._archive(at, "second")
        if not self.active:
            self._begun = start
        self.active += line

    def end_period(self) -> None:
        """Archive the last period's file, although no record follows."""
        if self.active:
            self._archive(self._begun, self.rule.unit)

    def _start_of_period(self, at: int) -> int:
        return self.boundaries[bisect_right(self.boundaries, at) - 1] if self.boundaries else 0

    def _archive(self, at: int, unit: str) -> None:
        civil = self.clock.local(at)
        self.has_twofold_names |= self.clock.is_twofold(civil)
        stamp = civil.strftime(PATTERNS[unit][1])
        self._numbers[stamp] += 1
        number = f".{self._numbers[stamp]}" if self._numbers[stamp] > 1 else ""
        self.archives.append((f"app.{stamp}{number}.log", self.active))
        self.active = ""


def place(name: str, clock: LocalClock, boundaries: list[int]) -> tuple[int, int, dt.datetime, int]:
    """Return the position of an archive among the others by its name alone: the end of its period.

    An unexpected name raises an AssertionError.
    """
    for coarseness, (digits, pattern, unit) in enumerate(PATTERNS.values()):
        found = re.fullmatch(rf"app\.({digits})(?:\.([1-9]\d*))?\.log", name)
        if found:
            civil = dt.datetime.strptime(found[1], pattern)
            end = clock.first(civil + unit)
            if unit and boundaries:
                end = max(end, boundaries[bisect_left(boundaries, end)])
            return end, coarseness, civil, int(found[2] or 1)
    raise AssertionError(f"no name of an archive: {name}")

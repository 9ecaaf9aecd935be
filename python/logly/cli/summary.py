"""Counts of entries as a page for people."""

from __future__ import annotations

import sys
from datetime import datetime, timezone

from logly._config.printable import printable
from logly.cli.choosing import number_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_WIDEST_BAR = 60
_NARROWEST_BAR = 8
_NAMES = ["TRACE", "DEBUG", "INFO", "NOTICE", "SUCCESS", "WARNING", "ERROR", "FAIL", "CRITICAL"]
_LEVEL_NAMES = dict(zip([5, 10, 20, 22, 25, 30, 40, 45, 50], _NAMES))
_UNITS = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")]


class Page:
    """Writes counts as lines that fit into a width."""

    def __init__(self, width: int, *, is_utc: bool, is_colored: bool) -> None:
        """Fit the lines into so many columns."""
        self._width = max(width, 40)
        self._zone = timezone.utc if is_utc else None
        self._is_colored = is_colored
        self._encoding = sys.stdout.encoding or "utf-8"
        self._block = "█" if self._encoding.lower().replace("-", "").startswith("utf") else "#"

    def text(self, counts: dict[str, Any]) -> bytes:
        """Return the page."""
        lines = [*self._head(counts), *self._histogram(counts)]
        total = counts["entries"]
        lines += self._levels(counts["levels"], total)
        for name in ("loggers", "sites"):
            lines += self._values(name, counts[name], total)
        lines += self._templates(counts["templates"], total)
        lines += self._exceptions(counts["exceptions"])
        for field, tally in counts["by"].items():
            lines += self._values(f"by {field}", tally, total)
        return "".join(f"{line}\n" for line in lines).encode(self._encoding, "backslashreplace")

    def _head(self, counts: dict[str, Any]) -> Iterator[str]:
        entries, files = number_of("entr", counts["entries"], "y", "ies"), number_of("file", counts["files"])
        line = f"{_grouped(entries)} in {_grouped(files)}"
        if counts["first"]:
            first, last = self._time(counts["first"]), self._time(counts["last"])
            line += f", {first:%Y-%m-%d %H:%M:%S} to {last:%Y-%m-%d %H:%M:%S}"
        yield line
        if counts["rates"]:
            rates = [f"{_rate(rate)} per {name[4:]}" for name, rate in reversed(counts["rates"].items())]
            busiest = counts["busiest"]
            start = f"{self._time(busiest['start']):%Y-%m-%d %H:%M:%S}"
            most = f"{busiest['count']:,} in {_span(busiest['seconds'])}"
            yield ", ".join(rates)
            yield f"busiest: {most} from {start}"
        if counts["without_time"]:
            yield f"{_grouped(number_of('entr', counts['without_time'], 'y', 'ies'))} without a time"

    def _histogram(self, counts: dict[str, Any]) -> Iterator[str]:
        if not counts["histogram"] or len(counts["histogram"]["steps"]) < 2:  # noqa: PLR2004 - one bar says nothing
            return
        seconds, steps = counts["histogram"]["seconds"], counts["histogram"]["steps"]
        yield from self._title(f"time, {_span(seconds)} a line")
        most = max(step["count"] for step in steps)
        digits = len(f"{most:,}")
        starts = [self._time(step["start"]) for step in steps]
        pattern = "%H:%M:%S" if seconds < 60 else "%H:%M"  # noqa: PLR2004 - a minute
        if len({start.date() for start in starts}) > 1:
            pattern = "%Y-%m-%d" if seconds >= 86_400 else f"%m-%d {pattern}"  # noqa: PLR2004 - a day
        room = self._bar_width(len(f"{starts[0]:{pattern}}") + digits + 20)
        for start, step in zip(starts, steps):
            bar = self._bar(step["count"], most, room, step["errors"])
            errors = f"  {_grouped(number_of('error', step['errors']))}" if step["errors"] else ""
            yield f"{start:{pattern}}  {step['count']:>{digits},}  {bar}{errors}".rstrip()

    def _levels(self, tally: dict[str, Any], total: int) -> Iterator[str]:
        yield from self._title("levels")
        values = sorted(tally["values"], key=lambda value: -(value["no"] or 0))
        if tally["missing"]:
            values.append({"value": "(none)", "count": tally["missing"]})
        width = max((len(_shown(value["value"], 20)) for value in values), default=0)
        room = self._bar_width(width + 30)
        most = max((value["count"] for value in values), default=1)
        for value in values:
            bar = self._bar(value["count"], most, room)
            yield f"{_shown(value['value'], 20):{width}}  {_share(value['count'], total)}  {bar}".rstrip()
        yield from _rest({**tally, "missing": 0}, total)

    def _values(self, title: str, tally: dict[str, Any], total: int) -> Iterator[str]:
        if not tally["values"]:
            return
        yield from self._title(title)
        for value in tally["values"]:
            yield f"{_share(value['count'], total)}  {_shown(value['value'], self._width - 20)}"
        yield from _rest(tally, total)

    def _templates(self, tally: dict[str, Any], total: int) -> Iterator[str]:
        yield from self._title("messages")
        for value in tally["values"]:
            level = _LEVEL_NAMES.get(value["level_no"] or 0, "")
            yield f"{_share(value['count'], total)}  {level:8}  {_shown(value['value'], self._width - 30)}"
        yield from _rest(tally, total)

    def _exceptions(self, tally: dict[str, Any]) -> Iterator[str]:
        if not tally["values"]:
            return
        yield from self._title("exceptions")
        for value in tally["values"]:
            parts = ": ".join(part for part in (value["type"], value["message"]) if part)
            yield f"{value['count']:>10,}  {_shown(parts, self._width - 12)}"
            place = f" at {value['place']}" if value["place"] else ""
            yield f"{'':12}{_shown(value['value'] + place, self._width - 12)}"
            if value["first"]:
                first, last = self._time(value["first"]), self._time(value["last"])
                yield f"{'':12}{first:%Y-%m-%d %H:%M:%S} to {last:%Y-%m-%d %H:%M:%S}"
        yield from _rest({**tally, "missing": 0}, 0)

    def _title(self, text: str) -> Iterator[str]:
        yield ""
        text = _shown(text, self._width)
        yield f"\x1b[1m{text}\x1b[0m" if self._is_colored else text

    def _time(self, text: str) -> datetime:
        return datetime.fromisoformat(text).astimezone(self._zone)

    def _bar_width(self, taken: int) -> int:
        return max(min(self._width - taken, _WIDEST_BAR), _NARROWEST_BAR)

    def _bar(self, count: int, most: int, room: int, errors: int = 0) -> str:
        """Return a bar; the part of errors is red."""
        length = -(-count * room // most) if count else 0
        if not self._is_colored or not errors:
            return self._block * length
        red = min(-(-errors * room // most), length)
        return f"\x1b[31m{self._block * red}\x1b[0m{self._block * (length - red)}"


def _rest(tally: dict[str, Any], total: int) -> Iterator[str]:
    """Say how much is not shown."""
    if tally["other"]:
        number = f"{tally['distinct'] - len(tally['values']):,} others" if tally["distinct"] else "many others"
        yield f"{_share(tally['other'], total)}  ({number})"
    if tally["missing"]:
        yield f"{_share(tally['missing'], total)}  (none)"
    if tally["too_low_by"]:
        error = f"{tally['too_low_by']:,}"
        yield f"Of more than 10,000, rare ones were dropped; counts may be too low by {error}."


def _share(count: int, total: int) -> str:
    return f"{count:>10,}  {count / total:6.1%}" if total else f"{count:>10,}"


def _shown(text: str, most: int) -> str:
    """Return a text without commands to the terminal, cut to so many characters."""
    text = printable(text)
    most = max(most, 10)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _grouped(text: str) -> str:
    """Return `1,234 entries` for `1234 entries`."""
    count, _, noun = text.partition(" ")
    return f"{int(count):,} {noun}"


def _rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.3g}"  # noqa: PLR2004 - three digits are enough


def _span(seconds: int) -> str:
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    count = seconds // size
    return number_of(unit, count)

"""Spans of time, as the command line reads and shows them."""

from __future__ import annotations

import re

_SPAN = re.compile(r"(?P<count>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>s|m|h|d|)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds_of(text: str) -> float | None:
    """Return the seconds of a span such as `10m`; a number alone is one of seconds. None if it is no span."""
    found = _SPAN.fullmatch(text.strip().lower())
    return None if found is None else float(found["count"]) * _SECONDS[found["unit"]]


def span(seconds: float) -> str:
    """Return a span in its two largest units, as `3h 12m`."""
    whole = int(seconds)
    if whole == 0:
        return f"{seconds:.1f}s"
    parts = [(whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "m"), (whole % 60, "s")]
    first = next(number for number, (count, _) in enumerate(parts) if count)
    return " ".join(f"{count}{unit}" for count, unit in parts[first : first + 2] if count)

"""The pauses between attempts to send: longer with each failure, and short once the sink or the process ends."""

from __future__ import annotations

import random

LAST_ATTEMPTS = 3
"""Attempts once the sink or the process ends."""

_LONGEST_PAUSE = 30.0
_LAST_PAUSE = 0.2
_MOST_DOUBLINGS = 10


def pause_after(failures: int, first: float, *, is_hurried: bool) -> float:
    """Return the seconds until the next attempt.

    Args:
        failures: The failures without a success between them, at least one.
        first: The longest pause after the first failure.
        is_hurried: Whether the sink or the process ends.
    """
    if is_hurried:
        return _LAST_PAUSE * failures
    longest = min(first * 2.0 ** min(failures - 1, _MOST_DOUBLINGS), _LONGEST_PAUSE)
    # Programs that failed at the same time do not try again at the same time.
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret

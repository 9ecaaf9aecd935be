"""The end of the main thread: lanes are emptied while threads can still be started and executors used."""

from __future__ import annotations

import sys
import threading
from time import monotonic

from logly import _logly
from logly._lanes.threads import pause_of_hub

_EARLY_WAIT = 2.5
"""Seconds for callbacks after the main thread ended, while threads can still be started and executors used."""

ENDS_EARLY = sys.version_info[:2] == (3, 12)
"""CPython 3.12 starts no threads after the main thread ended."""

spent_early = 0.0
"""Seconds of `_EARLY_WAIT` that were used."""

is_ending = False
"""Whether the main thread ended: an event loop that does not run by then will not run again."""


def register_end() -> None:
    """Empty lanes when the main thread ends, before executors are shut down and no thread can be started.

    The function that is registered last runs first.
    """
    register = getattr(threading, "_register_atexit", None)
    if register is not None:
        try:
            register(_end_early)
        except RuntimeError:
            # The process is ending already.
            return


def end_with_greenlets() -> None:
    """Run greenlets that callbacks may wait for, if the main thread's end was not noticed, as under eventlet."""
    if not is_ending and pause_of_hub() is not None:
        _end_early()


def _end_early() -> None:
    global is_ending, spent_early  # noqa: PLW0603 - the process ends once
    is_ending = True
    began = monotonic()
    exports = sys.modules.get("logly._export.ending")
    if exports is not None:
        exports.hurry_all()
    _logly._wait_for_lanes(max(_EARLY_WAIT - spent_early, 0.0))
    spent_early += monotonic() - began


register_end()

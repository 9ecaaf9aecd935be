"""The end of the main thread: lanes are emptied while threads can still be made and executors used."""

from __future__ import annotations

import sys
import threading
from time import monotonic

from logly import _logly
from logly._lanes.threads import pause_of_hub

_EARLY_WAIT = 2.5
"""Seconds that callbacks get once the main thread ended, while threads can still be made and executors used."""

ENDS_EARLY = sys.version_info[:2] == (3, 12)
"""CPython 3.12 makes no thread any more once the main thread ended."""

spent_early = 0.0
"""Seconds they took of it."""

is_ending = False
"""Whether the main thread ended: nobody will run an event loop any more that does not run by then."""


def register_end() -> None:
    """Have lanes emptied when the main thread ends, before executors are shut down and no more threads can be made.

    What is registered last comes first.
    """
    register = getattr(threading, "_register_atexit", None)
    if register is not None:
        try:
            register(_end_early)
        except RuntimeError:
            # The process ends already.
            return


def end_with_greenlets() -> None:
    """Let greenlets run that callbacks may wait for, where nothing told of the main thread's end, as under eventlet."""
    if not is_ending and pause_of_hub() is not None:
        _end_early()


def _end_early() -> None:
    global is_ending, spent_early  # noqa: PLW0603 - the process ends once
    is_ending = True
    began = monotonic()
    _logly._wait_for_lanes(max(_EARLY_WAIT - spent_early, 0.0))  # noqa: SLF001 - of this package
    spent_early += monotonic() - began


register_end()

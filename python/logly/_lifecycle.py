"""The end of the process: what is queued is written, within a bound, and later records are written by their callers.

Registered with `atexit`, which runs after the non-daemon threads ended and before modules are torn down.
"""

from __future__ import annotations

import atexit

from logly import _logly

EXIT_TIMEOUT = 5.0
"""Seconds that all sinks together may take at the end of the process."""


def install() -> None:
    """Have the queues drained at the end of the process; more calls change nothing."""
    atexit.unregister(_at_exit)
    atexit.register(_at_exit)


def _at_exit() -> None:
    _logly._finish(EXIT_TIMEOUT)  # noqa: SLF001 - the extension's names are private to this package

"""The end of the process: what is queued is written, within a bound, and later records are written by their callers.

Callbacks come first, and have part of their time before that, as soon as the main thread ended.

Archives are looked after within the same bound; those that are left wait for the next start.

Registered with `atexit`, which runs after the non-daemon threads ended and before modules are torn down.
"""

from __future__ import annotations

import atexit
import os
import sys

from logly import _logly

EXIT_TIMEOUT = 5.0
"""Seconds that all sinks together may take at the end of the process."""


def install() -> None:
    """Have the queues drained at the end of the process; more calls change nothing."""
    atexit.unregister(_at_exit)
    atexit.register(_at_exit)
    _end_with_multiprocessing()


def _end_with_multiprocessing() -> None:
    """Drain at the end of a child of `multiprocessing` too: it leaves by `os._exit`, after its own finalizers."""
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        # The child forgets the finalizers it inherited; what runs after that makes its own.
        util.register_after_fork(_logly, _finalize)
        if sys.modules["multiprocessing"].parent_process() is not None:
            _finalize(_logly)


def _finalize(_module: object) -> None:
    sys.modules["multiprocessing.util"].Finalize(None, _at_exit, exitpriority=-100)


os.register_at_fork(after_in_child=_end_with_multiprocessing)


def _at_exit() -> None:
    lanes = sys.modules.get("logly._lanes")
    if lanes is not None:
        lanes.end_with_greenlets()
    spent = 0.0 if lanes is None else lanes.spent_early
    _logly._finish(max(EXIT_TIMEOUT - spent, 0.0))  # noqa: SLF001 - the extension's names are private to this package
    main = sys.modules.get("logly.logger")
    if main is not None:
        _logly._stop_sinks(main.logger)  # noqa: SLF001 - as above
    for name in ("logly._loop", "logly._archiver"):
        module = sys.modules.get(name)
        if module is not None:
            module.end()
    _logly._seal()  # noqa: SLF001 - as above

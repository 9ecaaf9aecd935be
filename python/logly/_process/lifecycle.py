"""The end of the process: queued records are written, within a time limit, and callers write later records themselves.

Callbacks come first, and have part of that time already when the main thread ends.

Archives are processed within the same limit; the remaining ones wait for the next start.

Daemonic children of `multiprocessing`, such as those of a pool, have no end of their own: a signal ends them. In them
each record is written before its call returns.

The functions are registered with `atexit`, which runs after the non-daemon threads ended and before modules are torn
down.
"""

from __future__ import annotations

import atexit
import os
import sys
from functools import partial

from logly import _logly
from logly._process import FAMILIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from logly._logly import PyLogger

EXIT_TIMEOUT = 5.0
"""Seconds that all sinks together may take at the end of the process."""

_USERS = ("billiard",)
"""Packages that use the registries of `multiprocessing`."""

_sealed_in = 0
"""The process in which no thread goes back to Python any more."""

_followed: set[str] = set()
"""Packages whose children are handled already."""


def install() -> None:
    """Drain the queues at the end of the process; more calls change nothing."""
    atexit.unregister(_at_exit)
    atexit.register(_at_exit)
    _end_with_multiprocessing()


def _end_with_multiprocessing() -> None:
    """Drain at the end of a child of `multiprocessing` too: it leaves by `os._exit`, after its own finalizers."""
    for family in FAMILIES:
        util = sys.modules.get(f"{family}.util")
        if util is not None and family not in _followed:
            # The child discards inherited finalizers; functions that run after the fork can register new ones.
            util.register_after_fork(_logly, partial(_begin_child, family))
            _followed.add(family)
        if util is not None and any(map(_is_child, _current_processes())):
            _begin_child(family, _logly)
    learn_end()


def _begin_child(family: str, _module: object) -> None:
    sys.modules[f"{family}.util"].Finalize(None, _at_exit, exitpriority=-100)
    learn_end()


def learn_end() -> None:
    """Make a daemonic child, which a signal ends, write each record before its call returns.

    A spawned child knows only after the import of its main module whether it is daemonic.
    """
    processes = _current_processes()
    _logly._expect_signal(None if any(map(_is_starting, processes)) else any(process.daemon for process in processes))


def expect_state(logger: PyLogger, *, is_forked: bool = False) -> None:
    """Have the first call of a process that may be a child of `multiprocessing` ask for its parent's logger.

    A child of a fork server is forked. Until it is a child, it cannot be told from other forked processes.
    """
    is_started = any(_is_child(process) or _is_starting(process) for process in _current_processes())
    is_server = sys.modules.get("multiprocessing.forkserver") is not None
    if is_started or is_server:
        # Now, because a signal could come between the first call and the end of an import.
        import logly._process.taking_over  # noqa: F401 - few processes need it
    if is_started or (is_server and is_forked):
        _logly._await_state(logger, awaits=True)


def _expect_state_after_fork() -> None:
    main = sys.modules.get("logly.logger")
    if main is not None:
        expect_state(main.logger, is_forked=True)


def _is_child(process: Any) -> bool:
    # This attribute is the same in all packages and versions.
    is_child: bool = process._parent_pid is not None
    return is_child


def _is_starting(process: Any) -> bool:
    """Tell whether a child still imports its main module, or has not come to its `freeze_support`."""
    from logly._process.inheritance import is_frozen_child  # only programs that make processes come here

    return bool(getattr(process, "_inheriting", False)) or (not _is_child(process) and is_frozen_child())


def _current_processes() -> list[Any]:
    """Return the current process object of each imported package."""
    modules = [sys.modules.get(f"{name}.process") for name in (*FAMILIES, *_USERS)]
    # A module that is still being imported may not have the function yet.
    functions = [getattr(module, "current_process", None) for module in modules]
    return [function() for function in functions if function is not None]


if hasattr(os, "register_at_fork"):  # not on Windows, which has no forks
    os.register_at_fork(after_in_child=_end_with_multiprocessing)
    os.register_at_fork(after_in_child=_expect_state_after_fork)


def _at_exit() -> None:
    if _sealed_in == os.getpid():
        # A child of `multiprocessing` comes here twice. From the first time on, callers write their records themselves,
        # and waiting for a thread would never end.
        return
    intake = sys.modules.get("logly._process.intake")
    if intake is not None and intake.is_open():
        if _ends_after_children():
            return
        intake.end(EXIT_TIMEOUT / 2)
    _end()


def _ends_after_children() -> bool:
    """Have the process end after `multiprocessing` has waited for its children, which may still log into sinks here.

    Its function for the end is called after this one if it was registered before.
    """
    util = sys.modules.get("multiprocessing.util")
    if util is None or getattr(util, "_exiting", True):
        return False
    util.Finalize(None, _at_exit, exitpriority=-100)
    return True


def _end() -> None:
    global _sealed_in  # noqa: PLW0603 - one end for the process
    for name in ("logly._config.watch", "logly._control.control"):
        module = sys.modules.get(name)
        if module is not None:
            module.end()
    ending = sys.modules.get("logly._lanes.ending")
    if ending is not None:
        ending.end_with_greenlets()
    left = EXIT_TIMEOUT - (0.0 if ending is None else ending.spent_early)
    _logly._tell_held_back()
    exports = sys.modules.get("logly._export.ending")
    if exports is not None:
        left -= exports.end_all(max(left, 0.0) / 2)
    _logly._finish(max(left, 0.0))
    main = sys.modules.get("logly.logger")
    if main is not None:
        _logly._stop_sinks(main.logger)
    for name in ("logly._lanes.loop", "logly._files.archiver"):
        module = sys.modules.get(name)
        if module is not None:
            module.end()
    _logly._seal()
    _sealed_in = os.getpid()

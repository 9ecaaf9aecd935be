"""Interception of `logging`, hooks for exceptions and the capture of warnings, as children that start afresh get them.

They stand beside the state in the configuration of process objects. They are in force as soon as the process object
arrives, since records of `logging` are no calls of logly. The state itself still waits for the first record.
"""

from __future__ import annotations

import sys
from importlib import import_module

from logly import _logly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

KEY = "logly.captures"
"""The key in the configuration of a process object."""

_CODE = """
try:
    from logly._process.captures import arrive
except ImportError:
    pass
else:
    arrive({!r})
"""

_active: list[tuple[object, str, dict[str, Any]]] = []
"""The object with `undo()`, the function of `logly` that returned it, and its arguments."""

_arrived: list[Any] = []
"""The objects of those that arrived in this process."""


class Captures:
    """What is active whenever it is pickled. It arrives by code that needs no logly in the other process."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        """Pickle code that makes the same active; no bytes if there is nothing."""
        main = sys.modules.get("logly.logger")
        listed = [(name, options) for _, name, options in _active]
        # There is no state if no process is to take over the logger.
        if not listed or main is None or _logly._state(main.logger) is None:
            return bytes, ()
        return exec, (_CODE.format(listed),)


def begin(owner: object, name: str, options: dict[str, Any]) -> None:
    """Note that a function of `logly` returned *owner* for the global logger."""
    _active.append((owner, name, options))


def end(owner: object) -> None:
    """Note that *owner* was undone."""
    _active[:] = [entry for entry in _active if entry[0] is not owner]


def arrive(listed: list[tuple[str, dict[str, Any]]]) -> None:
    """Make the same active in this process, unless it has done something of the kind itself."""
    if _active:
        return
    logly = import_module("logly")
    for name, options in listed:
        try:
            _arrived.append(getattr(logly, name)(**options))
        except Exception as error:  # noqa: PERF203 - each stands alone
            _logly._tell_failure(error, f"{name}() of the parent process", "; it is left out")


def undo_arrived() -> None:
    """Undo what arrived, because this process sets up its logging itself."""
    while _arrived:
        _arrived.pop().undo()

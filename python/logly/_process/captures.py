"""Interception of `logging`, hooks, captured warnings and ids of spans, as children that start afresh get them.

They travel with the state in the configuration of process objects. They are in force when the process object
arrives, since records of `logging` are no calls of logly. The state itself still waits for the first record.
"""

from __future__ import annotations

import sys
from contextlib import suppress

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
"""The object with `undo()`, the function that returned it, by its path within `logly`, and its arguments."""

_arrived: list[Any] = []
"""The objects of those that arrived in this process."""


class Captures:
    """All that is active at the moment of pickling. It arrives by code that needs no logly in the other process."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        """Pickle code that makes the same active; no bytes if there is nothing."""
        main = sys.modules.get("logly.logger")
        listed = [(name, options) for _, name, options in _active]
        # There is no state if no process is to take over the logger.
        if not listed or main is None or _logly._state(main.logger) is None:
            return bytes, ()
        return exec, (_CODE.format(listed),)


def begin(owner: object, name: str, options: dict[str, Any]) -> None:
    """Note that the function with this path within `logly` returned *owner* for the global logger."""
    _active.append((owner, name, options))


def end(owner: object) -> None:
    """Note that *owner* was undone."""
    for entry in list(_active):
        if entry[0] is owner:
            # Another thread may have been first.
            with suppress(ValueError):
                _active.remove(entry)


def described() -> list[tuple[str, dict[str, Any]]]:
    """Return the functions that are active, each with its arguments."""
    return [(name.rpartition(".")[2], options) for _, name, options in _active]


def arrive(listed: list[tuple[str, dict[str, Any]]]) -> None:
    """Make the same active in this process, unless it has done something of the kind itself."""
    if _active:
        return
    from importlib import import_module  # not at the start of programs that make no processes

    for name, options in listed:
        module, _, function = f"logly.{name}".rpartition(".")
        try:
            _arrived.append(getattr(import_module(module), function)(**options))
        except Exception as error:
            _logly._tell_failure(error, f"{name}() of the parent process", "; it is left out")


def undo_arrived() -> None:
    """Undo what arrived, because this process sets up its logging itself."""
    while _arrived:
        _arrived.pop().undo()

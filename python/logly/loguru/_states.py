"""The sinks and settings that a program gave to a logger. Copies of the logger are made from them.

They are kept by the part of the logger that it shares with loggers bound from it, and go with it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from logly._logly import PyLogger
    from logly.loguru._logger import Logger


class State:
    """The sinks and settings of a logger, as they were given."""

    __slots__ = ("activation", "extra", "levels", "next_id", "patcher", "sinks")

    def __init__(self) -> None:
        self.sinks: dict[int, tuple[Any, dict[str, Any]]] = {}
        """The sinks by their ids, each with the arguments of `add`."""
        self.next_id = 0
        self.levels: dict[str, dict[str, Any]] = {}
        self.extra: dict[str, Any] | None = None
        self.patcher: Any = None
        self.activation: dict[str | None, bool] = {}


_global: list[Logger] = []


def state_of(logger: PyLogger) -> State:
    """Return the state of a logger, which it shares with loggers bound from it."""
    state: State = logger._notes(State)
    return state


def publish(logger: Logger) -> None:
    """Note the global logger, for processes that are passed one."""
    _global[:] = [logger]


def global_logger() -> Logger:
    """Return the global logger."""
    return _global[0]

"""Records of other libraries, in the form that the extension takes.

They keep their own place, time, thread, process and exception. Records that logly's handlers pass on are marked with
the loggers that they came through, so that no record goes round in circles.
"""

from __future__ import annotations

import os

from logly._logly import _log_foreign, _name_in_trails

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from logly.logger import Logger

HIGHEST_LEVEL = 2**31 - 1
HIGHEST_LINE = HIGHEST_PROCESS = 2**32 - 1
HIGHEST_THREAD = 2**64 - 1
_HIGHEST_TIME = 2**63 - 1


def text(value: object, otherwise: str = "") -> str:
    """Return a text part of a record as text, for any value that another library put there."""
    if value is None or type(value) is str:
        return value or otherwise
    try:
        return str(value)
    except Exception:  # raised by the program's value
        return otherwise


def number(value: Any, highest: int) -> int | None:
    """Return a number part, from 0 on; None if the value is not such a number."""
    try:
        found = int(value)
    except Exception:
        return None
    return found if 0 <= found <= highest else None


def nanoseconds(seconds: Any) -> int | None:
    """Return a time in nanoseconds; None if the value is not a time."""
    try:
        found = round(float(seconds) * 1_000_000_000)
    except Exception:
        return None
    return found if abs(found) <= _HIGHEST_TIME else None


class ForeignRecord:
    """A record of another library. A part that is None is taken from the logging call."""

    __slots__ = (
        "exception",
        "fields",
        "function",
        "level",
        "line",
        "message",
        "module",
        "path",
        "process",
        "process_name",
        "stack",
        "task",
        "thread",
        "thread_name",
        "time_ns",
        "trail",
    )

    def __init__(self, level: int, message: str) -> None:
        self.level = level
        self.message = message
        self.module = self.function = self.path = self.process_name = self.trail = ""
        self.line = 0
        self.process = os.getpid()
        self.thread: int | None = None
        self.thread_name: str | None = None
        self.task: str | None = None
        self.time_ns: int | None = None
        self.fields: dict[str, object] = {}
        self.exception: BaseException | str | None = None
        self.stack: tuple[str, list[dict[str, object]]] | None = None

    def log(self, logger: Logger) -> None:
        """Give the record to a logger, unless it came through that logger."""
        own = name_of(logger._number)
        if own not in self.trail.split():
            self.trail = f"{self.trail} {own}".lstrip()
            _log_foreign(logger, self)


def name_of(number: int) -> str:
    """Return the name in trails of a logger and all that share its sinks; it is unique among all running processes."""
    return _name_in_trails(number)

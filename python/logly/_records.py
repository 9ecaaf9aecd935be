"""The record that filters, format functions, function sinks and captures see: a dict.

It has the keys `timestamp`, `level`, `message`, `filename`, `lineno`, `function`, `module`, `extra` and, for programs
written for Loguru's record, `time`, `name`, `line`, `file`, `process`, `thread`, `elapsed` and `exception`; every field
is a key too unless a record key has its name. `level`, `file`, `process` and `thread` are plain `str` or `int` with
attributes.
"""

from __future__ import annotations

import os
from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from logly.typing import Record

_SECOND = 1_000_000_000
_DEEPEST = 50


class RecordLevel(str):
    """A level's name, with its number and icon."""

    __slots__ = ("icon", "no")

    no: int
    icon: str

    @property
    def name(self) -> str:
        """The name as a plain `str`."""
        return str(self)


class RecordFile(str):
    """A file's base name, with its full path."""

    __slots__ = ("path",)

    path: str

    @property
    def name(self) -> str:
        """The base name as a plain `str`."""
        return str(self)


class RecordThread(int):
    """A thread's identifier, with its name."""

    name: str

    @property
    def id(self) -> int:
        """The identifier as a plain `int`."""
        return int(self)


class RecordProcess(int):
    """A process's identifier, with its name."""

    @property
    def id(self) -> int:
        """The identifier as a plain `int`."""
        return int(self)

    @property
    def name(self) -> str:
        """What `multiprocessing` calls the process; `MainProcess` where it is not in use."""
        import sys  # noqa: PLC0415 - asked for seldom

        multiprocessing = sys.modules.get("multiprocessing")
        return "MainProcess" if multiprocessing is None else multiprocessing.current_process().name


if TYPE_CHECKING:
    from typing import NamedTuple

    class RecordException(NamedTuple):
        """The exception of a record: its type, the exception, its traceback."""

        type: type[BaseException]
        value: BaseException
        traceback: TracebackType | None

else:
    RecordException = namedtuple("RecordException", ("type", "value", "traceback"))  # noqa: PYI024 - `typing` is an import
    RecordException.__doc__ = "The exception of a record: its type, the exception, its traceback."


class Message(str):
    """A finished line that carries its record."""

    __slots__ = ("record",)

    record: Record


def make(  # noqa: PLR0913, PLR0917 - called by the extension alone, with everything a record has
    time_ns: int,
    level_name: str,
    level_no: int,
    level_icon: str,
    message: str,
    module: str,
    function: str,
    path: str,
    line: int,
    thread_id: int,
    thread_name: str,
    start_ns: int,
    fields: dict[str, object],
    error: BaseException | None,
) -> dict[str, Any]:
    """Build the dict of one record."""
    from datetime import datetime, timedelta, timezone  # noqa: PLC0415 - a program without such sinks needs no datetime

    utc = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=time_ns // 1_000)
    extra = {name: _snapshot(value, 0) for name, value in fields.items()}
    return {
        **extra,
        "timestamp": utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z",
        "level": _level(level_name, level_no, level_icon),
        "message": message,
        "filename": path,
        "lineno": str(line),
        "function": function,
        "module": module,
        "extra": extra,
        "time": utc.astimezone(),
        "name": module,
        "line": line,
        "file": _file(path),
        "process": RecordProcess(os.getpid()),
        "thread": _thread(thread_id, thread_name),
        "elapsed": timedelta(seconds=max(time_ns - start_ns, 0) / _SECOND),
        "exception": None if error is None else RecordException(type(error), error, error.__traceback__),
    }


def _level(name: str, no: int, icon: str) -> RecordLevel:
    level = RecordLevel(name)
    level.no = no
    level.icon = icon
    return level


def _file(path: str) -> RecordFile:
    file = RecordFile(os.path.basename(path))  # noqa: PTH119 - pathlib is an import
    file.path = path
    return file


def _thread(ident: int, name: str) -> RecordThread:
    thread = RecordThread(ident)
    thread.name = name
    return thread


def _snapshot(value: object, depth: int) -> object:
    """Copy the built-in containers of *value*, so that changing them later changes no record."""
    if depth >= _DEEPEST:
        return value
    kind = type(value)
    if kind is dict:
        return {key: _snapshot(inner, depth + 1) for key, inner in value.items()}  # type: ignore[attr-defined]  # a dict
    if kind is list:
        return [_snapshot(inner, depth + 1) for inner in value]  # type: ignore[attr-defined]  # a list
    if kind is tuple:
        return tuple(_snapshot(inner, depth + 1) for inner in value)  # type: ignore[attr-defined]  # a tuple
    if kind is set:
        return set(value)  # type: ignore[call-overload]  # a set
    return value

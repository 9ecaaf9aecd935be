"""The record that filters, format functions, function sinks and captures see: a dict.

It has the keys `timestamp`, `level`, `message`, `filename`, `lineno`, `function`, `module`, `extra` and, for programs
written for Loguru's record, `time`, `name`, `line`, `file`, `process`, `thread`, `elapsed` and `exception`; every field
is a key too unless a record key has its name. `level`, `file`, `process` and `thread` are plain `str` or `int` with
attributes.
"""

from __future__ import annotations

import os
from collections import namedtuple
from datetime import datetime, timedelta, timezone

from logly import _logly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from logly.typing import Record

_SECOND = 1_000_000_000
_DEEPEST = 100


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


class RecordTime(datetime):
    """A time that `format` shows by the tokens of formats too: `f"{record['time']:HH:mm:ss}"`."""

    __slots__ = ()

    def __format__(self, spec: str, /) -> str:
        """Return the time by a pattern of tokens, or one of `strftime` if it has a `%`."""
        offset = self.utcoffset()
        if not spec or "%" in spec or offset is None:
            return super().__format__(spec)
        microseconds = -((_EPOCH - self) // timedelta(microseconds=1))
        return _logly._time_text(spec, microseconds * 1_000, int(offset.total_seconds()))  # noqa: SLF001 - of this package


class RecordThread(int):
    """A thread's identifier, with its name."""

    name: str

    @property
    def id(self) -> int:
        """The identifier as a plain `int`."""
        return int(self)


class RecordProcess(int):
    """A process's identifier, with its name."""

    known_name = ""

    @property
    def id(self) -> int:
        """The identifier as a plain `int`."""
        return int(self)

    @property
    def name(self) -> str:
        """What `multiprocessing` calls the process; `MainProcess` where it is not in use."""
        return self.known_name or process_name()


def process_name() -> str:
    """Return what `multiprocessing` calls this process; `MainProcess` where it is not in use."""
    import sys  # noqa: PLC0415 - asked for seldom

    multiprocessing = sys.modules.get("multiprocessing")
    return "MainProcess" if multiprocessing is None else str(multiprocessing.current_process().name)


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


class RecordedException(dict[str, object]):
    """The exception of a record that went to another thread, as in JSON, and with the key `traceback`: Python's text.

    The exception itself stayed where it was raised; `type`, `value` and `traceback` are the names and texts of it.
    """

    __slots__ = ()

    @property
    def type(self) -> str:
        """The name of its class."""
        return str(self.get("type", ""))

    @property
    def value(self) -> str:
        """What `str()` of it gave."""
        return str(self.get("message", ""))

    @property
    def traceback(self) -> str:
        """What Python prints for it."""
        return str(self["traceback"])


class ForeignDict(dict[str, "Any"]):
    """The record of another library, with the loggers that it came through."""

    __slots__ = ("trail",)

    def __init__(self, record: dict[str, Any], *, trail: str) -> None:
        super().__init__(record)
        self.trail = trail


class Message(str):
    """A finished line that carries its record."""

    __slots__ = ("record",)

    record: Record


_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


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
    error: BaseException | tuple[str, dict[str, object]] | None,
    origin: tuple[int, str, str] | None,
) -> dict[str, Any]:
    """Build the dict of one record.

    Without a thread name the thread is looked for; one that has ended has none. Of the exception of an encoded record
    there are its text and its dict. The origin of another library's record is its process, the name of that, and the
    loggers that it came through.
    """
    utc = _EPOCH + timedelta(microseconds=time_ns // 1_000)
    # Made last: what is reckoned with a subclass takes several times as long.
    local = utc.astimezone()
    extra = copied(fields)
    record = {
        **extra,
        "timestamp": utc.isoformat(timespec="milliseconds")[:-6] + "Z",
        "level": _level(level_name, level_no, level_icon),
        "message": message,
        "filename": path,
        "lineno": str(line),
        "function": function,
        "module": module,
        "extra": extra,
        "time": RecordTime.combine(local, local.timetz()),
        "name": module,
        "line": line,
        "file": _file(path),
        "process": _process(origin),
        "thread": _thread(thread_id, thread_name),
        "elapsed": timedelta(seconds=max(time_ns - start_ns, 0) / _SECOND),
        "exception": None if error is None else _exception(error),
    }
    return record if origin is None else ForeignDict(record, trail=origin[2])


def _exception(error: BaseException | tuple[str, dict[str, object]]) -> RecordException | RecordedException:
    if isinstance(error, tuple):
        text, described = error
        return RecordedException(described, traceback=text)
    return RecordException(type(error), error, error.__traceback__)


def _level(name: str, no: int, icon: str) -> RecordLevel:
    level = RecordLevel(name)
    level.no = no
    level.icon = icon
    return level


def _process(origin: tuple[int, str, str] | None) -> RecordProcess:
    if origin is None:
        return RecordProcess(os.getpid())
    process = RecordProcess(origin[0])
    process.known_name = origin[1]
    return process


def _file(path: str) -> RecordFile:
    file = RecordFile(os.path.basename(path))  # noqa: PTH119 - pathlib is an import
    file.path = path
    return file


def _thread(ident: int, name: str) -> RecordThread:
    thread = RecordThread(ident)
    thread.name = name or _name_of(ident)
    return thread


def _name_of(ident: int) -> str:
    import threading  # noqa: PLC0415 - a program without such sinks may need none

    return next((thread.name for thread in threading.enumerate() if thread.ident == ident), "")


def copied(fields: dict[str, Any]) -> dict[str, Any]:
    """Copy *fields* and the built-in containers in them, so that changing those later changes no record.

    Containers that occur more than once, or within themselves, do so in the copy. What lies deeper than 100 containers,
    and objects of other classes, stay as they are.
    """
    known: dict[int, object] = {}
    return {name: _copy(value, known, 0) if type(value) in _CONTAINERS else value for name, value in fields.items()}


_CONTAINERS = frozenset((dict, list, tuple, set))


def _copy(value: Any, known: dict[int, object], depth: int) -> object:  # noqa: ANN401 - one of four classes
    if depth >= _DEEPEST:
        return value
    if id(value) in known:
        return known[id(value)]
    # From a copy of the outermost layer, taken in one step: another thread may be changing the container.
    kind = type(value)
    layer = kind(value)
    known[id(value)] = layer
    if kind is dict:
        layer.update(
            (key, _copy(inner, known, depth + 1)) for key, inner in list(layer.items()) if type(inner) in _CONTAINERS
        )
    elif kind is list:
        layer[:] = [_copy(inner, known, depth + 1) if type(inner) in _CONTAINERS else inner for inner in layer]
    elif kind is tuple and any(type(inner) in _CONTAINERS for inner in value):
        known[id(value)] = layer = tuple(
            [_copy(inner, known, depth + 1) if type(inner) in _CONTAINERS else inner for inner in value]
        )
    return layer

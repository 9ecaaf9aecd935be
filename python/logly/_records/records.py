"""The record that filters, format functions, function sinks and captures see: a dict.

It has the keys `timestamp`, `level`, `message`, `filename`, `lineno`, `function`, `module` and `extra`. Programs
written for Loguru's record also find `time`, `name`, `line`, `file`, `process`, `thread`, `elapsed` and `exception`.
Every field is a key too, unless a record key has its name. `level`, `file`, `process` and `thread` are `str` or `int`
with attributes.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from logly import _logly
from logly._records.record_parts import RecordException, file_of, process_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import tzinfo
    from types import TracebackType
    from typing import Any, Union

    from logly.typing import Record

    _Error = Union[
        BaseException,
        tuple[type[BaseException], BaseException, Union[TracebackType, None]],
        tuple[str, dict[str, object]],
    ]

NAME, FILE_NAME, LEVEL_NAME, LEVEL_ICON, THREAD_NAME, PROCESS_NAME, PROCESS, ELAPSED = range(1, 9)
"""The extension's numbers of the parts that a program may set separately."""

_DEEPEST = 100
# The items that are copied for one record, and the cost of a container in items. 1 MiB of text has no more.
_MOST_ITEMS = 500_000
_OF_CONTAINER = 16


class RecordTime(datetime):
    """A time that `format` can also show by logly's time tokens: `f"{record['time']:HH:mm:ss}"`."""

    __slots__ = ()

    def __format__(self, spec: str, /) -> str:
        """Return the time formatted by a pattern of tokens, or by `strftime` if the pattern has a `%`."""
        offset = self.utcoffset()
        if not spec or "%" in spec or offset is None:
            return super().__format__(spec)
        microseconds = -((_EPOCH - self) // timedelta(microseconds=1))
        return _logly._time_text(spec, microseconds * 1_000, int(offset.total_seconds()))


class RecordedException(dict[str, object]):
    """An exception that is known only as text: the dict has the keys of JSON, and under `traceback` Python's text.

    `type`, `value` and `traceback` return its class name and texts.
    """

    __slots__ = ()

    @property
    def type(self) -> str:
        """The name of its class."""
        return str(self.get("type", ""))

    @property
    def value(self) -> str:
        """The text of the exception, from `str()`."""
        return str(self.get("message", ""))

    @property
    def traceback(self) -> str:
        """The text that Python prints for it."""
        return str(self["traceback"])


class ForeignDict(dict[str, "Any"]):
    """The record of another library, with the loggers that it came through."""

    __slots__ = ("trail",)

    def __init__(self, record: dict[str, Any], trail: str) -> None:
        super().__init__(record)
        self.trail = trail


class Message(str):
    """A finished line that carries its record."""

    __slots__ = ("record",)

    record: Record


def message_with(text: str, record: Record) -> Message:
    """Return a finished line that carries its record."""
    message = Message(text)
    message.record = record
    return message


_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def local(second: int) -> tuple[bytes, tzinfo | None]:
    """Return a second since 1970 in local time: the state and the zone that a `datetime` is unpickled from."""
    at = (_EPOCH + timedelta(seconds=second)).astimezone()
    # From protocol 4 on, the state says whether the time comes again.
    made_from: Any = at.__reduce_ex__(4)[1]
    return made_from[0], at.tzinfo


def exception_of(error: _Error) -> RecordException | RecordedException:
    """Make the exception of a record from an exception, from its triple, or from its text and its dict."""
    if isinstance(error, BaseException):
        return RecordException(type(error), error, error.__traceback__)
    if len(error) == 2:  # noqa: PLR2004 - a text and a dict
        text, described = error
        return RecordedException(described, traceback=text)
    return RecordException(*error)


def name_of_thread(ident: int) -> str:
    """Return the name of a thread; a thread that has ended has none."""
    import threading  # a program without such sinks may need none

    return next((thread.name for thread in threading.enumerate() if thread.ident == ident), "")


def put_set(record: Record, parts: dict[int, str]) -> None:
    """Put the parts that the program set into the dict of a record."""
    if NAME in parts:
        record["name"] = parts[NAME]
    if FILE_NAME in parts:
        record["file"] = file_of(parts[FILE_NAME], record["filename"])
    if PROCESS in parts or PROCESS_NAME in parts:
        process = record["process"]
        name = parts.get(PROCESS_NAME) or vars(process).get("name", "")
        record["process"] = process_of(int(parts[PROCESS]) if PROCESS in parts else process.id, name)
    if ELAPSED in parts:
        record["elapsed"] = timedelta(microseconds=int(parts[ELAPSED]) // 1_000)


def copied(fields: dict[str, Any]) -> dict[str, Any]:
    """Copy *fields* and the built-in containers in them, so that changing those later changes no record.

    Containers that occur more than once, or within themselves, do so in the copy too. Containers nested deeper than
    100, or after half a million items, and objects of other classes are not copied.
    """
    copy: _Copy | None = None
    held = {}
    for name, value in fields.items():
        if type(value) in _CONTAINERS:
            copy = copy or _Copy()
            held[name] = copy.of(value, 0)
        else:
            held[name] = value
    return held


_CONTAINERS = frozenset((dict, list, tuple, set))


class _Copy:
    """The copying of one record's fields, with limits."""

    __slots__ = ("known", "left")

    def __init__(self) -> None:
        self.known: dict[int, object] = {}
        self.left = _MOST_ITEMS

    def of(self, value: Any, depth: int) -> object:
        known = self.known
        if id(value) in known:
            return known[id(value)]
        self.left -= len(value) + _OF_CONTAINER
        if depth >= _DEEPEST or self.left < 0:
            return value
        # Works on a copy of the outermost layer, made in one step, because another thread may change the container.
        kind = type(value)
        layer = kind(value)
        known[id(value)] = layer
        deeper = depth + 1
        if kind is dict:
            layer.update(
                (key, self.of(inner, deeper)) for key, inner in list(layer.items()) if type(inner) in _CONTAINERS
            )
        elif kind is list:
            layer[:] = [self.of(inner, deeper) if type(inner) in _CONTAINERS else inner for inner in layer]
        elif kind is tuple and any(type(inner) in _CONTAINERS for inner in value):
            known[id(value)] = layer = tuple(
                [self.of(inner, deeper) if type(inner) in _CONTAINERS else inner for inner in value]
            )
        return layer

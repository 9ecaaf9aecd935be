"""The record as Loguru's programs know it: objects with attributes for its level, file, thread, process and exception.

Filters and patchers may set these attributes. The objects tell which attributes were set, so that the record can take
them over.
"""

from __future__ import annotations

from datetime import timedelta

from logly import _logly
from logly._records.record_parts import RecordException, process_name
from logly._records.records import ELAPSED, FILE_NAME, NAME, PROCESS, PROCESS_NAME, RecordedException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Union

    _Error = Union[
        BaseException,
        tuple[type[BaseException], BaseException, Union[TracebackType, None]],
        tuple[str, dict[str, object]],
        None,
    ]

MODULE = 9
"""The extension's number of the module, which is the file's name without its suffix."""


class _Part:
    """The base class of the parts, whose attributes are slots. Setting one is noted for the extension."""

    __slots__ = ("_before",)
    _before: tuple[Any, ...]

    def __init__(self, *values: object) -> None:
        names = self.__slots__
        for name, value in zip(names, values):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_before", values)

    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)
        _logly._touch_record()

    def __repr__(self) -> str:
        """Show the attributes."""
        return "(" + ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__) + ")"

    def __format__(self, spec: str) -> str:
        """Format the attribute that stands for the part in a message: its name or its number."""
        return format(self._main(), spec)

    def _main(self) -> Any:
        return getattr(self, self.__slots__[0])

    def __reduce__(self) -> tuple[Any, ...]:
        """Return the class and the attributes."""
        return type(self), tuple(getattr(self, name) for name in self.__slots__)

    def __eq__(self, other: object) -> bool:
        """Compare the attributes."""
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    def __hash__(self) -> int:
        """Return the hash of the attributes."""
        return hash(tuple(getattr(self, name) for name in self.__slots__))


class RecordLevel(_Part):
    """A level's name, number and icon."""

    __slots__ = ("name", "no", "icon")  # noqa: RUF023 - the order of `repr`
    name: str
    no: int
    icon: str


class RecordFile(_Part):
    """A file's base name and its full path."""

    __slots__ = ("name", "path")
    name: str
    path: str


class RecordThread(_Part):
    """A thread's identifier and its name."""

    __slots__ = ("id", "name")
    id: int
    name: str


class RecordProcess(_Part):
    """A process's identifier and its name."""

    __slots__ = ("id", "name")
    id: int
    name: str


def process_of(ident: int, name: str = "") -> RecordProcess:
    """Make the process of a record; without a name it has the name that `multiprocessing` gives this process."""
    return RecordProcess(ident, name or process_name())


def exception_of(error: _Error) -> RecordException | RecordedException:
    """Make the exception of a record from an exception, from its triple, from its text and its dict, or from none."""
    if error is None:
        return RecordException(None, None, None)  # type: ignore[arg-type]  # as Loguru shows that none is handled
    if isinstance(error, BaseException):
        return RecordException(type(error), error, error.__traceback__)
    if len(error) == 2:  # noqa: PLR2004 - a text and a dict
        text, described = error
        return RecordedException(described, traceback=text)
    return RecordException(*error)


def set_parts(part: object) -> dict[str, Any]:
    """Return the attributes of a part that were set, with their values."""
    if not isinstance(part, _Part):
        return {}
    known = zip(part.__slots__, part._before)
    return {name: getattr(part, name) for name, before in known if getattr(part, name) is not before}


def put_set(record: dict[str, Any], parts: dict[int, str]) -> None:
    """Put the parts that the program set into the dict of a record."""
    if NAME in parts:
        record["name"] = parts[NAME]
    if MODULE in parts:
        record["module"] = parts[MODULE]
    if FILE_NAME in parts:
        record["file"] = RecordFile(parts[FILE_NAME], record["file"].path)
    if PROCESS in parts or PROCESS_NAME in parts:
        process = record["process"]
        ident = int(parts[PROCESS]) if PROCESS in parts else process.id
        record["process"] = RecordProcess(ident, parts.get(PROCESS_NAME) or process.name)
    if ELAPSED in parts:
        record["elapsed"] = timedelta(microseconds=int(parts[ELAPSED]) // 1_000)

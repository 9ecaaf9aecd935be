"""Types of records, as functions and callbacks of a program get them; `logly.typing` has them too."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypedDict, Union

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from typing_extensions import NotRequired, TypeAlias

    from logly._records.record_parts import RecordException, RecordFile, RecordLevel, RecordProcess, RecordThread
    from logly._records.records import RecordedException

Record: TypeAlias = dict[str, Any]
"""The record as Python code sees it. `RecordKeys` lists its keys; every field is a key too."""

Patcher: TypeAlias = Callable[[Record], object]
"""Takes a record and may change it. Its result is ignored."""


class _CommonKeys(TypedDict):
    """The keys that records and the dicts of callbacks have in common."""

    timestamp: str
    """ISO 8601 in UTC with milliseconds and `Z`."""
    message: str
    """The rendered message."""
    filename: str
    """The full path of the caller's file."""
    lineno: str
    function: str
    module: str
    """The caller's `__name__`."""
    extra: dict[str, Any]
    """All fields."""


class RecordKeys(_CommonKeys):
    """The keys every record has."""

    level: RecordLevel
    """The level's name, with the attributes `.no` and `.icon`."""
    time: datetime
    """The same instant, aware, in local time."""
    name: str
    line: int
    file: RecordFile
    process: RecordProcess
    thread: RecordThread
    elapsed: timedelta
    """Since the logger was made."""
    exception: RecordException | RecordedException | None
    """For a record that another library made, it may hold only names and texts."""


class Line(str):
    """The line a sink gets: a `str` with its record."""

    __slots__ = ()
    record: Record
    """The record the line was made from."""


class CallbackRecord(_CommonKeys):
    """The keys of the dict that a callback gets. Every field is a key too, unless its name is one of these."""

    level: str
    exception: NotRequired[dict[str, Any]]
    """Present only if there is one: its parts, as in JSON lines, and `traceback`, its text."""


Callback: TypeAlias = Union[Callable[[dict[str, Any]], object], Callable[[CallbackRecord], object]]
"""A function or coroutine function that takes a record as callbacks get it; `CallbackRecord` lists its keys."""

"""Changes that a patcher, a filter or a format function made to a record.

Each key is handled by itself: an unusable value is ignored and reported, and the other changes apply.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone

from logly._records.record_parts import set_parts
from logly._records.records import ELAPSED, FILE_NAME, LEVEL_ICON, LEVEL_NAME, NAME, PROCESS, PROCESS_NAME, THREAD_NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Set as AbstractSet
    from typing import Any

    from logly.typing import Record

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_MISSING = object()
_LARGEST_LINE = 2**32 - 1
_LARGEST_IDENT = 2**64 - 1


class Changes:
    """The changed parts of a record; None for an unchanged part."""

    def __init__(self, before: Record) -> None:
        self.before = before
        self.fields: dict[str, object] = {}
        self.same: list[str] = []
        """The names of fields whose values are the same objects as before."""
        self.message: str | None = None
        self.level: object = None
        self.level_no: int | None = None
        self.time_ns: int | None = None
        self.place: list[str] = [before["module"], before["function"], before["filename"]]
        self.line: int = before["line"]
        self.has_place = False
        self.thread: int | None = None
        self.has_exception = False
        self.exception: object = None
        self.has_stack = False
        self.stack: str | None = None
        self.parts: dict[int, str] = {}
        self.refused: list[tuple[str, str, str]] = []
        """Keys with unusable values: the key, the expected value, and the given type."""

    def refuse(self, key: str, expected: str, value: object) -> None:
        """Note that a key was set to an unusable value."""
        self.refused.append((key, expected, type(value).__name__))


def changes(before: Record, extra: dict[str, object], record: Record) -> Changes:
    """Return the changes in *record*, given earlier copies of it and of its fields."""
    found = Changes(before)
    stack = _own_stack(before, extra)
    _take_fields(found, extra, record, _TAKERS.keys() | ({"extra"} if stack is None else {"extra", "stack"}))
    take_parts(found, _TAKERS, before, record, set_parts)
    if stack is not None:
        _take_stack(found, record.get("stack"))
    return found


def take_parts(
    found: Changes,
    takers: dict[str, tuple[str, Callable[[Changes, Any], None]]],
    before: Record | dict[str, Any],
    record: Record | dict[str, Any],
    set_parts: Callable[[Any], object],
) -> None:
    """Take the keys that were set, or whose objects say that an attribute was set."""
    for key, (expected, take) in takers.items():
        value = record.get(key, _MISSING)
        if value is _MISSING or (value is before.get(key, _MISSING) and not set_parts(value)):
            continue
        try:
            take(found, value)
        except Exception:  # raised by the program's value
            found.refuse(key, expected, value)


def _take_fields(found: Changes, extra: dict[str, object], record: Record, keys: AbstractSet[str]) -> None:
    """Take the fields from `extra`, or from the top level if the change was made there."""
    now = record.get("extra", extra)
    if not isinstance(now, dict):
        found.refuse("extra", "a dict", now)
        now = extra
    for name, value in now.items():
        if value is not extra.get(name, _MISSING):
            found.fields[name] = value
            continue
        outer = value if name in keys else record.get(name, _MISSING)
        if outer is value:
            found.same.append(name)
        if outer is not _MISSING:
            found.fields[name] = outer
    for name, value in record.items():
        if name not in found.before and name not in keys:
            found.fields.setdefault(name, value)


def _take_message(found: Changes, value: Any) -> None:
    found.message = str(value)


def _take_time(found: Changes, value: Any) -> None:
    if isinstance(value, str):
        value = datetime.fromisoformat(value[:-1] + "+00:00" if value.endswith("Z") else value)
    # A time without an offset is local time.
    found.time_ns = _within(63, (value.astimezone(timezone.utc) - _EPOCH) // _MICROSECOND * 1000)


def _take_level(found: Changes, value: Any) -> None:
    known = found.before["level"]
    if value is not known and isinstance(value, (str, int)):
        found.level = value
    if value is known or isinstance(value, str):
        parts = set_parts(value)
    else:
        parts = {name: getattr(value, name) for name in ("name", "no", "icon") if hasattr(value, name)}
        if not parts and not isinstance(value, int):
            raise TypeError
    if "no" in parts:
        found.level_no = _within(31, int(parts["no"]))
        # Name and icon stay as they are when only the number was set.
        parts = {"name": known, "icon": known.icon, **parts}
    elif "name" in parts and value is not known:
        found.level = str(parts.pop("name"))
    _set(found, parts, name=LEVEL_NAME, icon=LEVEL_ICON)


def _take_name(found: Changes, value: Any) -> None:
    found.parts[NAME] = str(value)


def _take_module(found: Changes, value: Any) -> None:
    # Without this, `name` would follow the module.
    found.parts.setdefault(NAME, str(found.before["name"]))
    _put(found, 0, value)


def _take_function(found: Changes, value: Any) -> None:
    _put(found, 1, value)


def _take_path(found: Changes, value: Any) -> None:
    _put(found, 2, os.fspath(value))


def _take_file(found: Changes, value: Any) -> None:
    parts = set_parts(value)
    if value is not found.before["file"]:
        path = getattr(value, "path", None)
        _take_path(found, value if path is None else path)
        if path is not None:
            parts.setdefault("name", getattr(value, "name", os.path.basename(path)))
    elif "path" in parts:
        _take_path(found, parts["path"])
        parts.setdefault("name", os.path.basename(parts["path"]))
    _set(found, parts, name=FILE_NAME)


def _take_line(found: Changes, value: Any) -> None:
    line = int(value)
    if not 0 <= line <= _LARGEST_LINE:
        raise ValueError
    found.line, found.has_place = line, True


def _take_thread(found: Changes, value: Any) -> None:
    parts = _parts_of(value, found.before["thread"])
    if "id" in parts:
        found.thread = int(parts["id"]) & _LARGEST_IDENT
        parts.setdefault("name", found.before["thread"].name)
    _set(found, parts, name=THREAD_NAME)


def _take_process(found: Changes, value: Any) -> None:
    parts = _parts_of(value, found.before["process"])
    if "id" in parts:
        parts["id"] = int(parts["id"])
        if not 0 <= parts["id"] <= _LARGEST_LINE:
            raise ValueError
        parts.setdefault("name", found.before["process"].name)
    _set(found, parts, name=PROCESS_NAME, id=PROCESS)


def _take_elapsed(found: Changes, value: Any) -> None:
    elapsed = value if isinstance(value, timedelta) else timedelta(seconds=value)
    found.parts[ELAPSED] = str(_within(63, elapsed // _MICROSECOND * 1000))


def _take_exception(found: Changes, value: Any) -> None:
    if isinstance(value, tuple):
        value = _triple(value)
    elif value is not None and not isinstance(value, BaseException):
        raise TypeError
    found.has_exception, found.exception = True, value


def _triple(value: tuple[Any, ...]) -> tuple[object, ...] | None:
    kind, error, traceback = value
    if kind is None and error is None:
        return None
    if error is None:
        error = kind()
    if not isinstance(error, BaseException):
        raise TypeError
    # This raises for any value but a traceback, without changing the exception.
    BaseException().with_traceback(traceback)
    return type(error), error, traceback


def _own_stack(before: Record, extra: dict[str, object]) -> object:
    """Return the stack of a record, or None; a field named `stack` does not count."""
    stack = before.get("stack")
    return None if stack is extra.get("stack") else stack


def _take_stack(found: Changes, value: object) -> None:
    found.has_stack = value is not found.before["stack"]
    if found.has_stack and value is not None:
        found.stack = str(value)


def _put(found: Changes, index: int, value: object) -> None:
    found.place[index] = str(value)
    found.has_place = True


def _parts_of(value: Any, known: object) -> dict[str, Any]:
    """Return the number and name that were set: by a number, a text, or an object with these attributes."""
    if value is known:
        return set_parts(value)
    parts = {name: getattr(value, name) for name in ("id", "name") if hasattr(value, name)}
    if not parts:
        parts = {"name" if isinstance(value, str) else "id": value}
    return parts


def _set(found: Changes, parts: dict[str, Any], **numbers: int) -> None:
    found.parts.update((number, str(parts[name])) for name, number in numbers.items() if name in parts)


def _within(bits: int, number: int) -> int:
    if number.bit_length() > bits:
        raise OverflowError
    return number


_TEXT = "what str() takes"
_TAKERS: dict[str, tuple[str, Callable[[Changes, Any], None]]] = {
    "message": (_TEXT, _take_message),
    "timestamp": ("an ISO 8601 time", _take_time),
    "time": ("a datetime", _take_time),
    "level": ("a level's name or number, or an object with name and no", _take_level),
    "module": (_TEXT, _take_module),
    "name": (_TEXT, _take_name),
    "function": (_TEXT, _take_function),
    "file": ("a path, or an object with path", _take_file),
    "filename": ("a path", _take_path),
    "lineno": ("a line's number", _take_line),
    "line": ("a line's number", _take_line),
    "thread": ("a number, a name, or an object with id and name", _take_thread),
    "process": ("a number, a name, or an object with id and name", _take_process),
    "elapsed": ("a timedelta or seconds", _take_elapsed),
    "exception": ("an exception, None, or what sys.exc_info() returns", _take_exception),
}

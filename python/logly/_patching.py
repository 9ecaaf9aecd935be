"""Calling a patcher, and finding out what it changed."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from logly.typing import Patcher, Record

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_MISSING = object()

_RECORD_KEYS = frozenset(
    {
        "timestamp",
        "level",
        "message",
        "filename",
        "lineno",
        "function",
        "module",
        "extra",
        "time",
        "name",
        "line",
        "file",
        "process",
        "thread",
        "elapsed",
        "exception",
        "stack",
    }
)


class _Changes:
    """What became of a record; None where a part of it is as it was."""

    __slots__ = ("exception", "fields", "has_exception", "level", "message", "place", "same", "time_ns")

    fields: dict[str, object]
    same: list[str]
    message: str | None
    level: str | int | None
    time_ns: int | None
    place: tuple[list[str], int] | None
    has_exception: bool
    exception: BaseException | None


def patch(patcher: Patcher, record: Record) -> _Changes:
    """Call *patcher* with *record* and return what it changed."""
    before = record.copy()
    extra = record["extra"].copy()
    patcher(record)
    changes = _Changes()
    changes.fields, changes.same = _fields(before, extra, record)
    message = record["message"]
    changes.message = None if message is before["message"] else str(message)
    level = record["level"]
    changes.level = None if level is before["level"] else _level(level)
    time = record["time"]
    changes.time_ns = None if time is before["time"] else (time - _EPOCH) // _MICROSECOND * 1000
    changes.place = _place(before, record)
    error = record["exception"]
    changes.has_exception = error is not before["exception"]
    changes.exception = _exception(error) if changes.has_exception else None
    return changes


def _fields(before: Record, extra: dict[str, object], record: Record) -> tuple[dict[str, object], list[str]]:
    """Return the fields: as `extra` has them, or the top level where the change is there."""
    fields: dict[str, object] = {}
    same = []
    for name, value in record["extra"].items():
        if value is not extra.get(name, _MISSING):
            fields[name] = value
            continue
        outer = value if name in _RECORD_KEYS else record.get(name, _MISSING)
        if outer is value:
            same.append(name)
        if outer is not _MISSING:
            fields[name] = outer
    for name, value in record.items():
        if name not in _RECORD_KEYS and name not in before:
            fields.setdefault(name, value)
    return fields, same


def _level(level: Any) -> str | int:  # noqa: ANN401 - whatever the patcher put there
    if isinstance(level, (str, int)):
        return level
    return str(level.name)


def _place(before: Record, record: Record) -> tuple[list[str], int] | None:
    def changed(*names: str) -> Any:  # noqa: ANN401 - as above
        return next((record[name] for name in names if record[name] is not before[name]), before[names[0]])

    path = changed("filename", "file")
    texts = [str(text) for text in (changed("module", "name"), record["function"], getattr(path, "path", path))]
    line = int(changed("line", "lineno"))
    is_same = texts == [before["module"], before["function"], before["filename"]] and line == before["line"]
    return None if is_same else (texts, line)


def _exception(error: Any) -> BaseException | None:  # noqa: ANN401 - as above
    value = error[1] if isinstance(error, tuple) else error
    if value is None or isinstance(value, BaseException):
        return value
    message = f"exception: expected an exception or None, got {value!r}"
    raise TypeError(message)

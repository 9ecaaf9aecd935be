"""Changes that a patcher, a filter or a format function made to a record of this dialect.

The result has the form of `logly._records.patching`. A key that Loguru's record does not have becomes a field, so that
formats can show it.
"""

from __future__ import annotations

import os

from logly._records import patching
from logly._records.patching import Changes
from logly._records.records import FILE_NAME, LEVEL_ICON, LEVEL_NAME, NAME, PROCESS, PROCESS_NAME, THREAD_NAME
from logly.loguru._records import MODULE, set_parts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_MISSING = object()


def changes(before: dict[str, Any], extra: dict[str, object], record: dict[str, Any]) -> Changes:
    """Return the changes in *record*, given earlier copies of it and of its fields."""
    # The place as the encoded record has it: module, function and path.
    place = {**before, "module": before["name"], "filename": _path_of(before["file"])}
    found = Changes(place)
    found.before = before
    _take_fields(found, extra, record)
    patching.take_parts(found, _TAKERS, before, record, set_parts)
    return found


def _path_of(file: Any) -> str:
    before = getattr(file, "_before", None)
    return str(before[1] if before else file)


def _take_fields(found: Changes, extra: dict[str, object], record: dict[str, Any]) -> None:
    now = record.get("extra", extra)
    if not isinstance(now, dict):
        found.refuse("extra", "a dict", now)
        now = extra
    for name, value in now.items():
        found.fields[name] = value
        if value is extra.get(name, _MISSING):
            found.same.append(name)
    for name, value in record.items():
        if name not in found.before and name not in _TAKERS and name != "extra":
            found.fields.setdefault(name, value)


def _attributes(value: Any, known: Any, *names: str) -> dict[str, Any]:
    """Return the attributes that were set: of the record's own object, or of one that replaces it."""
    if value is known:
        return set_parts(value)
    return {name: getattr(value, name) for name in names if hasattr(value, name)}


def _take_level(found: Changes, value: Any) -> None:
    known = found.before["level"]
    if isinstance(value, (str, int)):
        found.level = value
        return
    parts = _attributes(value, known, "name", "no", "icon")
    if not parts:
        raise TypeError
    if "no" in parts:
        found.level_no = int(parts["no"])
        parts = {"name": known.name, "icon": known.icon, **parts}
    patching._set(found, parts, name=LEVEL_NAME, icon=LEVEL_ICON)


def _take_name(found: Changes, value: Any) -> None:
    found.parts[NAME] = str(value)


def _take_module(found: Changes, value: Any) -> None:
    found.parts[MODULE] = str(value)


def _take_file(found: Changes, value: Any) -> None:
    parts = _attributes(value, found.before["file"], "name", "path")
    if not parts:
        parts = {"path": os.fspath(value), "name": os.path.basename(value)}
    if "path" in parts:
        # The module stays, although it follows from the file.
        found.parts.setdefault(MODULE, str(found.before["module"]))
        patching._put(found, 2, os.fspath(parts["path"]))
        parts.setdefault("name", found.before["file"].name)
    patching._set(found, parts, name=FILE_NAME)


def _take_thread(found: Changes, value: Any) -> None:
    known = found.before["thread"]
    parts = _attributes(value, known, "id", "name") or patching._parts_of(value, known)
    if "id" in parts:
        found.thread = int(parts["id"]) & patching._LARGEST_IDENT
        parts.setdefault("name", known.name)
    patching._set(found, parts, name=THREAD_NAME)


def _take_process(found: Changes, value: Any) -> None:
    known = found.before["process"]
    parts = _attributes(value, known, "id", "name") or patching._parts_of(value, known)
    if "id" in parts:
        parts["id"] = int(parts["id"])
        if not 0 <= parts["id"] <= patching._LARGEST_LINE:
            raise ValueError
        parts.setdefault("name", known.name)
    patching._set(found, parts, name=PROCESS_NAME, id=PROCESS)


_TAKERS: dict[str, tuple[str, Callable[[Changes, Any], None]]] = {
    **{key: patching._TAKERS[key] for key in ("message", "time", "function", "line", "elapsed", "exception")},
    "level": ("a level's name or number, or an object with name and no", _take_level),
    "name": (patching._TEXT, _take_name),
    "module": (patching._TEXT, _take_module),
    "file": ("a path, or an object with path", _take_file),
    "thread": ("a number, a name, or an object with id and name", _take_thread),
    "process": ("a number, a name, or an object with id and name", _take_process),
}

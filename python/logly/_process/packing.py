"""Packs the state of the global logger for processes that take it over.

Values of builtin types travel as they are. Any other value is pickled by itself, so that one that cannot be read later
is left out alone. Functions, callbacks and sinks that would write into the memory of this process stay here: the other
process sends its records to the intake. If a value cannot travel at all, the first process that takes over the logger
names it on standard error.
"""

from __future__ import annotations

import io
import os
import pickle
import sys
import types

from logly import _logly
from logly._process import intake, telling
from logly._process.feed import RemoteSink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    _Listed = tuple[int, object, dict[str, Any] | None, str | None, int | None, bool]
    """A sink or callback: id, object, options, the folder of relative paths, level, and whether it is enabled."""

VERSION = 3
"""The version of the packed form."""

PROTOCOL = 4
"""Every Python that logly supports reads this form of pickles."""

STREAMS = ("stdout", "stderr", "__stdout__", "__stderr__")
"""Streams of `sys`, for which the other process has its own."""

_PLAIN = (str, bytes, int, float, bool, type(None))

_MOST_LEVELS = 20
"""How deep values of builtin types may be nested and still travel as they are."""

_FOR_ARCHIVES = ("rotation", "retention", "compression")
"""Options without which a file still gets the same lines."""

_OF_QUEUES = (
    *("name", "level", "filter_min_level", "backtrace", "diagnose"),
    *("overflow", "block_timeout", "buffer_size", "max_buffered_lines"),
)
"""Options that matter to a process that sends its records to the sink here."""

_OF_THIS_PROCESS = ("loop", "context", "mode")
"""Options that mean nothing in the other process, which appends to the files."""

_OWN_PICKLING = ("__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__getnewargs__")


class StaysError(Exception):
    """A value cannot travel; the text is the reason."""


def packed() -> bytes:
    """Return the state of the global logger; no bytes if no process is to take it over.

    The start of a process never fails because of this.
    """
    try:
        main = sys.modules.get("logly.logger")
        state = None if main is None else _logly._state(main.logger)
        return b"" if state is None else pickle.dumps(_pack(state), PROTOCOL)
    except Exception as error:
        _logly._tell_failure(error, "passing the logger on to another process", "; it starts with one of its own")
        return b""


def _pack(state: tuple[dict[str, Any], list[Any], list[Any], bool]) -> dict[str, Any]:
    settings, sinks, callbacks, is_enabled = state
    left_out: list[str] = []
    return {
        "version": VERSION,
        "settings": _settings(settings, left_out),
        "sinks": [packed for sink in sinks if (packed := _sink(sink, left_out)) is not None],
        "callbacks": [packed for callback in callbacks if (packed := _callback(callback, left_out)) is not None],
        "enabled": is_enabled,
        "left_out": left_out,
        "board": telling.board(),
    }


def _settings(settings: dict[str, Any], left_out: list[str]) -> dict[str, Any]:
    found = dict(settings)
    extra = found.pop("extra", None)
    context = found.pop("context", None)
    packed = _each(found, "configure({})".format, left_out)
    if extra is not None:
        packed["extra"] = _each(extra, "the field {} of configure(extra=)".format, left_out)
    if context is not None:
        packed["context"] = _context(context, left_out)
    return packed


def _context(sources: dict[str, Any], left_out: list[str]) -> dict[str, Any]:
    """Pack the field sources: for each the module and name of its variable, and its function if it has one."""
    packed = {}
    for key, source in sources.items():
        is_from_var = isinstance(source, _logly.FromVar)
        variable = source._variable if is_from_var else source
        try:
            function = _value(source._function) if is_from_var else None
        except StaysError as error:
            left_out.append(_line(f"the field {key} of configure(context=)", "without it", error))
            continue
        place = _place_of(variable)
        if place is None:
            reason = StaysError(f"no module has the variable {variable.name!r} under a name")
            left_out.append(_line(f"the field {key} of configure(context=)", "without it", reason))
        else:
            packed[key] = (*place, function)
    return packed


def _place_of(variable: object) -> tuple[str, str] | None:
    """Return the module and the name under which another process finds a context variable."""
    modules = [(name, vars(module)) for name, module in list(sys.modules.items()) if type(module) is types.ModuleType]
    known = getattr(variable, "name", "")
    own = ((module, known) for module, values in modules if values.get(known) is variable)
    others = ((module, name) for module, values in modules for name, value in list(values.items()) if value is variable)
    return next(own, None) or next(others, None)


def _each(values: dict[str, Any], name: Callable[[str], str], left_out: list[str]) -> dict[str, Any]:
    packed = {}
    for key, value in values.items():
        found = _value_or_reason(value)
        if isinstance(found, tuple):
            packed[key] = found
        else:
            left_out.append(_line(name(key), "without it", found))
    return packed


def _sink(listed: _Listed, left_out: list[str]) -> dict[str, Any] | None:
    number, sink, options, folder, level, is_enabled = listed
    packed: dict[str, Any] = {"id": number, "level": level, "enabled": is_enabled, "sink": None}
    if options is None:
        return packed
    without: list[str] = []
    try:
        packed["sink"] = _destination(sink, folder)
        packed["options"] = _options(number, options, without)
    except StaysError as error:
        return _fed(f"sink {number}", listed, error, left_out)
    left_out += without
    return packed


def _callback(listed: _Listed, left_out: list[str]) -> dict[str, Any] | None:
    return _fed(f"callback {listed[0]}", listed, StaysError("it belongs to this process"), left_out)


def _fed(what: str, listed: _Listed, reason: StaysError, left_out: list[str]) -> dict[str, Any] | None:
    """Pack a sink or callback that stays here, and to which the other process sends its records."""
    number, sink, options, _, level, is_enabled = listed
    try:
        # A worker of a worker sends to the process that has the sink.
        place = (sink.address, sink.number) if isinstance(sink, RemoteSink) else (intake.address(), number)
        kept = {name: value for name, value in (options or {}).items() if name in _OF_QUEUES}
        options = _options(number, kept, left_out)
    except StaysError as error:
        reason = error
    except (ImportError, AttributeError, OSError, RuntimeError) as error:
        reason = StaysError(f"{reason}, and no socket leads to it: {error}")
    else:
        found = {"id": number, "level": level, "enabled": is_enabled, "name": _name(sink), "options": options}
        return {**found, "sink": ("parent", place)}
    left_out.append(_line(f"{what} ({_name(sink)})", "without it", reason))
    return None


def _options(number: int, options: dict[str, Any], left_out: list[str]) -> dict[str, Any]:
    packed = {}
    for name, value in options.items():
        if name in _OF_THIS_PROCESS:
            continue
        found = _value_or_reason(value)
        if isinstance(found, tuple):
            packed[name] = found
        elif name in _FOR_ARCHIVES:
            what = f"{name}={_name(value)} of sink {number}"
            left_out.append(_line(what, "to the file without this option", found))
        else:
            message = f"{name}={_name(value)}: {found}"
            raise StaysError(message)
    return packed


def _destination(sink: object, folder: str | None) -> tuple[Any, ...]:
    for name in STREAMS:
        if sink is not None and getattr(sys, name, None) is sink:
            return "stream", name
    path = os.fspath(sink) if isinstance(sink, os.PathLike) else sink
    if not isinstance(path, str):
        return _shared(sink)
    is_path = isinstance(sink, os.PathLike) or _logly._path_of_sink(path) is not None
    if is_path and folder is not None:
        path = os.path.join(folder, os.path.expanduser(path))
    return "plain", path


def _shared(value: object) -> tuple[Any, ...]:
    """Pack an object whose lines go somewhere else than into its own memory.

    Raises:
        StaysError: A copy of it would keep the lines for itself.
    """
    if not _is_made_to_travel(value):
        message = "it belongs to this process"
        raise StaysError(message)
    return _value(value)


def _is_made_to_travel(value: object) -> bool:
    """Tell whether the class of an object says how it is pickled. Functions stay, with the memory that they change."""
    kind = type(value)
    if isinstance(value, io.IOBase) or kind.__module__ in {"builtins", "collections", "io", "_io"}:
        return False
    own = [vars(base) for base in kind.__mro__ if base is not object]
    return any(name in names for names in own for name in _OWN_PICKLING)


def _value(value: object) -> tuple[Any, ...]:
    """Pack one value.

    Raises:
        StaysError: It cannot be pickled.
    """
    if _is_plain(value, _MOST_LEVELS):
        return "plain", value
    pickles, reason = [], ""
    try:
        pickles.append(pickle.dumps(value, PROTOCOL))
    except Exception as error:
        reason = f"it cannot be pickled: {type(error).__name__}: {error}"
    pickles += _by_value(value, is_needed=not pickles)
    if not pickles:
        raise StaysError(reason)
    return "pickled", pickles, _name(value)


def _value_or_reason(value: object) -> tuple[Any, ...] | StaysError:
    try:
        return _value(value)
    except StaysError as error:
        return error


def _by_value(value: object, *, is_needed: bool) -> list[bytes]:
    """Return a pickle with the function itself, if the program loaded cloudpickle, as users of loky and dask do."""
    cloudpickle = sys.modules.get("cloudpickle")
    if cloudpickle is None or not (is_needed or getattr(value, "__module__", None) == "__main__"):
        return []
    try:
        return [cloudpickle.dumps(value, protocol=PROTOCOL)]
    except Exception:
        return []


def _is_plain(value: object, levels: int) -> bool:
    if type(value) in _PLAIN:
        return True
    if levels == 0:
        return False
    if type(value) is dict:
        return all(_is_plain(item, levels - 1) for pair in value.items() for item in pair)
    return type(value) in {list, tuple} and all(_is_plain(item, levels - 1) for item in value)  # type: ignore[attr-defined]


def _name(value: object) -> str:
    if isinstance(value, (str, os.PathLike)):
        return str(value)
    name = getattr(value, "__qualname__", None) or getattr(value, "name", None)
    return name if isinstance(name, str) else type(value).__qualname__


def _line(what: str, how: str, reason: Exception) -> str:
    return f"{what} cannot go to other processes, which log {how}: {reason}"

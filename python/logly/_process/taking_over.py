"""Takes over the logger of the process that started this one.

The first call of a child asks here, as long as the child may have a state to take over. All calls of other threads wait
until the logger is the parent's. A child that adds sinks itself keeps its own logger. Settings that it changes before
its first record hold on top of the parent's.
"""

from __future__ import annotations

import os
import pickle
import re
import sys
from _thread import RLock
from importlib import import_module

from logly import _logly
from logly._process import captures, telling
from logly._process.feed import RemoteSink
from logly._process.inheritance import arrived_for, current_processes, is_frozen_child, place
from logly._process.packing import VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from logly._logly import PyLogger

_KEY = re.compile(r'(?:.* argument "(?P<unknown>\w+)"|(?P<known>\w+): )')
"""The parameter that an error is about."""


class _Progress:
    """How far this process has come."""

    def __init__(self) -> None:
        # A thread that holds it may log, and so come here again.
        self.lock = RLock()
        self.is_busy = False
        self.own: list[dict[str, Any]] = []
        """Settings that the process changed itself."""

    def begin_child(self) -> None:
        """Forget the parent's threads, one of which may have held the lock."""
        self.lock = RLock()
        self.is_busy = False


_progress = _Progress()
if hasattr(os, "register_at_fork"):  # not on Windows, which has no forks
    os.register_at_fork(after_in_child=_progress.begin_child)


def take_over() -> None:
    """Take over the state if it has arrived; keep asking if it may still arrive."""
    with _progress.lock:
        if _progress.is_busy or not _has_arrived():
            return
        _progress.is_busy = True
        try:
            _take_over(_main())
        finally:
            _progress.is_busy = False


def is_taking_over() -> bool:
    """Tell whether the sinks that are added now are those of the parent process."""
    return _progress.is_busy


def set_up(*, adds: bool) -> None:
    """Keep the process's own logger, since the process adds or removes sinks.

    Modules that are imported before the state arrives ran in the parent too. If they remove sinks, the state knows.
    """
    with _progress.lock:
        if not _progress.is_busy and (adds or _has_arrived()):
            _stop_asking(_main())
            captures.undo_arrived()


def configure(settings: dict[str, Any]) -> None:
    """Note settings that the process changes itself."""
    with _progress.lock:
        if not _progress.is_busy and _has_arrived():
            _progress.own.append(settings)
            if settings.get("inherit") is False:
                captures.undo_arrived()


def _main() -> PyLogger:
    logger: PyLogger = sys.modules["logly.logger"].logger
    return logger


def _has_arrived() -> bool:
    """Tell whether the process object is in place; its module `spawn` marks the time before."""
    processes = list(current_processes())
    if is_frozen_child() and all(process._parent_pid is None for process in processes):
        return False
    return not any(getattr(process, "_inheriting", False) for process in processes)


def _stop_asking(logger: PyLogger) -> None:
    _logly._await_state(logger, awaits=False)
    place(is_settled=True)


def _take_over(logger: PyLogger) -> None:
    packed = next((found for process in current_processes() if (found := arrived_for(process))), b"")
    if packed:
        _apply(logger, packed)
    _stop_asking(logger)


def _apply(logger: PyLogger, packed: bytes) -> None:
    state = _logly._state(logger)
    if state is None:
        return
    given = pickle.loads(packed)  # noqa: S301 - by the process that started this one
    if given.get("version") != VERSION:
        telling.tell("the logger of the parent process is of another version of logly, and is not taken over")
        return
    telling.join(given["board"])
    for line in given["left_out"]:
        telling.tell(line)
    settings = {name: _read_setting(name, value) for name, value in given["settings"].items()}
    sinks = [sink for sink in map(_read_sink, given["sinks"]) if sink is not None]
    callbacks = [callback for callback in map(_read_sink, given["callbacks"]) if callback is not None]
    # There may be sinks of an attempt that was interrupted, or of the environment.
    for number, *_ in state[2]:
        _logly._remove_callback(logger, number)
    _remove(logger, lambda info: not info["implicit"])
    _configure(logger, {name: value for name, value in settings.items() if value is not _MISSING})
    if all(sink["sink"] is not None for sink in given["sinks"]):
        _remove(logger, lambda info: info["implicit"])
    _add_in_order(logger, sinks, callbacks)
    if not given["enabled"]:
        logger._set_enabled(is_enabled=False)
    for own in _progress.own:
        _configure(logger, own)


_MISSING: Any = object()


def _remove(logger: PyLogger, is_meant: Any) -> None:
    for info in logger._sinks():
        if is_meant(info):
            logger._remove(info["id"])


def _read(packed: Any, name: str) -> Any:
    """Return a value; `_MISSING` if it cannot be read."""
    kind, value, *described = packed
    if kind == "parent":
        return RemoteSink(*value)
    if kind == "stream":
        return getattr(sys, value, None) or _MISSING
    if kind == "plain":
        return value
    read = [_unpickled(pickled) for pickled in value]
    found = next((value for value, _ in read if value is not _MISSING), _MISSING)
    if found is _MISSING:
        reason = read[0][1]
        telling.tell(f"{name} ({described[0]}) of the parent process cannot be read here and is left out: {reason}")
    return found


def _unpickled(pickled: bytes) -> tuple[Any, str]:
    """Return a value, or `_MISSING` and the reason."""
    try:
        return pickle.loads(pickled), ""  # noqa: S301 - as above
    except Exception as error:
        return _MISSING, f"{type(error).__name__}: {error}"


def _read_setting(name: str, packed: Any) -> Any:
    if name == "extra":
        fields = {key: _read(value, f"the field {key} of configure(extra=)") for key, value in packed.items()}
        return {key: value for key, value in fields.items() if value is not _MISSING}
    if name == "context":
        sources = {key: _read_source(key, *place) for key, place in packed.items()}
        return {key: source for key, source in sources.items() if source is not _MISSING}
    return _read(packed, f"configure({name})")


def _read_source(key: str, module: str, name: str, packed: Any) -> Any:
    """Find a context variable by its name again, and its function if it has one."""
    what = f"the field {key} of configure(context=)"
    try:
        # The main module has another name in processes that start afresh.
        owner = sys.modules.get("__mp_main__" if module == "__main__" else module) or import_module(module)
        variable = getattr(owner, name)
        function = None if packed is None else _read(packed, what)
        if function is _MISSING:
            return _MISSING
        return variable if function is None else _logly.FromVar(variable, function)
    except Exception as error:
        telling.tell(f"{what} of the parent process is left out: {type(error).__name__}: {error}")
        return _MISSING


def _read_sink(packed: dict[str, Any]) -> dict[str, Any] | None:
    if packed["sink"] is None:
        return None
    name = f"sink {packed['id']}"
    sink = _read(packed["sink"], name)
    options = {key: _read(value, f"{key} of {name}") for key, value in packed["options"].items()}
    is_whole = sink is not _MISSING and all(value is not _MISSING for value in options.values())
    return {**packed, "sink": sink, "options": options} if is_whole else None


def _configure(logger: PyLogger, settings: dict[str, Any]) -> None:
    try:
        logger._configure(settings)  # type: ignore[arg-type]  # checked there
    except (TypeError, ValueError):
        known: dict[str, Any] = {}
        # Levels first: other settings may name them.
        for name in sorted(settings, key=lambda name: name != "levels"):
            error = _logly._mistake(logger, {**known, name: settings[name]})
            if error is None:
                known[name] = settings[name]
            else:
                _tell(f"configure({name})", error)
        logger._configure(known)  # type: ignore[arg-type]  # as above


def _add_in_order(logger: PyLogger, sinks: list[dict[str, Any]], callbacks: list[dict[str, Any]]) -> None:
    """Add sinks and callbacks as the parent did, one after another, since ids only grow."""
    taken: list[int] = []
    known = [*((sink, False) for sink in sinks), *((callback, True) for callback in callbacks)]
    for given, is_callback in sorted(known, key=lambda pair: int(pair[0]["id"])):
        if is_callback:
            _add_of_parent(logger, given, is_callback=True)
        elif (number := _add(logger, given)) is not None:
            taken.append(number)
    _logly._note_taken(logger, taken)


def _add(logger: PyLogger, sink: dict[str, Any]) -> int | None:
    number, options = sink["id"], dict(sink["options"])
    while True:
        try:
            if isinstance(sink["sink"], RemoteSink):
                return _add_of_parent(logger, {**sink, "options": options}, is_callback=False)
            _logly._reserve_id(logger, number)
            added = logger._add(sink["sink"], options)  # type: ignore[arg-type]  # as above
            break
        except (TypeError, ValueError) as error:
            found = _KEY.match(str(error))
            key = "" if found is None else found["unknown"] or found["known"]
            if key not in options:
                _tell(f"sink {number}", error)
                return None
            _tell(f"{key} of sink {number}", error)
            del options[key]
        except OSError as error:
            _tell(f"sink {number}", error)
            return None
    _set_state(logger, added, sink)
    return added


def _add_of_parent(logger: PyLogger, sink: dict[str, Any], *, is_callback: bool) -> int:
    _logly._reserve_id(logger, sink["id"])
    remote = sink["sink"]
    given = remote, remote.number, sink["name"], sink["options"]
    added = _logly._add_parent_sink(logger, *given, is_callback=is_callback)
    _set_state(logger, added, sink)
    return added


def _set_state(logger: PyLogger, added: int, given: dict[str, Any]) -> None:
    if given["level"] is not None:
        logger._set_level(given["level"], added)
    if not given["enabled"]:
        logger._set_sink_enabled(added, is_enabled=False)


def _tell(what: str, error: Exception) -> None:
    telling.tell(f"{what} of the parent process is left out: {error}")

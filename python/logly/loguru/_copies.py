"""Copies of loggers: deep copies, pickles for other processes, and `reinstall`.

A copy has sinks of its own, made anew from the arguments of `add`. In another process, files are opened there again,
and each process writes by itself. Functions and objects with `enqueue=True` stay in the first process, and the other
sends it the records for them.
"""

from __future__ import annotations

import os
import sys

from logly._logly import _add_parent_sink, _reserve_id
from logly.loguru._sinks import level_number
from logly.loguru._states import State, global_logger, state_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from logly.loguru._logger import Logger

    Steps = Sequence[tuple[str, tuple[Any, ...]]]

_STREAMS = ("stdout", "stderr")

_arrived: dict[tuple[Any, ...], Logger] = {}
"""The latest loggers of other processes, so that each is made once: by process, number and sinks."""
_MOST_ARRIVED = 16


class _Stream:
    """Stands for a standard stream in a pickle."""

    def __init__(self, name: str) -> None:
        self.name = name


class _OfParent:
    """Stands for a sink that stays in the process that has it."""

    def __init__(self, address: Any, number: int, name: str) -> None:
        self.address = address
        self.number = number
        self.name = name


def copied(logger: Logger, memo: dict[int, Any]) -> Logger:
    """Return a logger with sinks and settings of its own, equal to those of *logger*."""
    from copy import deepcopy  # the caller has imported it

    state = state_of(logger)
    copy = State()
    for number, (sink, options) in state.sinks.items():
        copy.sinks[number] = (sink if _is_shared(sink) else deepcopy(sink, memo), dict(options))
    copy.levels, copy.activation = dict(state.levels), dict(state.activation)
    copy.extra, copy.patcher, copy.next_id = state.extra, state.patcher, state.next_id
    return _derived(_made(_new(logger), copy), logger)


def _new(logger: Logger) -> Logger:
    # The class of the logger may hold attributes that were set on it.
    kind = logger.__class__
    return kind._of_dialect("loguru")


def _is_shared(sink: Any) -> bool:
    """Tell whether a copy has the very same sink: a standard stream, a function or a path."""
    return _name_of_stream(sink) is not None or callable(sink) or isinstance(sink, (str, os.PathLike))


def _name_of_stream(sink: object) -> str | None:
    names = (name for name in _STREAMS if sink in (getattr(sys, name), getattr(sys, f"__{name}__")))
    return next(names, None)


def _made(logger: Logger, state: State) -> Logger:
    """Give the sinks and settings of a state to a logger that has none."""
    for level, parts in state.levels.items():
        _define(logger, level, parts)
    if state.extra is not None or state.patcher is not None:
        logger.configure(extra=state.extra, patcher=state.patcher)
    for name, is_enabled in state.activation.items():
        (logger.enable if is_enabled else logger.disable)(name)
    # Sinks keep their ids.
    for number, (sink, options) in sorted(state.sinks.items()):
        _reserve_id(logger, number)
        if isinstance(sink, _OfParent):
            _add_of_parent(logger, number, sink, options)
        else:
            logger.add(sink, **options)
    state_of(logger).next_id = state.next_id
    _reserve_id(logger, state.next_id)
    return logger


def _add_of_parent(logger: Logger, number: int, sink: _OfParent, options: dict[str, Any]) -> None:
    """Add a sink whose records go to the process that has it, which filters and formats them."""
    from logly._process.feed import RemoteSink  # for processes that are passed such a sink

    level = {"level": level_number(logger, options["level"])}
    _add_parent_sink(logger, RemoteSink(sink.address, sink.number), sink.number, sink.name, level, is_callback=False)
    state_of(logger).sinks[number] = (sink, options)


def _define(logger: Logger, name: str, parts: dict[str, Any]) -> None:
    try:
        known = logger.level(name)
    except ValueError:
        known = None
    logger.level(name, **(parts if known is None else {**parts, "no": None}))


def _derived(made: Logger, logger: Logger) -> Logger:
    """Give the fields and options of a logger to another."""
    return _with_steps(made, logger._bound, logger._steps)


def _with_steps(made: Logger, bound: dict[str, Any], steps: Steps) -> Logger:
    derived = made.bind(**bound) if bound else made
    for name, given in steps:
        derived = getattr(derived, name)(*given)
    return derived


# Pickles


def reduced(logger: Logger) -> tuple[Any, ...]:
    """Return what restores a logger in another process.

    Functions and objects that a thread of this process writes (`enqueue=True`) stay here if a process is being started.
    Other sinks that cannot be pickled have the pickle fail, as it does for any object.
    """
    state = state_of(logger)
    packed = ((number, *_packed(logger, number, sink, options)) for number, (sink, options) in state.sinks.items())
    sinks = [(number, sink, options) for number, sink, options in packed if options is not None]
    settings = (state.next_id, state.levels, state.extra, state.patcher, state.activation)
    return restored, ((os.getpid(), logger._number), sinks, settings, (logger._bound, logger._steps))


def _packed(logger: Logger, number: int, sink: Any, options: dict[str, Any]) -> tuple[Any, dict[str, Any] | None]:
    """Return a sink and its options in a form that can travel; no options if there is none."""
    name = _name_of_stream(sink)
    kept = _Stream(name) if name else os.fspath(sink) if isinstance(sink, os.PathLike) else sink
    if name or isinstance(kept, (str, _OfParent)) or not options.get("enqueue"):
        return kept, options
    if _is_starting_a_process() and (place := _place(logger, number)) is not None:
        return _OfParent(*place, repr(sink)), {"level": options["level"], "enqueue": True}
    return kept, options if _is_pickled((kept, options)) else None


def _place(logger: Logger, number: int) -> tuple[Any, int] | None:
    """Return where another process sends its records for a sink; None if the system has no such way."""
    from logly._process import intake  # for programs that pass a logger to a process

    try:
        return intake.address(), intake.number_of(logger, number)
    except (ImportError, OSError, RuntimeError):
        return None


def _is_starting_a_process() -> bool:
    context = sys.modules.get("multiprocessing.context")
    return context is not None and context.get_spawning_popen() is not None


def _is_pickled(value: object) -> bool:
    import pickle  # the caller has imported it

    try:
        pickle.dumps(value)
    except Exception:  # whatever the object raises
        return False
    return True


def restored(
    key: tuple[int, ...], sinks: list[tuple[int, Any, dict[str, Any]]], settings: Any, derived: tuple[Any, Steps]
) -> Logger:
    """Return the logger of a pickle. In the process that pickled it, it has the same sinks as the pickled one."""
    base = global_logger()
    if key == (os.getpid(), base._number):
        return _with_steps(base.bind(), *derived)
    key = (*key, settings[0], *(at for at, _, _ in sinks))
    if key not in _arrived:
        if len(_arrived) >= _MOST_ARRIVED:
            # It stays open for as long as the program has it.
            del _arrived[next(iter(_arrived))]
        state = State()
        state.sinks = {at: (_opened(sink), options) for at, sink, options in sinks}
        state.next_id, state.levels, state.extra, state.patcher, state.activation = settings
        _arrived[key] = _made(_new(base), state)
    return _with_steps(_arrived[key], *derived)


def _opened(sink: Any) -> Any:
    return getattr(sys, sink.name) if isinstance(sink, _Stream) else sink


def reinstall(logger: Logger) -> None:
    """Let the global logger of this process have the sinks and settings of *logger*."""
    base = global_logger()
    if base._shares_with(logger):
        return
    base.remove()
    _made(base, state_of(logger))

"""The threads of lanes: each calls one callback, or one sink in the background, with its records, one at a time.

What they call they call from here, with no native frame below: the interpreter may end a thread wherever it waits.
Nothing that is raised gets out: it is counted, and told on standard error.
"""

from __future__ import annotations

import sys
import threading
from functools import partial
from time import monotonic

from logly import _logly
from logly._threads import Thread, pause_of_hub

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from logly._logly import _Lane

_EARLY_WAIT = 2.5
"""Seconds that callbacks get once the main thread ended, while threads can still be made and executors used."""

_ENDS_EARLY = sys.version_info[:2] == (3, 12)
"""CPython 3.12 makes no thread any more once the main thread ended."""

spent_early = 0.0
"""Seconds they took of it."""

is_ending = False
"""Whether the main thread ended: nobody will run an event loop any more that does not run by then."""


def start(lane: _Lane) -> bool:
    """Start a thread that empties *lane*; False when none can be made."""
    kind, called = lane.runner
    if kind in _MODULES:
        # Imported here, where the process does not end yet: what it needs at the end it registers now. Only programs
        # with coroutine functions need asyncio, and a fork that comes meanwhile waits.
        _logly._load(_MODULES[kind], "run")  # noqa: SLF001 - of this package
    if kind == "coroutine" and _ENDS_EARLY:
        from logly import _loop  # noqa: PLC0415 - as in `_await`

        _loop.prepare()
    try:
        Thread(partial(_run, lane, _RUN[kind], called), _thread_name(lane)).start()
    except RuntimeError:
        return False
    return True


def drain(lane: _Lane) -> None:
    """Empty *lane* on this thread."""
    kind, called = lane.runner
    _RUN_HERE.get(kind, _RUN[kind])(lane, called)


def _thread_name(lane: _Lane) -> str:
    return f"logly-{lane.name.replace(' ', '-', 1)}"


def _run(lane: _Lane, run: Callable[[_Lane, Any], None], called: object) -> None:
    while lane.wait():
        run(lane, called)


def _call(lane: _Lane, function: Callable[[object], object]) -> None:
    while (item := lane.take()) is not None:
        try:
            function(item)
        except BaseException as error:  # noqa: BLE001, PERF203 - the next record may be taken well
            lane.failed(error)


def _await(lane: _Lane, function: Callable[[object], Any]) -> None:
    from logly import _loop  # noqa: PLC0415 - only programs with coroutine functions need asyncio

    _loop.run(lane, function)


def _await_here(lane: _Lane, function: Callable[[object], Any]) -> None:
    from logly import _loop  # noqa: PLC0415 - as above

    _loop.run_here(lane, function)


def _hand_over(lane: _Lane, called: tuple[Callable[[object], Any], Any]) -> None:
    from logly import _given_loop  # noqa: PLC0415 - as above

    _given_loop.run(lane, *called)


def _lose(lane: _Lane, _called: object) -> None:
    lane.lose("no thread can be made that hands records to its event loop")


_MODULES = {"coroutine": "logly._loop", "given loop": "logly._given_loop"}
_RUN: dict[str, Callable[[_Lane, Any], None]] = {"function": _call, "coroutine": _await, "given loop": _hand_over}
_RUN_HERE: dict[str, Callable[[_Lane, Any], None]] = {"coroutine": _await_here, "given loop": _lose}


def register_end() -> None:
    """Have lanes emptied when the main thread ends, before executors are shut down and no more threads can be made.

    What is registered last comes first.
    """
    register = getattr(threading, "_register_atexit", None)
    if register is not None:
        try:
            register(_end_early)
        except RuntimeError:
            # The process ends already.
            return


def end_with_greenlets() -> None:
    """Let greenlets run that callbacks may wait for, where nothing told of the main thread's end, as under eventlet."""
    if not is_ending and pause_of_hub() is not None:
        _end_early()


def _end_early() -> None:
    global is_ending, spent_early  # noqa: PLW0603 - the process ends once
    is_ending = True
    began = monotonic()
    _logly._wait_for_lanes(max(_EARLY_WAIT - spent_early, 0.0))  # noqa: SLF001 - of this package
    spent_early += monotonic() - began


register_end()

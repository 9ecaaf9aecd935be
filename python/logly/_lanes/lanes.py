"""The threads of lanes: each calls one callback, or one background sink, with one record at a time.

They make the calls from Python, with no native frame below, because the interpreter may end a thread wherever it waits.
Exceptions of the called function are contained, counted, and reported on standard error.
"""

from __future__ import annotations

from functools import partial

from logly import _logly
from logly._lanes.ending import ENDS_EARLY
from logly._lanes.threads import Thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from logly._logly import _Lane


def start(lane: _Lane) -> bool:
    """Start a thread that empties *lane*; False if none can be started."""
    kind, called = lane.runner
    if kind in _MODULES:
        # Imported here, before the process ends, because the module registers its functions for the end now. Only
        # programs with coroutine functions need asyncio. A fork waits until this import is done.
        _logly._load(_MODULES[kind], "run")
    if kind == "coroutine" and ENDS_EARLY:
        from logly._lanes import loop

        loop.prepare()
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
        except BaseException as error:  # noqa: PERF203 - the next record may succeed
            lane.failed(error)


def _await(lane: _Lane, function: Callable[[object], Any]) -> None:
    from logly._lanes import loop  # only programs with coroutine functions need asyncio

    loop.run(lane, function)


def _await_here(lane: _Lane, function: Callable[[object], Any]) -> None:
    from logly._lanes import loop

    loop.run_here(lane, function)


def _hand_over(lane: _Lane, called: tuple[Callable[[object], Any], Any]) -> None:
    from logly._lanes import given_loop

    given_loop.run(lane, *called)


def _export(lane: _Lane, exporter: Any) -> None:
    exporter.run(lane)


def _export_here(lane: _Lane, exporter: Any) -> None:
    exporter.run_here(lane)


def _lose(lane: _Lane, _called: object) -> None:
    lane.lose("no thread can be made that hands records to its event loop")


_MODULES = {"coroutine": "logly._lanes.loop", "given loop": "logly._lanes.given_loop"}
_RUN: dict[str, Callable[[_Lane, Any], None]] = {
    "function": _call,
    "coroutine": _await,
    "given loop": _hand_over,
    "export": _export,
}
_RUN_HERE: dict[str, Callable[[_Lane, Any], None]] = {
    "coroutine": _await_here,
    "given loop": _lose,
    "export": _export_here,
}

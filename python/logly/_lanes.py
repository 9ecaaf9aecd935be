"""The threads of lanes: each calls one callback with its records, one at a time, in order.

What they call they call from here, with no native frame below: the interpreter may end a thread wherever it waits.
Nothing that is raised gets out: it is counted, and told on standard error.
"""

from __future__ import annotations

import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from logly._logly import _Lane


def start(lane: _Lane) -> bool:
    """Start a thread that empties *lane*; False when none can be made."""
    thread = threading.Thread(target=_run, args=(lane,), name=f"logly-{lane.name.replace(' ', '-')}", daemon=True)
    try:
        thread.start()
    except RuntimeError:
        return False
    return True


def drain(lane: _Lane) -> None:
    """Empty *lane* on this thread."""
    kind, callback = lane.runner
    _RUN[kind](lane, callback)


def _run(lane: _Lane) -> None:
    kind, callback = lane.runner
    run = _RUN[kind]
    while lane.wait():
        run(lane, callback)


def _call(lane: _Lane, callback: Callable[[object], object]) -> None:
    while (item := lane.take()) is not None:
        try:
            callback(item)
        except BaseException as error:  # noqa: BLE001 - whatever it raises, the next record may be taken well
            lane.failed(error)


_RUN: dict[str, Callable[[_Lane, Any], None]] = {"function": _call}

"""Lines beside bars of progress: tqdm's step aside while one is written, and rich's are written through.

Neither is imported here; whoever draws bars has done so. tqdm's lock is held while its bars are away. It may be held by
another thread, which may wait for the very sink that is written: nobody waits long for it, and a line that comes out
between two parts of a bar is better than none.
"""

from __future__ import annotations

import sys

from logly._sinks import terminals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_LONGEST_WAIT = 0.5
"""Seconds for one lock."""

_MOST_LOOKS = 10
"""How often the bars are gone through while other threads make some."""

_stuck: object = None
"""A lock that was waited for in vain: of a child, say, whose parent held it in another thread. It is only tried."""


def are_loaded() -> bool:
    """Return whether the program has imported something that draws bars."""
    return "tqdm.std" in sys.modules or "rich.file_proxy" in sys.modules


def write(stream: Any, line: str, *, is_flushed: bool = True) -> None:  # noqa: ANN401 - whatever has `write`
    """Write a line to a stream, with no bar in its way, and flush it: always where there is a bar."""
    stream = _in_front(stream)
    bars: Any = getattr(sys.modules.get("tqdm.std"), "tqdm", None)
    # Looked at before the lock is taken, which bars elsewhere need meanwhile, and again under it.
    locks = _acquire(bars.get_lock()) if bars is not None and _in_the_way(bars, stream) else None
    if locks is None:
        terminals.write(stream, line)
        if is_flushed:
            _flush(stream)
        return
    try:
        _put_between(_in_the_way(bars, stream), stream, line)
    finally:
        _release(locks)


def _flush(stream: object) -> None:
    flush = getattr(stream, "flush", None)
    if flush is not None:
        flush()


def _put_between(bars: list[Any], stream: object, line: str) -> None:
    """Write a line while some bars are off the screen. What they raise is not the sink's failure."""
    for bar in bars:
        _attempt(bar.clear)
    try:
        # The bar would be drawn over a line that is not ended.
        terminals.write(stream, line if line.endswith("\n") or not bars else line + "\n")
        _flush(stream)
    finally:
        for bar in bars:
            _attempt(bar.refresh)


def _attempt(draw: Any) -> None:  # noqa: ANN401 - a bar's method
    try:
        draw(nolock=True)
    except Exception:  # noqa: BLE001 - its stream may be closed, and the bar of any class
        return


def _in_the_way(bars: Any, stream: object) -> list[Any]:  # noqa: ANN401 - tqdm's class
    """Return the bars that are drawn on this stream, or on the same terminal. Those of notebooks are no text."""
    known = getattr(bars, "_instances", ())
    for _ in range(_MOST_LOOKS):
        try:
            shown = [bar for bar in known if not getattr(bar, "disable", True) and hasattr(bar, "start_t")]
        except RuntimeError:
            # Another thread has just made one.
            continue
        return [bar for bar in shown if not getattr(bar, "gui", False) and _is_on(stream, getattr(bar, "fp", None))]
    return []


def _is_on(stream: object, file: object) -> bool:
    """Return whether what is drawn on *file*, which may be wrapped, is seen where the stream is."""
    inner = file
    while inner is not None:
        if inner is stream:
            return True
        inner = getattr(inner, "_wrapped", None) if type(inner).__module__.startswith("tqdm.") else None
    return terminals.is_terminal(terminals.behind(stream)) and terminals.is_terminal(terminals.behind(file))


def _in_front(stream: object) -> object:
    """Return what rich has put in the place of a stream of the process while it shows something."""
    if "rich.file_proxy" in sys.modules:
        for front in (sys.stdout, sys.stderr):
            if front is not stream and terminals.behind(front) is stream:
                return front
    return stream


def _acquire(lock: Any) -> list[Any] | None:  # noqa: ANN401 - whatever `tqdm.set_lock` was given
    """Take tqdm's lock, by default one of threads and one of processes; None when that takes too long."""
    global _stuck  # noqa: PLW0603 - one lock is used at a time
    taken: list[Any] = []
    try:
        for part in getattr(lock, "locks", (lock,)):
            # By position: locks of threads and of processes have other names for it.
            if not part.acquire(True, 0 if lock is _stuck else _LONGEST_WAIT):  # noqa: FBT003
                _stuck = lock
                break
            taken.append(part)
        else:
            _stuck = None
            return taken
    except BaseException as error:
        _release(taken)
        if isinstance(error, Exception):
            # It cannot be waited for in this way.
            return None
        raise
    _release(taken)
    return None


def _release(locks: Iterable[Any]) -> None:
    for lock in reversed(list(locks)):
        lock.release()

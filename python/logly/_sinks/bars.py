"""Lines among progress bars: tqdm's bars are cleared while a line is written, and rich's stream is written to.

This module imports neither; a program that draws bars has done so. tqdm's lock is held while its bars are cleared.
Another thread may hold the lock and wait for this sink, so the wait for the lock is short: a line in the middle of a
bar is better than no line.
"""

from __future__ import annotations

import sys

from logly._sinks import terminals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_LONGEST_WAIT = 0.5
"""Seconds to wait for one lock."""

_MOST_LOOKS = 10
"""The number of attempts to list the bars while other threads create bars."""

_stuck: object = None
"""A lock that timed out, for example in a child whose parent held it in another thread. It is no longer waited for."""


def write(stream: Any, line: str, *, is_flushed: bool = True) -> None:
    """Write a line to a stream without damaging a bar, and flush it; if there is a bar, always flush."""
    stream = _in_front(stream)
    bars: Any = getattr(sys.modules.get("tqdm.std"), "tqdm", None)
    # Checked before taking the lock, which bars on other streams need, and again while holding it.
    locks = _acquire(bars.get_lock()) if bars is not None and _in_the_way(bars, stream) else None
    if locks is None:
        terminals.write(stream, line)
        if is_flushed:
            terminals.flush(stream)
        return
    try:
        _put_between(_in_the_way(bars, stream), stream, line)
    finally:
        _release(locks)


def _put_between(bars: list[Any], stream: object, line: str) -> None:
    """Write a line while some bars are cleared. Errors of the bars are not failures of the sink."""
    for bar in bars:
        _attempt(bar.clear)
    try:
        # The bar would be drawn over a line without a line break.
        terminals.write(stream, line if line.endswith("\n") or not bars else line + "\n")
        terminals.flush(stream)
    finally:
        for bar in bars:
            _attempt(bar.refresh)


def _attempt(draw: Any) -> None:
    try:
        draw(nolock=True)
    except Exception:  # its stream may be closed, and the bar may be of any class
        return


def _in_the_way(bars: Any, stream: object) -> list[Any]:
    """Return the bars that are drawn on this stream, or on the same terminal. Bars in notebooks are not text."""
    known = getattr(bars, "_instances", ())
    for _ in range(_MOST_LOOKS):
        try:
            shown = [bar for bar in known if not getattr(bar, "disable", True) and hasattr(bar, "start_t")]
        except RuntimeError:
            # Another thread has just created a bar.
            continue
        return [bar for bar in shown if not getattr(bar, "gui", False) and _is_on(stream, getattr(bar, "fp", None))]
    return []


def _is_on(stream: object, file: object) -> bool:
    """Return whether *file*, which may be wrapped, is the stream or shows on the same terminal."""
    inner = file
    while inner is not None:
        if inner is stream:
            return True
        inner = getattr(inner, "_wrapped", None) if type(inner).__module__.startswith("tqdm.") else None
    return terminals.is_terminal(terminals.behind(stream)) and terminals.is_terminal(terminals.behind(file))


def _in_front(stream: object) -> object:
    """Return the stream that rich uses in place of a standard stream while it shows a bar."""
    if "rich.file_proxy" in sys.modules:
        for front in (sys.stdout, sys.stderr):
            if front is not stream and terminals.behind(front) is stream:
                return front
    return stream


def _acquire(lock: Any) -> list[Any] | None:
    """Take tqdm's lock, by default one for threads and one for processes; None if that takes too long."""
    global _stuck  # noqa: PLW0603 - one lock is used at a time
    taken: list[Any] = []
    try:
        for part in getattr(lock, "locks", (lock,)):
            # Passed by position: locks of threads and of processes name the parameter differently.
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
            # The lock does not support a wait with a timeout.
            return None
        raise
    _release(taken)
    return None


def _release(locks: Iterable[Any]) -> None:
    for lock in reversed(list(locks)):
        lock.release()

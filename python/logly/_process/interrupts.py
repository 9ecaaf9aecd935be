"""Exits that a signal handler raises inside a sink, which must reach the caller of the logging call."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType


def is_by_signal(traceback: TracebackType | None) -> bool:
    """Return whether a signal handler raised the exception, in the middle of other code."""
    return any(map(_is_of_signal, _frames(traceback)))


def _frames(traceback: TracebackType | None) -> Iterator[FrameType]:
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next


def _is_of_signal(frame: FrameType) -> bool:
    """Return whether a frame was called with a frame as an argument, as signal handlers are."""
    code, values = frame.f_code, frame.f_locals
    count = code.co_argcount + bool(code.co_flags & _HAS_VARARGS)
    arguments = [values.get(name) for name in _parameters(code.co_varnames, code.co_argcount, code.co_kwonlyargcount)]
    given = [inner for value in arguments[:count] for inner in (value if isinstance(value, tuple) else (value,))]
    return any(isinstance(value, _FRAME) for value in given)


def _parameters(names: tuple[str, ...], positional: int, by_name: int) -> tuple[str, ...]:
    """Return the names of the positional parameters and of `*args`, whose name follows the keyword-only ones."""
    return names[:positional] + names[positional + by_name : positional + by_name + 1]


_HAS_VARARGS = 0x04
_FRAME = type(sys._getframe())

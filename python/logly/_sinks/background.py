"""Background Python sinks: each function here gives one entry of a lane to its stream, function or handler.

The extension makes the line or the record that an entry holds. This module calls streams, functions and handlers from
Python, never from native code. They may take any time, and the interpreter may end the thread of a lane during the
call. It cannot end native code.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from logly import _logly
from logly._process.forks import write_past
from logly._sinks import bars, terminals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator
    from contextvars import Context
    from typing import Any

    from logly._logly import _LaneEntry
    from logly.typing import Writable

_unflushed: dict[int, Writable] = {}
"""The streams that sinks have written to and not flushed, by the number of the sink."""


def write(entry: _LaneEntry) -> None:
    """Write a line to a stream, and flush the stream when no more lines wait."""
    _in_context(_write, entry)


def call(entry: _LaneEntry) -> None:
    """Call a function with a line."""
    _in_context(_call, entry)


def handle(entry: _LaneEntry) -> None:
    """Give a record to a handler of `logging`."""
    _in_context(_handle, entry)


def _in_context(give: Callable[[_LaneEntry], None], entry: _LaneEntry) -> None:
    """Call a function in the copy of the caller's context, if the entry has one."""
    context = entry.context
    if context is None:
        give(entry)
    else:
        context.run(give, entry)


def _write(entry: _LaneEntry) -> None:
    made = entry.take()
    if made is None:
        return
    stream, line = made
    # A child forked in the middle of a line could not use the stream.
    _logly._enter_stream(stream)
    try:
        if _logly._is_left_locked(stream):
            write_past(stream, line)
            return
        bars.write(stream, line, is_flushed=False)
        before = _unflushed.pop(entry.sink, stream)
        if entry.has_more:
            _unflushed[entry.sink] = stream
        else:
            terminals.flush(stream)
        if before is not stream:
            # `sys.stdout` was replaced between two lines.
            terminals.flush(before)
    finally:
        _logly._leave_stream(stream)


def _call(entry: _LaneEntry) -> None:
    made = entry.take()
    if made is not None:
        function, line = made
        function(line)


def _handle(entry: _LaneEntry) -> None:
    from logly._sinks import handlers  # it imports `logging`, which a program with a handler has

    made = entry.take()
    if made is not None:
        handler, (record, trail) = made
        if not handlers.finish(handler, record, trail):
            entry.skip()


async def call_coroutine(entry: _LaneEntry) -> None:
    """Await a coroutine function with a line, on an event loop."""
    made, context = entry.take(), entry.context
    if made is None:
        return
    function, line = made
    if context is None:
        await function(line)
    else:
        context.run(_logly._enter_sink)
        await _Steps(context, context.run(function, line))


class _Steps:
    """Awaits an object, running each step in a context; tasks accept a context only from CPython 3.11 on."""

    __slots__ = ("_awaited", "_context")

    def __init__(self, context: Context, awaited: Awaitable[object]) -> None:
        self._context = context
        self._awaited = awaited

    def __await__(self) -> Generator[Any, Any, None]:
        run = self._context.run
        steps = run(getattr(self._awaited, "__await__", None) or self._awaited.__iter__)  # type: ignore[attr-defined]  # a generator
        send, throw = getattr(steps, "send", None), getattr(steps, "throw", None)
        step: Callable[[], object] = partial(next, steps)
        try:
            while True:
                awaited = run(step)
                try:
                    sent = yield awaited
                except GeneratorExit:
                    raise
                except BaseException as error:
                    if throw is None:
                        raise
                    step = partial(throw, error)
                else:
                    step = partial(next, steps) if sent is None or send is None else partial(send, sent)
        except StopIteration:
            return
        finally:
            close = getattr(steps, "close", None)
            if close is not None:
                run(close)


def flush_all() -> None:
    """Flush text that sinks left in buffers before a fork: the child would write it too."""
    for sink in list(_unflushed):
        stream = _unflushed.pop(sink, None)
        if stream is None:
            # The sink's own thread was first.
            continue
        # The sink flushes the stream as well, and reports failures.
        with suppress(Exception):
            terminals.flush(stream)

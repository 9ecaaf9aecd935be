"""Background Python sinks: they write one record at a time on the sink's own lane.

The logging call runs filters and formats, and makes the record for functions and handlers, because only the calling
thread has the exception, the context and the thread-locals of the call. This module calls streams, functions and
handlers from Python, never from native code: the interpreter may end the thread of a lane, but it cannot end native
code.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import partial

from logly import _logly
from logly._calls.template import template
from logly._process.forks import write_past
from logly._records.records import Message, message_with
from logly._sinks import bars, terminals

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from collections.abc import Awaitable, Callable, Coroutine, Generator
    from contextvars import Context
    from typing import Any, Union

    from logly.typing import Record, Writable

    _Entry = Union[_logly._LaneEntry, _logly._Prepared]
    _Format = Callable[[Record], object]


_A_PATTERN = (
    "a format function returned a pattern, which is written as it is:"
    " return the finished line, or give format=logly.template(function)"
)
_unflushed: dict[int, Writable] = {}
"""The streams that sinks have written to and not flushed, by the id of the sink."""
_TOKENS = ("{message", "{level", "{time", "{extra[", "{exception")


class BackgroundMessage(Message):
    """A finished line whose record is made at its first use."""

    __slots__ = ("_entry", "_known")

    _entry: _logly._LaneEntry
    _known: Record | None

    @property
    def record(self) -> Record:
        """The record that the line was made from."""
        if self._known is None:
            self._known = self._entry.record()
        return self._known

    @record.setter
    def record(self, record: Record) -> None:
        self._known = record

    def __reduce__(self) -> tuple[object, ...]:
        """Return the function and arguments that restore it from a pickle, as a line that has its record."""
        return message_with, (str(self), self.record)


class _Sink:
    """The base class of all kinds: an entry made by a caller is written in a copy of the caller's context.

    An entry without a context is a line that needs only the record's bytes, or the notice that records were dropped.
    """

    __slots__ = ("_format",)

    def __init__(self, format_: _Format | None) -> None:
        # Callers fill in templates; notices use the sink's own pattern.
        self._format = None if isinstance(format_, template) else format_

    def __call__(self, entry: _Entry) -> None:
        """Write one record."""
        context = entry.context
        if context is None:
            self._take(entry)
        else:
            context.run(self._take, entry)

    def _take(self, entry: _Entry) -> None:
        raise NotImplementedError

    def _item(self, entry: _Entry, look: tuple[bool, bool] = (False, False)) -> Any:
        """Return the object to write."""
        if isinstance(entry, _logly._Prepared):
            return entry.item
        record = text = None
        if self._format is not None and not entry.is_raw:
            record = entry.record()
            text = _formatted(self._format, record)
        if text is None:
            text = entry.line(*look)
        coloring = entry.coloring(*look)
        line = BackgroundMessage(text if coloring is None else _colored(text, *coloring))
        line._entry = entry
        line._known = record
        return line


class StreamSink(_Sink):
    """Writes lines to an object, and flushes it when no more lines wait."""

    __slots__ = ("_known", "_stream")

    def __init__(self, stream: Writable, format_: _Format | None) -> None:
        super().__init__(format_)
        self._stream = stream
        self._known: tuple[Writable, tuple[bool, bool]] | None = None

    def _take(self, entry: _Entry) -> None:
        self._write(self._stream, entry)

    def _write(self, stream: Writable, entry: _Entry) -> None:
        line = self._item(entry, self._look_of(stream))
        # A child forked in the middle of a line could not use the stream.
        _logly._enter_stream(stream)
        try:
            if _logly._is_left_locked(stream):
                write_past(stream, line)
                return
            _write(stream, line)
            if entry.has_more:
                _unflushed[id(self)] = stream
            else:
                _unflushed.pop(id(self), None)
                _flush(stream)
        finally:
            _logly._leave_stream(stream)

    def _look_of(self, stream: Writable) -> tuple[bool, bool]:
        """Return the look of a stream, which is asked once; when `sys.stdout` changes, it is another object."""
        if self._known is None or self._known[0] is not stream:
            is_terminal, takes_escapes = terminals.look_of(stream)
            self._known = stream, (is_terminal, _logly._takes_color(takes_escapes))
        return self._known[1]


class ConsoleSink(StreamSink):
    """Writes lines to the current `sys.stdout` or `sys.stderr`."""

    __slots__ = ("_name",)

    def __init__(self, name: str, format_: _Format | None) -> None:
        super().__init__(sys.stdout, format_)
        self._name = name

    def _take(self, entry: _Entry) -> None:
        stream = getattr(sys, self._name, None)
        if stream is None:
            entry.lose()
        else:
            self._write(stream, entry)


class FunctionSink(_Sink):
    """Calls a function with each line."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable[[str], object], format_: _Format | None) -> None:
        super().__init__(format_)
        self._function = function

    def _take(self, entry: _Entry) -> None:
        self._function(self._item(entry))


class CoroutineSink(_Sink):
    """Awaits a coroutine function with each line, on an event loop."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable[[str], Coroutine[Any, Any, object]], format_: _Format | None) -> None:
        super().__init__(format_)
        self._function = function

    async def __call__(self, entry: _Entry) -> None:  # type: ignore[override]  # it is awaited
        """Await the function with one record."""
        line, context = self._item(entry), entry.context
        if context is None:
            await self._function(line)
        else:
            context.run(_logly._enter_sink)
            await _Steps(context, context.run(self._function, line))


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


class HandlerSink(_Sink):
    """Gives records to a handler of `logging`."""

    __slots__ = ("_handler", "_is_formatted", "_logger")

    def __init__(
        self,
        handler: logging.Handler,
        format_: _Format | None,
        is_formatted: bool,  # noqa: FBT001 - called by the extension
        logger: int,
    ) -> None:
        super().__init__(format_)
        self._handler = handler
        self._is_formatted = is_formatted
        self._logger = logger

    def _take(self, entry: _Entry) -> None:
        from logly._sinks import handlers  # it imports `logging`, which a program with a handler has

        item = self._item(entry)
        if isinstance(item, Message):
            item = handlers.prepare(self._handler, item, self._is_formatted, self._logger)
        if item is None or not handlers.finish(self._handler, *item):
            entry.skip()


def _formatted(format_: _Format, record: Record) -> str | None:
    """Return the line that a format function makes of a record; None if it raises."""
    try:
        text = str(format_(record))
    except BaseException as error:
        _tell("a format function", error)
        return None
    if any(token in text and token not in record["message"] for token in _TOKENS):
        _logly._tell_once(_A_PATTERN)
    return text if text.endswith("\n") else text + "\n"


def _colored(text: str, callback: Callable[[str, str], object], level_name: str) -> str:
    """Return the line that `color_callback` returns."""
    try:
        return str(callback(level_name, text.rstrip("\n"))) + "\n"
    except BaseException as error:
        _tell("color_callback", error)
        return text


def _tell(whose: str, error: BaseException) -> None:
    _logly._tell_failure(error, whose, "; the record is delivered all the same")


def flush_all() -> None:
    """Flush text that sinks left in buffers before a fork: the child would write it too."""
    while _unflushed:
        _, stream = _unflushed.popitem()
        # The sink flushes the stream as well, and reports failures.
        with suppress(Exception):
            _flush(stream)


def _flush(stream: Writable) -> None:
    flush = getattr(stream, "flush", None)
    if flush is not None:
        flush()


def _write(stream: Writable, line: str) -> None:
    if bars.are_loaded():
        # The sink flushes when no more lines wait.
        bars.write(stream, line, is_flushed=False)
    else:
        terminals.write(stream, line)

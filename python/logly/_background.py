"""Python sinks that are written in the background: what becomes of one record on the sink's own lane.

Everything of the program's, filters, formats, streams and functions, is called from Python here and never from native
code: the thread of a lane may be ended by the interpreter, and native code cannot be ended.
"""

from __future__ import annotations

import sys
from contextlib import suppress

from logly import _bars, _logly, _terminals
from logly._records import Message, message_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Coroutine
    from typing import Any

    from logly.typing import Record, Writable

    _Filter = Callable[[Record], object]
    _Format = Callable[[Record], object]


_A_PATTERN = "a format function returned a pattern, which is written as it is: it is to return the finished line"
_unflushed: dict[int, Writable] = {}
"""What sinks have written to and not flushed, by the sink."""
_TOKENS = ("{message", "{level", "{time", "{extra[", "{exception")


class BackgroundMessage(Message):
    """A finished line whose record is made when it is first asked for."""

    __slots__ = ("_entry", "_known")

    _entry: _logly._LaneEntry
    _known: Record | None

    @property
    def record(self) -> Record:
        """The record the line was made from."""
        if self._known is None:
            self._known = self._entry.record()
        return self._known

    @record.setter
    def record(self, record: Record) -> None:
        self._known = record

    def __reduce__(self) -> tuple[object, ...]:
        """Return how it is made again from a pickle: as a line that has its record."""
        return message_with, (str(self), self.record)


class _Sink:
    """What all kinds have in common: the filter and the format, if they are functions."""

    __slots__ = ("_filter", "_format")

    def __init__(self, filter_: _Filter | None, format_: _Format | None) -> None:
        self._filter = filter_
        self._format = format_

    def _line(self, entry: _logly._LaneEntry, look: tuple[bool, bool] = (False, False)) -> BackgroundMessage | None:
        """Return the line of a record, or None when the sink does not want it."""
        record = None
        if self._filter is not None and not entry.is_notice:
            record = entry.record()
            if not _passes(self._filter, record):
                entry.skip()
                return None
        text = None
        if self._format is not None and not entry.is_raw:
            record = entry.record() if record is None else record
            text = _formatted(self._format, record)
        if text is None:
            text = entry.line(*look)
        coloring = entry.coloring(*look)
        line = BackgroundMessage(text if coloring is None else _colored(text, *coloring))
        line._entry = entry  # noqa: SLF001 - of this module
        line._known = record  # noqa: SLF001 - of this module
        return line


class StreamSink(_Sink):
    """Writes lines to an object, and flushes it when no more wait."""

    __slots__ = ("_known", "_stream")

    def __init__(self, stream: Writable, filter_: _Filter | None, format_: _Format | None) -> None:
        super().__init__(filter_, format_)
        self._stream = stream
        self._known: tuple[Writable, tuple[bool, bool]] | None = None

    def __call__(self, entry: _logly._LaneEntry) -> None:
        """Write one record."""
        self._write(self._stream, entry)

    def _write(self, stream: Writable, entry: _logly._LaneEntry) -> None:
        line = self._line(entry, self._look_of(stream))
        # A child that is forked in the middle of a line could not use the stream.
        _logly._enter_stream()  # noqa: SLF001 - of this package
        try:
            if line is not None:
                _write(stream, line)
            if entry.has_more:
                _unflushed[id(self)] = stream
            else:
                _unflushed.pop(id(self), None)
                _flush(stream)
        finally:
            _logly._leave_stream()  # noqa: SLF001 - as above

    def _look_of(self, stream: Writable) -> tuple[bool, bool]:
        """Ask a stream once; `sys.stdout` changes by being another object."""
        if self._known is None or self._known[0] is not stream:
            is_terminal, takes_escapes = _terminals.look_of(stream)
            self._known = stream, (is_terminal, _logly._takes_color(takes_escapes))  # noqa: SLF001 - of this package
        return self._known[1]


class ConsoleSink(StreamSink):
    """Writes lines to `sys.stdout` or `sys.stderr`, whatever it is at the time."""

    __slots__ = ("_name",)

    def __init__(self, name: str, filter_: _Filter | None, format_: _Format | None) -> None:
        super().__init__(sys.stdout, filter_, format_)
        self._name = name

    def __call__(self, entry: _logly._LaneEntry) -> None:
        """Write one record."""
        stream = getattr(sys, self._name, None)
        if stream is None:
            entry.lose()
        else:
            self._write(stream, entry)


class FunctionSink(_Sink):
    """Calls a function with each line."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable[[str], object], filter_: _Filter | None, format_: _Format | None) -> None:
        super().__init__(filter_, format_)
        self._function = function

    def __call__(self, entry: _logly._LaneEntry) -> None:
        """Call it with one record."""
        line = self._line(entry)
        if line is not None:
            self._function(line)


class CoroutineSink(_Sink):
    """Awaits a coroutine function with each line, on an event loop."""

    __slots__ = ("_function",)

    def __init__(
        self, function: Callable[[str], Coroutine[Any, Any, object]], filter_: _Filter | None, format_: _Format | None
    ) -> None:
        super().__init__(filter_, format_)
        self._function = function

    async def __call__(self, entry: _logly._LaneEntry) -> None:
        """Await it with one record."""
        line = self._line(entry)
        if line is not None:
            await self._function(line)


class HandlerSink(_Sink):
    """Gives records to a handler of `logging`."""

    __slots__ = ("_handle", "_handler", "_is_formatted", "_logger")

    def __init__(
        self,
        handler: logging.Handler,
        filter_: _Filter | None,
        format_: _Format | None,
        is_formatted: bool,  # noqa: FBT001 - called by the extension
        logger: int,
    ) -> None:
        from logly._handlers import handle  # noqa: PLC0415 - it imports `logging`, which whoever has a handler has

        super().__init__(filter_, format_)
        self._handler = handler
        self._is_formatted = is_formatted
        self._logger = logger
        self._handle = handle

    def __call__(self, entry: _logly._LaneEntry) -> None:
        """Give it one record."""
        line = self._line(entry)
        if line is not None and not self._handle(self._handler, line, self._is_formatted, self._logger):
            entry.skip()


def _passes(filter_: _Filter, record: Record) -> bool:
    """Ask a filter; one that raises lets the record through, which may be the last."""
    try:
        return bool(filter_(record))
    except BaseException as error:  # noqa: BLE001 - of the program's, on a thread that must go on
        _tell("a filter", error)
        return True


def _formatted(format_: _Format, record: Record) -> str | None:
    """Return what a format function makes of a record; None when it raises."""
    try:
        text = str(format_(record))
    except BaseException as error:  # noqa: BLE001 - as above
        _tell("a format function", error)
        return None
    if any(token in text and token not in record["message"] for token in _TOKENS):
        _logly._tell_once(_A_PATTERN)  # noqa: SLF001 - of this package
    return text if text.endswith("\n") else text + "\n"


def _colored(text: str, callback: Callable[[str, str], object], level_name: str) -> str:
    """Return the line as `color_callback` gives it back."""
    try:
        return str(callback(level_name, text.rstrip("\n"))) + "\n"
    except BaseException as error:  # noqa: BLE001 - as above
        _tell("color_callback", error)
        return text


def _tell(whose: str, error: BaseException) -> None:
    kind = type(error).__name__
    _logly._tell_once(f"{whose} raised {kind}; the record is delivered all the same")  # noqa: SLF001 - of this package


def flush_all() -> None:
    """Flush what sinks have left in buffers, as a fork comes: the child would write it too."""
    while _unflushed:
        _, stream = _unflushed.popitem()
        # The sink flushes it as well, and tells what fails.
        with suppress(Exception):
            _flush(stream)


def _flush(stream: Writable) -> None:
    flush = getattr(stream, "flush", None)
    if flush is not None:
        flush()


def _write(stream: Writable, line: str) -> None:
    if _bars.are_loaded():
        # The sink flushes when no more lines wait.
        _bars.write(stream, line, is_flushed=False)
    else:
        _terminals.write(stream, line)

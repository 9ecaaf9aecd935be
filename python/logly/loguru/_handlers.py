"""Handlers of `logging` as sinks. They get records with the fields in `record.extra`, as Loguru gives them."""

from __future__ import annotations

import logging
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class HandlerSink:
    """A sink that passes lines on to a handler, as records whose message is the line."""

    def __init__(self, handler: logging.Handler, *, has_break: bool) -> None:
        self._handler = handler
        self._has_break = has_break
        self.name = repr(handler)

    def write(self, line: Any) -> None:
        """Give one line to the handler."""
        record = line.record
        raised = record["exception"]
        exc_info: Any = None if raised is None else (raised.type, raised.value, raised.traceback)
        text = str(line)
        if raised is None and not self._has_break and text.endswith("\n"):
            text = text[:-1]
        made = logging.getLogger().makeRecord(
            record["name"],
            record["level"].no,
            record["file"].path,
            record["line"],
            text,
            (),
            exc_info,
            record["function"],
            {"extra": record["extra"]},
        )
        if exc_info:
            # The line has the traceback already.
            made.exc_text = "\n"
        made.levelname = record["level"].name
        self._handler.handle(made)

    def stop(self) -> None:
        """Close the handler."""
        self._handler.close()

    def __repr__(self) -> str:
        return self.name


_EXCEPTION = re.compile(r"(?<!\{)((?:\{\{)*)\{exception(?=[}!:])")


def format_of(given: Any) -> Any:
    """Return the format of a handler's lines, in which a traceback begins on a line of its own wherever it stands."""
    if not isinstance(given, str):
        return (lambda record: _apart(given(record), record)) if callable(given) else given
    if not _EXCEPTION.search(given):
        return given

    def choose(record: Any) -> str:
        return given if record["exception"] is None else _apart(given + "{exception}", record)

    return choose


def _apart(text: Any, record: Any) -> Any:
    if record["exception"] is None or not isinstance(text, str):
        return text
    return _EXCEPTION.sub(r"\1\n{exception", text)


def of_handler(handler: logging.Handler, *, has_break: bool) -> HandlerSink:
    """Return the sink of a handler, whose lines keep their line break if *has_break*."""
    return HandlerSink(handler, has_break=has_break)

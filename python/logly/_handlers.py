"""Handlers of `logging` as sinks: a record of logly's as a `LogRecord`.

Imported when the first such sink is written to; a program that has a handler has imported `logging`.
"""

from __future__ import annotations

import logging

from logly._records import RecordedException, RecordException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logly._records import Message
    from logly.typing import Record

_RESERVED = frozenset(("message", "asctime"))
"""What formatters set on a `LogRecord`, and `logging` itself lets no program set."""


def handle(handler: logging.Handler, line: Message, is_formatted: bool) -> bool:  # noqa: FBT001 - called by the extension
    """Give a handler the record of a line, as `Logger.callHandlers` does; False when the handler did not want it.

    Args:
        handler: Any handler of `logging`.
        line: The message, or the finished line, with its record.
        is_formatted: Whether it is the finished line, which has the traceback in it.
    """
    record = line.record
    if record["level"].no < handler.level:
        return False
    # Handlers that write their own `handle`, as `NullHandler`, return None.
    return handler.handle(_log_record(record, line, is_formatted=is_formatted)) is not False


def _log_record(record: Record, line: Message, *, is_formatted: bool) -> logging.LogRecord:
    level, error = record["level"], None if is_formatted else record["exception"]
    made = logging.getLogRecordFactory()(
        record["name"],
        level.no,
        record["filename"],
        record["line"],
        str(line).removesuffix("\n") if is_formatted else record["message"],
        (),
        (error.type, error.value, error.traceback) if isinstance(error, RecordException) else None,
        record["function"],
    )
    made.levelname = level.name
    if isinstance(error, RecordedException):
        # Of an exception that went to another thread only the text is left.
        made.exc_text = error.traceback.rstrip("\n")
    stack = record.get("stack")
    # A field may have that name too.
    if not is_formatted and stack is not None and stack is not record["extra"].get("stack"):
        made.stack_info = stack.rstrip("\n")
    _set_origin(made, record)
    for name, value in record["extra"].items():
        if name not in made.__dict__ and name not in _RESERVED:
            setattr(made, name, value)
    return made


def _set_origin(made: logging.LogRecord, record: Record) -> None:
    """Set time and thread to those of the call; a new `LogRecord` has those of now."""
    created = record["time"].timestamp()
    made.relativeCreated -= (made.created - created) * 1000
    made.created = created
    made.msecs = float(record["time"].microsecond // 1000)
    made.thread, made.threadName = record["thread"].id, record["thread"].name

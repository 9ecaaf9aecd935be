"""The `LogRecord` that a handler of `logging` gets for a record of logly.

The class's own function looks up time, thread and process, which a record of logly has already. A record of exactly
that class is therefore made from its attributes. Factories of the program are called.
"""

from __future__ import annotations

import logging
import sys
from functools import partial
from types import FunctionType

from logly._exceptions.traceback import text_of_many
from logly._logly import _log_attributes, _process_id
from logly._records.record_parts import RecordException, attributes_of, process_name
from logly._records.records import ForeignDict, RecordedException
from logly._stdlib import trails

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from logly._records.records import Message
    from logly.typing import Record

_RESERVED = frozenset(("message", "asctime"))
"""Attributes that formatters set on a `LogRecord`; `logging` does not let programs set them."""

_TRACEBACKS = ("\nTraceback (most recent call last):\n", "\n  + Exception Group Traceback (most recent call last):\n")
"""The first lines of Python's tracebacks."""

_CLASS = logging.LogRecord
_INIT: Any = _CLASS.__init__
_SOURCE = logging.getLogRecordFactory.__code__
_CODE = _INIT.__code__ if type(_INIT) is FunctionType and _INIT.__code__.co_filename == _SOURCE.co_filename else None
"""The code of the class's function, if nothing replaced that of the standard library before."""

_START: float = logging._startTime / 1e9 if sys.version_info >= (3, 13) else logging._startTime  # type: ignore[attr-defined]
"""The time from which `relativeCreated` counts, in seconds."""


def log_record(record: Record, line: Message, trail: str, *, is_formatted: bool) -> logging.LogRecord:
    """Return the `LogRecord` of a line, with its trail."""
    error = record["exception"]
    message, shown = (record["message"], "") if not is_formatted else _parted(str(line).removesuffix("\n"), error)
    if is_formatted and not shown:
        # The line shows the exception in its own way; a formatter would show it a second time.
        error = None
    exc_info = (error.type, error.value, error.traceback) if isinstance(error, RecordException) else None
    factory = logging.getLogRecordFactory()
    if factory is not _CLASS or not _is_usual():
        return trails.trailed(_called(factory, record, message, exc_info, (error, shown, is_formatted)), trail)
    attributes = _attributes(record, message, exc_info)
    for name, value in _texts(record, error, shown, is_formatted=is_formatted):
        attributes[name] = value
    for name, value in record["extra"].items():
        if name not in attributes and name not in _RESERVED:
            attributes[name] = value
        elif name == "args":
            _put_args(attributes.__setitem__, attributes, record)
    return trails.made(_CLASS, attributes, trail)


def _is_usual() -> bool:
    """Tell whether the class makes its instances as the standard library's does."""
    return (
        _CODE is not None
        and _CLASS.__init__ is _INIT
        and _INIT.__code__ is _CODE
        and _CLASS.__new__ is object.__new__
        and _CLASS.__setattr__ is object.__setattr__
    )


def _attributes(record: Record, message: str, exc_info: object) -> dict[str, Any]:
    """Return the attributes of a `LogRecord`, as its class sets them."""
    name = _process_name() if logging.logMultiprocessing else None
    process = record["process"]
    own = name, _process_id() if logging.logProcesses else None
    # A process without set attributes is this one.
    if isinstance(record, ForeignDict) or attributes_of(process):
        own = process.name, process.id
    attributes = _log_attributes(record, message, exc_info, _START, own)
    if sys.version_info >= (3, 12):
        attributes["taskName"] = _task_name() if logging.logAsyncioTasks else None
    return attributes


def _called(
    factory: Callable[..., logging.LogRecord],
    record: Record,
    message: str,
    exc_info: object,
    rest: tuple[object, str, bool],
) -> logging.LogRecord:
    """Return the record that a factory of the program makes."""
    level = record["level"]
    place = record["name"], level.no, record["filename"], record["line"]
    made = factory(*place, message, (), exc_info, record["function"])
    made.exc_text = None
    made.levelname = level.name
    _set_origin(made, record)
    error, shown, is_formatted = rest
    for name, value in _texts(record, error, shown, is_formatted=is_formatted):
        setattr(made, name, value)
    for name, value in record["extra"].items():
        if name not in made.__dict__ and name not in _RESERVED:
            setattr(made, name, value)
        elif name == "args":
            _put_args(partial(setattr, made), made.__dict__, record)
    return made


def _put_args(put: Callable[[str, object], None], attributes: dict[str, Any], record: Record) -> None:
    """Put the field `args`, which holds arguments without a place in the message.

    As `args` of a `LogRecord`, they would be filled in.
    """
    extra = record["extra"]
    if "args_" not in extra and "args_" not in attributes:
        put("args_", extra["args"])


def _texts(record: Record, error: object, shown: str, *, is_formatted: bool) -> list[tuple[str, str]]:
    """Return the texts of exception and stack, with the names of their attributes."""
    texts = []
    text = None if error is None else _text_of(error, shown)
    if text is not None:
        texts.append(("exc_text", text))
    stack = record.get("stack")
    # A field may be named `stack` too.
    if stack is not None and not is_formatted and stack is not record["extra"].get("stack"):
        texts.append(("stack_info", stack.rstrip("\n")))
    return texts


def _text_of(error: object, shown: str) -> str | None:
    """Return the text of an exception that a formatter shows. None lets the formatter make it."""
    if shown:
        return shown
    if isinstance(error, RecordedException):
        # An exception that another library logged may be known only as text.
        return error.traceback.rstrip("\n")
    if isinstance(error, RecordException):
        return text_of_many(error.value)
    return None


def _process_name() -> str:
    """Return the name of this process. `multiprocessing` may still be in the middle of its import."""
    if "multiprocessing" not in sys.modules:
        return "MainProcess"
    try:
        return process_name()
    except Exception:  # as `logging` does
        return "MainProcess"


def _task_name() -> str | None:
    """Return the name of the running task."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return None
    try:
        name: str = asyncio.current_task().get_name()
    except Exception:  # as `logging` does
        return None
    return name


def _parted(line: str, error: object) -> tuple[str, str]:
    """Split a finished line from the traceback below it, so that a formatter joins the two again.

    Text that only looks like a traceback does no harm, because both parts are written.
    """
    if error is None:
        return line, ""
    for mark in _TRACEBACKS:
        before, _, after = line.partition(mark)
        # A formatter would not add another line break.
        if after and not before.endswith("\n"):
            return before, mark[1:] + after
    if isinstance(error, RecordException) and error.traceback is None and error.type is not None:
        before, _, after = line.rpartition("\n")
        if after.partition(":")[0].rpartition(".")[2] == error.type.__name__:
            return before, after
    return line, ""


def _set_origin(made: logging.LogRecord, record: Record) -> None:
    """Set time, thread and process to those of the call; a new `LogRecord` has the current ones."""
    created = record["time"].timestamp()
    made.relativeCreated -= (made.created - created) * 1000
    made.created = created
    made.msecs = float(record["time"].microsecond // 1000)
    made.thread, made.threadName = record["thread"].id, record["thread"].name
    # A process without set attributes is this one.
    if isinstance(record, ForeignDict) or attributes_of(record["process"]):
        made.process, made.processName = record["process"].id, record["process"].name

"""The handler that passes records of `logging` to logly; `dictConfig` and `fileConfig` can name it too.

A record keeps its file, line, function, logger name, time, thread, process and task. The values given as `extra=` are
its fields.
"""

from __future__ import annotations

import logging
import re
import sys
from contextlib import suppress
from copy import copy

from logly._logly import _log_record
from logly._naming import guided
from logly._stdlib.foreign import (
    HIGHEST_LEVEL,
    HIGHEST_LINE,
    HIGHEST_PROCESS,
    HIGHEST_THREAD,
    ForeignRecord,
    nanoseconds,
    number,
    text,
)
from logly._stdlib.trails import trail_of
from logly.integrations._prepared import restored
from logly.integrations._returning import Before, Printed, give_back, is_returning
from logly.logger import logger as _global_logger
from logly.logger._given import logger_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import RLock
    from typing import Any

    from logly.logger import Logger

_FRAME = re.compile(
    r'^  File "(?P<file>.+)", line (?P<line>\d+), in (?P<function>.+)(?:\n    (?P<code>.*))?', re.MULTILINE
)

_COLORS = re.compile(r"\x1b\[[0-9;:]*m")
"""Escape sequences for colours, and for bold and underlined text."""

_LAST_WORDS_LIMIT = 5
"""Seconds that a flush waits; the end of a process waits as long."""

OWN_ATTRIBUTES = frozenset((*logging.makeLogRecord({}).__dict__, "message", "asctime", "taskName"))
"""The attributes that every `LogRecord` has. All others were given with the call."""

SIEVES: dict[str, Callable[[logging.LogRecord], logging.LogRecord | None]] = {}
"""Functions that adapt a library's records. Each returns the record, a copy, or None to leave it out.

Other modules of this package add them. The key is the first part of the names of the library's loggers.
"""

ADAPTERS: dict[str, Callable[[ForeignRecord], None]] = {}
"""Functions that change the records of all libraries on their way to logly, by the module that added them."""

LAST_WORDS: dict[str, str] = {}
"""The last message of a server before the system ends it, without its arguments, by the name of its logger."""


@guided
class Handler(logging.Handler):
    """A handler of `logging` that passes its records to logly. `logly.LoglyHandler` is another name for it.

    The message is the record's own or, with a formatter, the formatter's result; terminal colours are removed from it.
    logly shows the traceback itself, and takes it out of a message that a `QueueHandler` prepared. The level is the
    record's number. A number that logly has no name for stays a number.

    Several threads may use it at once: it has no lock; logly's sinks have their own. Records that came from the same
    logger, by `add("logging")` or another handler, are not taken again.

    Args:
        level: The lowest level that it takes: a number, or a name that `logging` knows or, if not, logly.
        logger: The logger whose sinks get the records; the global logger by default.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: The level is unknown.

    Example:
        >>> import logging, logly
        >>> library = logging.getLogger("library")
        >>> handler = logly.LoglyHandler()
        >>> library.addHandler(handler)
        >>> with logly.testing.capture() as records:
        ...     library.warning("%d items left", 3, extra={"shelf": "A"})
        >>> records[0]["message"], records[0]["name"], records[0]["shelf"]
        ('3 items left', 'library', 'A')
        >>> library.removeHandler(handler)
    """

    def __init__(self, level: int | str = logging.NOTSET, logger: Logger | None = None) -> None:  # noqa: D107 - see the class
        self._logger: Logger = logger_of(logger)
        super().__init__(_number(level))
        self.before: Before | None = None
        """The state that `intercept_logging` found before it added this handler."""
        self.is_direct = True
        """Whether calls of `logging` that go to this handler alone may be taken without a `LogRecord`."""

    def createLock(self) -> None:  # noqa: N802 - the standard library's name
        """Make no lock: with one, a sink that waits would keep other threads from logging."""
        self.lock: RLock | None = None

    def goes_to(self, logger: Logger) -> bool:
        """Tell whether the handler's records go to the sinks of a logger."""
        return self._logger._shares_with(logger)

    def handle(self, record: logging.LogRecord) -> bool:
        """Log a record if the filters let it through."""
        if _log_record(self, record):
            return True
        passed = self.filter(record)
        if passed:
            # From Python 3.12 on, a filter may return another record.
            self.emit(passed if isinstance(passed, logging.LogRecord) else record)
        return bool(passed)

    def emit(self, record: logging.LogRecord) -> None:
        """Log one record. Failures are reported as `logging` reports them."""
        if _is_known(record):
            return
        if is_returning(record, self._logger, self.before):
            give_back(record, self.before)
            return
        printed = Printed(self._logger, self.before)
        try:
            sieved = _sieved(record)
            if sieved is None:
                return
            record = restored(sieved)
            foreign = _foreign(record, self.formatter)
        except Exception:  # a formatter and a message are the program's
            # An endless recursion passes through `handleError`.
            with suppress(RecursionError):
                self.handleError(record)
            foreign = _foreign_of_broken(record)
        foreign.log(self._logger)
        printed.settle(record)
        if LAST_WORDS and _are_last_words(record):
            self._logger.flush(_LAST_WORDS_LIMIT)


def _number(level: int | str) -> int:
    """Return the number of a level. A name is looked up in `logging` first, then in logly."""
    known = logging.getLevelName(level) if isinstance(level, str) else level
    if isinstance(known, int):
        return known
    return _global_logger._level_number("level", level)


def _is_known(record: logging.LogRecord) -> bool:
    """Tell whether the hooks for errors have just logged the same error."""
    hooks = sys.modules.get("logly._capture.hooks")
    return hooks is not None and hooks.is_known(record.name)


def _are_last_words(record: logging.LogRecord) -> bool:
    name, message = record.__dict__.get("name"), record.__dict__.get("msg")
    # Programs may have set these to anything.
    return type(name) is str and type(message) is str and LAST_WORDS.get(name) == message


def _sieved(record: logging.LogRecord) -> logging.LogRecord | None:
    # `makeLogRecord` leaves the name None.
    sieve = SIEVES.get(record.name.partition(".")[0]) if SIEVES and record.name else None
    return record if sieve is None else sieve(record)


def _foreign(record: logging.LogRecord, formatter: logging.Formatter | None) -> ForeignRecord:
    return _made(record, record.getMessage() if formatter is None else _formatted(record, formatter))


def _foreign_of_broken(record: logging.LogRecord) -> ForeignRecord:
    """Return as much as possible of a record whose arguments do not fit its message."""
    made = _made(record, record.msg if isinstance(record.msg, str) else text(type(record.msg)))
    made.fields.setdefault("args", record.args)
    return made


def _formatted(record: logging.LogRecord, formatter: logging.Formatter) -> str:
    """Return the formatter's line without traceback and stack, which logly shows."""
    bare = copy(record)
    bare.exc_info = bare.exc_text = bare.stack_info = None
    return formatter.format(bare)


def _made(record: logging.LogRecord, message: str) -> ForeignRecord:
    """Return the record for logly. Records of other processes and libraries may hold any value in any attribute."""
    level = number(record.levelno, HIGHEST_LEVEL)
    # Numbers outside logly's range become the highest or the lowest level.
    made = ForeignRecord(_bounded(record.levelno) if level is None else level, _uncolored(text(message)))
    made.module, made.function, made.path = text(record.name), text(record.funcName), text(record.pathname)
    made.line = number(record.lineno, HIGHEST_LINE) or 0
    made.time_ns = nanoseconds(record.created)
    # `logging.logThreads` and similar settings leave these out.
    made.thread = number(record.thread, HIGHEST_THREAD)
    made.thread_name = None if record.threadName is None else text(record.threadName)
    made.process = number(record.process, HIGHEST_PROCESS) or made.process
    made.process_name = text(record.processName)
    task = getattr(record, "taskName", None)
    made.task = None if task is None else text(task)
    made.trail = trail_of(record)
    made.fields = {text(name): value for name, value in record.__dict__.items() if name not in OWN_ATTRIBUTES}
    if made.module.startswith("uvicorn"):
        # uvicorn's own formatter uses this copy of the message, with escapes.
        made.fields.pop("color_message", None)
    for adapt in ADAPTERS.values():
        adapt(made)
    if isinstance(record.stack_info, str) and record.stack_info:
        made.stack = _stack(record.stack_info)
    made.exception = _exception(record)
    return made


def _uncolored(message: str) -> str:
    """Return a message without the colours that some libraries put in."""
    return _COLORS.sub("", message) if "\x1b" in message else message


def _bounded(level: object) -> int:
    return HIGHEST_LEVEL if type(level) is int and level > 0 else 0


def _exception(record: logging.LogRecord) -> BaseException | str | None:
    """Return the exception, or its text if the exception stayed in another process."""
    given: Any = record.exc_info
    error = given[1] if isinstance(given, tuple) and len(given) > 1 else given
    if isinstance(error, BaseException):
        return error
    return record.exc_text if isinstance(record.exc_text, str) and record.exc_text else None


def _stack(text: str) -> tuple[str, list[dict[str, object]]]:
    """Return a stack's text, as logly keeps it, and its frames."""
    frames = [{**frame.groupdict(), "line": int(frame["line"])} for frame in _FRAME.finditer(text)]
    return text.rstrip("\n") + "\n", frames

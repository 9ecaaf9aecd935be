"""Records of `logging` for logly: the handler, which `dictConfig` and `fileConfig` can name too.

A record keeps what it says of itself: file, line, function, the name of its logger, time, thread, process, task. What
was given as `extra=` are its fields.
"""

from __future__ import annotations

import logging
import re
import sys
from contextlib import suppress
from copy import copy

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
"""How terminals are told of colours, and of bold and underlined text."""

_LAST_WORDS_LIMIT = 5
"""Seconds, as the end of a process has them."""

_OWN = frozenset((*logging.makeLogRecord({}).__dict__, "message", "asctime", "taskName"))
"""What every `LogRecord` has; everything else was given with the call."""

SIEVES: dict[str, Callable[[logging.LogRecord], logging.LogRecord | None]] = {}
"""What other modules of this package make of a library's records: the record, a copy, or None to leave it out.

The key is the first part of the names of the library's loggers.
"""

LAST_WORDS: dict[str, str] = {}
"""What servers log right before they have the system end them, by the names of their loggers, without arguments."""


@guided
class Handler(logging.Handler):
    """A handler of `logging` that gives its records to logly. `logly.LoglyHandler` is another name for it.

    The message is the record's own, or with a formatter what that makes of it; colours of terminals in it are left out.
    A traceback is logly's to show, and one that a `QueueHandler` put into the message is taken out of it. The level is
    the number; a number that logly has no name for stays a number.

    Several threads may use it at once: it has no lock, logly's sinks have theirs. What came from the same logger, by
    `add("logging")` or another handler, is not taken again.

    Args:
        level: The lowest level that it takes: a number, or a name that `logging` knows, or else logly.
        logger: Whose sinks get the records; the global logger's by default.

    Raises:
        TypeError: An argument is of a wrong type.
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
        """What `intercept_logging` found in its place."""

    def createLock(self) -> None:  # noqa: N802 - the standard library's name
        """Make no lock: a sink that waits for one would keep others from logging."""
        self.lock: RLock | None = None

    def goes_to(self, logger: Logger) -> bool:
        """Tell whether its records go to the sinks of a logger."""
        return self._logger._shares_with(logger)  # noqa: SLF001 - of this package

    def handle(self, record: logging.LogRecord) -> bool:
        """Ask the filters, and log what they let through."""
        passed = self.filter(record)
        if passed:
            # From Python 3.12 on a filter may give another record.
            self.emit(passed if isinstance(passed, logging.LogRecord) else record)
        return bool(passed)

    def emit(self, record: logging.LogRecord) -> None:
        """Log one record; what fails there is told as `logging` tells it."""
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
        except Exception:  # noqa: BLE001 - of a formatter or a message, which are the program's
            # What recurses without end passes through it.
            with suppress(RecursionError):
                self.handleError(record)
            foreign = _foreign_of_broken(record)
        foreign.log(self._logger)
        printed.settle(record)
        if LAST_WORDS and _are_last_words(record):
            self._logger.flush(_LAST_WORDS_LIMIT)


def _number(level: int | str) -> int:
    """Return the number of a level that `logging` knows by its name, or else logly."""
    known = logging.getLevelName(level) if isinstance(level, str) else level
    if isinstance(known, int):
        return known
    return _global_logger._level_number("level", level)  # noqa: SLF001 - of this package


def _is_known(record: logging.LogRecord) -> bool:
    """Tell whether the hooks for errors have just logged what it says."""
    hooks = sys.modules.get("logly._capture.hooks")
    return hooks is not None and hooks.is_known(record.name)


def _are_last_words(record: logging.LogRecord) -> bool:
    name, message = record.__dict__.get("name"), record.__dict__.get("msg")
    # Programs may have put anything there.
    return type(name) is str and type(message) is str and LAST_WORDS.get(name) == message


def _sieved(record: logging.LogRecord) -> logging.LogRecord | None:
    # `makeLogRecord` leaves it None.
    sieve = SIEVES.get(record.name.partition(".")[0]) if SIEVES and record.name else None
    return record if sieve is None else sieve(record)


def _foreign(record: logging.LogRecord, formatter: logging.Formatter | None) -> ForeignRecord:
    return _made(record, record.getMessage() if formatter is None else _formatted(record, formatter))


def _foreign_of_broken(record: logging.LogRecord) -> ForeignRecord:
    """Keep what can be kept of a record whose arguments do not fit its message."""
    made = _made(record, record.msg if isinstance(record.msg, str) else text(type(record.msg)))
    made.fields.setdefault("args", record.args)
    return made


def _formatted(record: logging.LogRecord, formatter: logging.Formatter) -> str:
    """Return the formatter's line without traceback and stack, which logly shows."""
    bare = copy(record)
    bare.exc_info = bare.exc_text = bare.stack_info = None
    return formatter.format(bare)


def _made(record: logging.LogRecord, message: str) -> ForeignRecord:
    """Return the record for logly. Those of other processes and libraries may hold anything anywhere."""
    level = number(record.levelno, HIGHEST_LEVEL)
    # Numbers that are none of either are the highest or the lowest.
    made = ForeignRecord(_bounded(record.levelno) if level is None else level, _uncolored(text(message)))
    made.module, made.function, made.path = text(record.name), text(record.funcName), text(record.pathname)
    made.line = number(record.lineno, HIGHEST_LINE) or 0
    made.time_ns = nanoseconds(record.created)
    # `logging.logThreads` and its kin leave these out.
    made.thread = number(record.thread, HIGHEST_THREAD)
    made.thread_name = None if record.threadName is None else text(record.threadName)
    made.process = number(record.process, HIGHEST_PROCESS) or made.process
    made.process_name = text(record.processName)
    task = getattr(record, "taskName", None)
    made.task = None if task is None else text(task)
    made.trail = trail_of(record)
    made.fields = {text(name): value for name, value in record.__dict__.items() if name not in _OWN}
    if made.module.startswith("uvicorn"):
        # The message once more, with escapes, for uvicorn's own formatter.
        made.fields.pop("color_message", None)
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
    """Return the exception, or where it stayed in another process its text."""
    given: Any = record.exc_info
    error = given[1] if isinstance(given, tuple) and len(given) > 1 else given
    if isinstance(error, BaseException):
        return error
    return record.exc_text if isinstance(record.exc_text, str) and record.exc_text else None


def _stack(text: str) -> tuple[str, list[dict[str, object]]]:
    """Return a stack's text, as logly keeps it, and its frames."""
    frames = [{**frame.groupdict(), "line": int(frame["line"])} for frame in _FRAME.finditer(text)]
    return text.rstrip("\n") + "\n", frames

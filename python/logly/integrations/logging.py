"""Records of `logging` for logly: the handler, which `dictConfig` and `fileConfig` can name too.

A record keeps what it says of itself: file, line, function, the name of its logger, time, thread, process, task. What
was given as `extra=` are its fields.
"""

from __future__ import annotations

import logging
import re
import sys
from copy import copy

from logly._foreign import MARK, ForeignRecord
from logly.logger import logger as _global_logger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import RLock

    from logly.logger import Logger

_FRAME = re.compile(
    r'^  File "(?P<file>.+)", line (?P<line>\d+), in (?P<function>.+)(?:\n    (?P<code>.*))?', re.MULTILINE
)

_OWN = frozenset((*logging.makeLogRecord({}).__dict__, "message", "asctime", "taskName", MARK))
"""What every `LogRecord` has; everything else was given with the call."""

SIEVES: dict[str, Callable[[logging.LogRecord], logging.LogRecord | None]] = {}
"""What other modules of this package make of a library's records: the record, a copy, or None to leave it out.

The key is the first part of the names of the library's loggers.
"""


class Handler(logging.Handler):
    """A handler of `logging` that gives its records to logly. `logly.LoglyHandler` is another name for it.

    The message is the record's own, or with a formatter what that makes of it; a traceback is logly's to show. The
    level is the number; a number that logly has no name for stays a number.

    Several threads may use it at once: it has no lock, logly's sinks have theirs. What came from the same logger, by
    `add("logging")` or another handler, is not taken again.

    Args:
        level: The lowest level that it takes, of those that `logging` knows.
        logger: Whose sinks get the records; the global logger's by default.

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
        super().__init__(level)
        self._logger = _global_logger if logger is None else logger

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
        try:
            sieved = _sieved(record)
            if sieved is None:
                return
            record = sieved
            foreign = _foreign(record, self.formatter)
        except Exception:  # noqa: BLE001 - of a formatter or a message, which are the program's
            self.handleError(record)
            foreign = _foreign_of_broken(record)
        foreign.log(self._logger)


def _is_known(record: logging.LogRecord) -> bool:
    """Tell whether the hooks for errors have just logged what it says."""
    hooks = sys.modules.get("logly._hooks")
    return hooks is not None and hooks.is_known(record.name)


def _sieved(record: logging.LogRecord) -> logging.LogRecord | None:
    sieve = SIEVES.get(record.name.partition(".")[0]) if SIEVES else None
    return record if sieve is None else sieve(record)


def _foreign(record: logging.LogRecord, formatter: logging.Formatter | None) -> ForeignRecord:
    return _made(record, record.getMessage() if formatter is None else _formatted(record, formatter))


def _foreign_of_broken(record: logging.LogRecord) -> ForeignRecord:
    """Keep what can be kept of a record whose arguments do not fit its message."""
    made = _made(record, record.msg if isinstance(record.msg, str) else repr(type(record.msg)))
    made.fields.setdefault("args", record.args)
    return made


def _formatted(record: logging.LogRecord, formatter: logging.Formatter) -> str:
    """Return the formatter's line without traceback and stack, which logly shows."""
    bare = copy(record)
    bare.exc_info = bare.exc_text = bare.stack_info = None
    return formatter.format(bare)


def _made(record: logging.LogRecord, message: str) -> ForeignRecord:
    made = ForeignRecord(record.levelno, message)
    made.module, made.function, made.path = record.name or "", record.funcName or "", record.pathname or ""
    made.line = max(record.lineno or 0, 0)
    made.time_ns = round(record.created * 1_000_000_000)
    # `logging.logThreads` and its kin leave these out.
    made.thread, made.thread_name = record.thread, record.threadName
    made.process = record.process or made.process
    made.process_name = record.processName or ""
    made.task = getattr(record, "taskName", None)
    made.trail = getattr(record, MARK, "")
    made.fields = {str(name): value for name, value in record.__dict__.items() if name not in _OWN}
    if record.stack_info:
        made.stack = _stack(record.stack_info)
    made.exception = record.exc_info[1] if isinstance(record.exc_info, tuple) else record.exc_text
    return made


def _stack(text: str) -> tuple[str, list[dict[str, object]]]:
    """Return a stack's text, as logly keeps it, and its frames."""
    frames = [{**frame.groupdict(), "line": int(frame["line"])} for frame in _FRAME.finditer(text)]
    return text.rstrip("\n") + "\n", frames

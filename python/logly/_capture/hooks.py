"""`install_hooks`: logs uncaught exceptions before the previous hooks handle them.

Records of the main thread's exceptions are written out before the previous hook is called, which may end the process.
"""

from __future__ import annotations

import sys
import threading

from logly._naming import guided
from logly._process import captures
from logly._stdlib.foreign import ForeignRecord, text
from logly._stdlib.undoing import Undoable
from logly.logger._given import flag, logger_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Any

    from logly.logger import Logger

FLUSH_TIMEOUT = 5.0
"""Seconds that sinks may take for the record of an exception that ends the program."""

_WITHOUT_RECORD = (KeyboardInterrupt, SystemExit)

_OWNER = "_logly_hooks"
"""The attribute of our hooks that holds their `Hooks` object."""

_BEFORE = "_logly_before"
"""The attribute of our hooks that holds the previous hook."""

_asked = threading.local()
"""Has `is_chained` while the loop's own handler, which logs too, is called on this thread."""


class Hooks(Undoable):
    """The installed hooks; `undo` or the end of a `with` block removes them."""

    __slots__ = ("_undos", "is_active", "logger")

    def __init__(self, logger: Logger) -> None:
        self.logger: Logger = logger
        self.is_active: bool = True
        self._undos: list[Callable[[], None]] = []

    def undo(self) -> None:
        """Restore the previous hooks. A hook that other code replaced since stays, and ours no longer logs."""
        captures.end(self)
        self.is_active = False
        while self._undos:
            self._undos.pop()()

    def replace(self, owner: Any, name: str, make: Callable[[Hooks, Any], Any]) -> None:
        """Replace a hook by the result of `make`, unless it is an active hook of the same logger already."""
        before = getattr(owner, name)
        known: Hooks | None = getattr(before, _OWNER, None)
        if known is not None and known.is_active and known.logger._shares_with(self.logger):
            return
        hook = make(self, before)
        setattr(hook, _OWNER, self)
        setattr(hook, _BEFORE, before)

        def undo() -> None:
            if getattr(owner, name) is hook:
                setattr(owner, name, _still_there(before))

        setattr(owner, name, hook)
        self._undos.append(undo)


def _still_there(hook: Any) -> Any:
    """Return a hook; if it is one of ours and was undone, return the one before it."""
    while True:
        owner: Hooks | None = getattr(hook, _OWNER, None)
        if owner is None or owner.is_active:
            return hook
        hook = getattr(hook, _BEFORE)


@guided
def install_hooks(*, asyncio: bool = True, logger: Logger | None = None) -> Hooks:
    """Log uncaught exceptions, and then call the previous hooks.

    - exceptions that end the main thread, at CRITICAL; written out, within 5 seconds, before anything else happens;
    - exceptions that end another thread, at CRITICAL;
    - exceptions that Python can only report, such as those in `__del__`, at ERROR;
    - exceptions of tasks and callbacks of `asyncio` that no code retrieves, at ERROR, unless the loop has a handler of
      its own.

    A second call does not install a hook on top of one that is already active. Each record has the traceback of its
    exception, and the place where it was raised. `KeyboardInterrupt` and `SystemExit` are not logged.

    Args:
        asyncio: Whether to watch event loops too; this imports `asyncio`. Loops of other libraries, such as uvloop, are
            not watched: they report to `logging`, see `intercept_logging`.
        logger: The logger whose sinks get the records; the global one by default.

    Returns:
        An object with `undo()`, which is also a context manager.

    Raises:
        TypeError: An argument is of a wrong type.

    Example:
        >>> import threading, logly
        >>> own = threading.excepthook
        >>> threading.excepthook = lambda arguments: None  # That of the interpreter prints the traceback.
        >>> with logly.testing.capture() as records, logly.install_hooks():
        ...     thread = threading.Thread(target=lambda: 1 / 0, name="worker")
        ...     thread.start()
        ...     thread.join()
        >>> records[0]["level"], records[0]["message"]
        ('CRITICAL', 'uncaught exception in thread worker')
        >>> threading.excepthook = own
    """
    is_for_loops = flag("asyncio", asyncio)
    hooks = Hooks(logger_of(logger))
    hooks.replace(sys, "excepthook", _main_hook)
    hooks.replace(threading, "excepthook", _thread_hook)
    hooks.replace(sys, "unraisablehook", _unraisable_hook)
    if is_for_loops:
        from asyncio.base_events import BaseEventLoop  # an import of tens of milliseconds

        hooks.replace(BaseEventLoop, "default_exception_handler", _loop_hook)
    if hooks.logger._number == 0:
        captures.begin(hooks, "install_hooks", {"asyncio": is_for_loops})
    return hooks


def _main_hook(hooks: Hooks, before: Callable[..., object]) -> Callable[..., None]:
    def hook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        try:
            if hooks.is_active and not issubclass(kind, _WITHOUT_RECORD):
                _log(hooks, "CRITICAL", "uncaught exception", error, {})
                hooks.logger.complete(FLUSH_TIMEOUT)
        finally:
            # Ctrl-C during that wait does not hide the exception.
            before(kind, error, traceback)

    return hook


def _thread_hook(hooks: Hooks, before: Callable[..., object]) -> Callable[..., None]:
    def hook(arguments: threading.ExceptHookArgs) -> None:
        error = arguments.exc_value
        if hooks.is_active and error is not None and not issubclass(arguments.exc_type, _WITHOUT_RECORD):
            name = "" if arguments.thread is None else arguments.thread.name
            _log(hooks, "CRITICAL", f"uncaught exception in thread {name}", error, {})
        before(arguments)

    return hook


def _unraisable_hook(hooks: Hooks, before: Callable[..., object]) -> Callable[..., None]:
    def hook(arguments: sys.UnraisableHookArgs) -> None:
        error = arguments.exc_value
        if hooks.is_active and error is not None and not issubclass(arguments.exc_type, _WITHOUT_RECORD):
            message = arguments.err_msg or "exception ignored"
            _log(hooks, "ERROR", f"{message}: {_shown(arguments.object)}", error, {})
        before(arguments)

    return hook


def _loop_hook(hooks: Hooks, before: Callable[..., object]) -> Callable[..., None]:
    def default_exception_handler(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not hooks.is_active:
            before(loop, context)
            return
        error = context.get("exception")
        fields = {name: _shown(value) for name, value in context.items() if name not in {"message", "exception"}}
        _log(hooks, "ERROR", context.get("message") or "unhandled exception in event loop", error, fields)
        _asked.is_chained = True
        try:
            before(loop, context)
        finally:
            _asked.is_chained = False

    return default_exception_handler


def is_known(logger_name: str) -> bool:
    """Tell whether the current report of a logger of `logging`, on this thread, is a record already."""
    return logger_name == "asyncio" and getattr(_asked, "is_chained", False)


def _log(hooks: Hooks, level: str, message: object, error: BaseException | None, fields: Mapping[str, object]) -> None:
    """Log an exception at the place where it was raised. A failure here must not hide the exception itself."""
    try:
        record = ForeignRecord(hooks.logger.level(level).no, text(message, "uncaught exception"))
        record.fields, record.exception = dict(fields), error
        _set_place(record, None if error is None else error.__traceback__)
        record.log(hooks.logger)
    except Exception as failure:  # told below; the previous hook still runs
        from logly._logly import _tell_failure  # almost never needed

        _tell_failure(failure, "logging an uncaught exception")


def _set_place(record: ForeignRecord, traceback: TracebackType | None) -> None:
    while traceback is not None:
        frame = traceback.tb_frame
        record.module = str(frame.f_globals.get("__name__", ""))
        record.function, record.path = frame.f_code.co_name, frame.f_code.co_filename
        record.line = traceback.tb_lineno or 0
        traceback = traceback.tb_next


def _shown(value: object) -> str:
    """Return the text of an object whose `repr` may fail."""
    try:
        return repr(value)
    except Exception:  # raised by the program's `repr`
        return f"<{type(value).__qualname__}>"

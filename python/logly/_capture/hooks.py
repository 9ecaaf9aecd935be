"""`install_hooks`: exceptions that nobody caught become records, before whatever else becomes of them.

The main thread's are written out before the hook that was there is called, which may end the process.
"""

from __future__ import annotations

import sys
import threading

from logly._naming import guided
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
"""The attribute of our hooks that has the `Hooks` they belong to."""

_BEFORE = "_logly_before"
"""The attribute of our hooks that has the hook that was there before."""

_asked = threading.local()
"""Has `is_chained` while the loop's own handler, which logs too, is called on this thread."""


class Hooks(Undoable):
    """What `install_hooks` changed, to be taken back by `undo` or at the end of a `with` block."""

    __slots__ = ("_undos", "is_active", "logger")

    def __init__(self, logger: Logger) -> None:
        self.logger: Logger = logger
        self.is_active: bool = True
        self._undos: list[Callable[[], None]] = []

    def undo(self) -> None:
        """Put back the hooks that were there before; where somebody else has changed one since, ours logs no more."""
        self.is_active = False
        while self._undos:
            self._undos.pop()()

    def replace(self, owner: Any, name: str, make: Callable[[Hooks, Any], Any]) -> None:  # noqa: ANN401 - any hook
        """Put what `make` makes of us and the hook in the hook's place, unless that is such a hook already."""
        before = getattr(owner, name)
        known: Hooks | None = getattr(before, _OWNER, None)
        if known is not None and known.is_active and known.logger._shares_with(self.logger):  # noqa: SLF001 - of this package
            return
        hook = make(self, before)
        setattr(hook, _OWNER, self)
        setattr(hook, _BEFORE, before)

        def undo() -> None:
            if getattr(owner, name) is hook:
                setattr(owner, name, _still_there(before))

        setattr(owner, name, hook)
        self._undos.append(undo)


def _still_there(hook: Any) -> Any:  # noqa: ANN401 - any hook
    """Return a hook, or where it is one of ours that was undone meanwhile the one before it."""
    while True:
        owner: Hooks | None = getattr(hook, _OWNER, None)
        if owner is None or owner.is_active:
            return hook
        hook = getattr(hook, _BEFORE)


@guided
def install_hooks(*, asyncio: bool = True, logger: Logger | None = None) -> Hooks:
    """Log exceptions that nobody caught, and then call the hooks that were there before.

    - those that end the main thread, at CRITICAL; written out, within 5 seconds, before anything else happens;
    - those that end another thread, at CRITICAL;
    - those that Python can only report, as from `__del__`, at ERROR;
    - those of tasks and callbacks of `asyncio` that nobody asks for, at ERROR, unless the loop has a handler of its
      own.

    When it is called again, hooks that are there already do not get a second one on top. Each record has its traceback,
    and the place where it was raised. `KeyboardInterrupt` and `SystemExit` are no records.

    Args:
        asyncio: Whether event loops are watched too; it imports `asyncio`. Loops of other libraries, as uvloop's, are
            not: they report to `logging`, see `intercept_logging`.
        logger: Whose sinks get the records; the global logger's by default.

    Returns:
        An object with `undo()`, which is a context manager too.

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
        from asyncio.base_events import BaseEventLoop  # noqa: PLC0415 - an import of tens of milliseconds

        hooks.replace(BaseEventLoop, "default_exception_handler", _loop_hook)
    return hooks


def _main_hook(hooks: Hooks, before: Callable[..., object]) -> Callable[..., None]:
    def hook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        try:
            if hooks.is_active and not issubclass(kind, _WITHOUT_RECORD):
                _log(hooks, "CRITICAL", "uncaught exception", error, {})
                hooks.logger.complete(FLUSH_TIMEOUT)
        finally:
            # Ctrl-C while that is waited for does not hide the exception.
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
    """Tell whether what a logger of `logging` says now, on this thread, is a record already."""
    return logger_name == "asyncio" and getattr(_asked, "is_chained", False)


def _log(hooks: Hooks, level: str, message: object, error: BaseException | None, fields: Mapping[str, object]) -> None:
    """Log it at the place where it was raised; what fails here must not hide the exception itself."""
    try:
        record = ForeignRecord(hooks.logger.level(level).no, text(message, "uncaught exception"))
        record.fields, record.exception = dict(fields), error
        _set_place(record, None if error is None else error.__traceback__)
        record.log(hooks.logger)
    except Exception as failure:  # noqa: BLE001 - told below; the hook that was there goes on
        from logly._logly import _tell_failure  # noqa: PLC0415 - as good as never

        _tell_failure(failure, "logging an uncaught exception")


def _set_place(record: ForeignRecord, traceback: TracebackType | None) -> None:
    while traceback is not None:
        frame = traceback.tb_frame
        record.module = str(frame.f_globals.get("__name__", ""))
        record.function, record.path = frame.f_code.co_name, frame.f_code.co_filename
        record.line = traceback.tb_lineno or 0
        traceback = traceback.tb_next


def _shown(value: object) -> str:
    """Return the text of an object that is in trouble."""
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - of the program's
        return f"<{type(value).__qualname__}>"

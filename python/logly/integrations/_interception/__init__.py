"""`intercept_logging`, which sends the records of `logging` to logly instead of to their handlers."""

from __future__ import annotations

import logging

from logly._naming import guided, shown
from logly._process import captures
from logly._stdlib.undoing import Undoable
from logly.integrations._interception.direct import Direct
from logly.integrations._returning import Before
from logly.integrations._switched_off import SwitchedOn, switch_on, watch
from logly.integrations.logging import Handler
from logly.logger._given import logger_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from typing_extensions import TypeGuard

    from logly.logger import Logger
    from logly.typing import LevelName


class Interception(Undoable):
    """The changes of `intercept_logging`, taken back by `undo` or at the end of a `with` block."""

    __slots__ = ("_changes",)

    def __init__(self, changes: list[_Change | SwitchedOn | Direct]) -> None:
        self._changes = changes

    def undo(self) -> None:
        """Restore the loggers: their handlers, their levels and whether they propagate.

        Changes that others made since then stay. Another call does nothing.
        """
        captures.end(self)
        with _alone():
            while self._changes:
                self._changes.pop().undo()


class _Change:
    """The changes to one logger."""

    __slots__ = ("_direct", "_handler", "_level", "_logger", "_propagate", "_removed", "_target")

    def __init__(
        self, logger: logging.Logger, target: Logger, level: int | None, *, propagates: bool, fast: bool
    ) -> None:
        self._logger = logger
        self._target = target
        self._handler = None if _is_intercepted(logger, target) else Handler(logger=target)
        self._removed: list[logging.Handler] = []
        if self._handler is not None:
            # Add it before the others are removed, so that the logger always has a handler.
            logger.addHandler(self._handler)
            self._removed = [handler for handler in logger.handlers if not isinstance(handler, Handler)]
            parent = logger.parent if logger.propagate and not propagates else None
            self._handler.before = Before(self._removed, logger.level, parent)
            for handler in self._removed:
                logger.removeHandler(handler)
        self._direct = [(found, found.is_direct, fast) for found in logger.handlers if _goes_to(found, target)]
        for found, _, is_direct in self._direct:
            found.is_direct = is_direct
        self._level = logger.level, logger.level if level is None else level
        logger.setLevel(self._level[1])
        self._propagate = logger.propagate, propagates
        logger.propagate = propagates
        _changes.setdefault(logger, []).append(self)

    def undo(self) -> None:
        """Undo this change, except where others changed the logger since. A later change takes over its undoing."""
        changes = _changes[self._logger]
        later = changes[changes.index(self) + 1 :]
        changes.remove(self)
        if later:
            self._leave_to(later)
            return
        logger = self._logger
        for handler in self._removed:
            logger.addHandler(handler)
        if self._handler is not None:
            logger.removeHandler(self._handler)
        for found, was_direct, is_direct in self._direct:
            if found.is_direct == is_direct:
                found.is_direct = was_direct
        before, after = self._level
        if logger.level == after:
            logger.setLevel(before)
        propagated, propagates = self._propagate
        if logger.propagate == propagates:
            logger.propagate = propagated

    def _leave_to(self, later: list[_Change]) -> None:
        """Let the next change undo this one too, and give the handler to a later change that needs it."""
        later[0]._removed += self._removed
        later[0]._level = self._level[0], later[0]._level[1]
        later[0]._propagate = self._propagate[0], later[0]._propagate[1]
        if self._handler is None:
            return
        heir = next((change for change in later if change._shares(self._handler)), None)
        if heir is None:
            self._logger.removeHandler(self._handler)
        else:
            heir._handler = self._handler

    def _shares(self, handler: Handler) -> bool:
        return self._handler is None and handler.goes_to(self._target)


_changes: dict[logging.Logger, list[_Change]] = {}
"""The changes not undone yet, in order. Loggers live as long as the program."""


@guided
def intercept_logging(
    level: LevelName | int = 0, loggers: Iterable[str] | None = None, *, logger: Logger | None = None, fast: bool = True
) -> Interception:
    """Send the records of `logging` to logly's sinks.

    A `LoglyHandler` replaces the handlers of the loggers concerned. Records keep their file, line, function, time,
    thread and process. `module` is the name of their logger, the values given as `extra=` become fields, and a number
    without a name stays a number. Loggers and handlers that are made later are not changed. On another call, loggers
    that are already intercepted get their new level, and no second handler. Loggers that `fileConfig` or `dictConfig`
    disabled since the first call are enabled again.

    Args:
        level: The lowest level that is taken: a name that logly knows, or a number. By default every record is taken,
            and the sinks decide. A higher level saves `logging` the work for records that no sink wants.
        loggers: Names of loggers, whose records go to logly alone from now on. By default the root logger is
            intercepted, and so are the existing loggers that do not propagate to it; these keep their levels. A logger
            that does not propagate and has no handler stays silent. Handlers of loggers that do propagate stay.
        logger: The logger whose sinks get the records; the global logger by default.
        fast: Whether calls whose records go to logly alone are taken natively, without a `LogRecord`. Other calls, such
            as those with handlers, filters or patches of others in their way, take Python's own way in any case.

    Returns:
        An object with `undo()`. It is also a context manager.

    Raises:
        TypeError: An argument has the wrong type, or `loggers` holds something other than names.
        ValueError: The level is unknown.

    Example:
        >>> import logging, logly
        >>> with logly.testing.capture() as records, logly.intercept_logging():
        ...     logging.getLogger("library").info("%s is ready", "it")
        >>> records[0]["message"], records[0]["level"], records[0]["module"]
        ('it is ready', 'INFO', 'library')
    """
    target = logger_of(logger)
    if not isinstance(fast, bool):
        message = f"fast: expected True or False, got {shown(fast)}"
        raise TypeError(message)
    number = target._level_number("level", level)
    with _alone():
        interception, names = _intercept(target, number, loggers, fast=fast)
    if target._number == 0:
        captures.begin(interception, "intercept_logging", {"level": number, "loggers": names, "fast": fast})
    return interception


def _intercept(
    target: Logger, number: int, loggers: Iterable[str] | None, *, fast: bool
) -> tuple[Interception, list[str] | None]:
    """Make the changes; return them with the names of the loggers, if there are names."""
    listed = None
    if loggers is not None:
        # With level 0 they would follow their parent's level.
        named = {found: max(number, 1) for found in _named(loggers)}
        listed = [found.name for found in named]
        names = tuple(f"{found.name}." for found in named)
        switched_on = switch_on(lambda name: f"{name}.".startswith(names))
        changes = [_Change(found, target, no, propagates=False, fast=fast) for found, no in named.items()]
    else:
        switched_on = switch_on(lambda _name: True)
        root = _Change(logging.root, target, number, propagates=logging.root.propagate, fast=fast)
        changes = [root, *(_Change(found, target, None, propagates=False, fast=fast) for found in _apart())]
    watch()
    return Interception([switched_on, *changes, *([Direct()] if fast else [])]), listed


def _alone() -> AbstractContextManager[object]:
    """Return the lock under which one thread at a time changes loggers. `logging` itself renews it in children."""
    lock: AbstractContextManager[object] = logging._lock  # type: ignore[attr-defined]
    return lock


def _named(names: Iterable[str]) -> Iterable[logging.Logger]:
    names = [names] if isinstance(names, str) else names
    if not hasattr(names, "__iter__"):
        message = f"loggers: expected names (str), got {shown(names)}"
        raise TypeError(message)
    for name in names:
        if not isinstance(name, str):
            message = f"loggers: expected names (str), got {shown(name)}"
            raise TypeError(message)
        yield logging.getLogger(name)


def _apart() -> list[logging.Logger]:
    """List the loggers whose records do not reach the root. Loggers without handlers are left out: they are silent."""
    known = list(logging.root.manager.loggerDict.values())
    return [
        logger for logger in known if isinstance(logger, logging.Logger) and not logger.propagate and _writes(logger)
    ]


def _writes(logger: logging.Logger) -> bool:
    """Tell whether a logger has a handler that does something with its records."""
    return any(not isinstance(handler, logging.NullHandler) for handler in logger.handlers)


def _is_intercepted(logger: logging.Logger, target: Logger) -> bool:
    return any(_goes_to(handler, target) for handler in logger.handlers)


def _goes_to(handler: logging.Handler, target: Logger) -> TypeGuard[Handler]:
    return isinstance(handler, Handler) and handler.goes_to(target)

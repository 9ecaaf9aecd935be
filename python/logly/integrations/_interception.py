"""`intercept_logging`: records of `logging` go to logly, where they went elsewhere."""
# ruff: noqa: SLF001 - changes of one logger know each other

from __future__ import annotations

import logging

from logly._naming import guided, shown
from logly._stdlib.undoing import Undoable
from logly.integrations._returning import Before
from logly.integrations._switched_off import SwitchedOn, switch_on, watch
from logly.integrations.logging import Handler
from logly.logger._given import logger_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from logly.logger import Logger
    from logly.typing import LevelName


class Interception(Undoable):
    """What `intercept_logging` changed, to be taken back by `undo` or at the end of a `with` block."""

    __slots__ = ("_changes",)

    def __init__(self, changes: list[_Change | SwitchedOn]) -> None:
        self._changes = changes

    def undo(self) -> None:
        """Have loggers as they were before: their handlers, levels and whether they propagate.

        What others changed since then stays. Another call does nothing.
        """
        while self._changes:
            self._changes.pop().undo()


class _Change:
    """What became of one logger."""

    __slots__ = ("_handler", "_level", "_logger", "_propagate", "_removed", "_target")

    def __init__(self, logger: logging.Logger, target: Logger, level: int | None, *, propagates: bool) -> None:
        self._logger = logger
        self._target = target
        self._handler = None if _is_intercepted(logger, target) else Handler(logger=target)
        self._removed: list[logging.Handler] = []
        if self._handler is not None:
            # Added before the others go: no record finds the logger without a handler.
            logger.addHandler(self._handler)
            self._removed = [handler for handler in logger.handlers if not isinstance(handler, Handler)]
            parent = logger.parent if logger.propagate and not propagates else None
            self._handler.before = Before(self._removed, logger.level, parent)
            for handler in self._removed:
                logger.removeHandler(handler)
        self._level = logger.level, logger.level if level is None else level
        logger.setLevel(self._level[1])
        self._propagate = logger.propagate, propagates
        logger.propagate = propagates
        _changes.setdefault(logger, []).append(self)

    def undo(self) -> None:
        """Take it back, but for what others changed since; where it is intercepted anew, when that is undone."""
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
        before, after = self._level
        if logger.level == after:
            logger.setLevel(before)
        propagated, propagates = self._propagate
        if logger.propagate == propagates:
            logger.propagate = propagated

    def _leave_to(self, later: list[_Change]) -> None:
        """Have the next change take back what this one did, and keep the handler for one that needs it."""
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
"""What is not undone, in order; loggers live as long as the program."""


@guided
def intercept_logging(
    level: LevelName | int = 0, loggers: Iterable[str] | None = None, *, logger: Logger | None = None
) -> Interception:
    """Have what is logged by `logging` go to logly's sinks.

    The handlers of the loggers concerned give way to a `LoglyHandler`. Records keep their file, line, function, time,
    thread and process; `module` is the name of their logger, what was given as `extra=` are fields, a number without a
    name stays a number. Loggers and handlers that are made later are left alone. When it is called again, loggers that
    are intercepted already get their new level, and no second handler. Loggers that `fileConfig` or `dictConfig`
    disabled since the first call are on again.

    Args:
        level: The lowest level that is taken, a name that logly knows or a number; by default it is everything, and
            the sinks decide. A higher one spares `logging` the work for records that nobody wants.
        loggers: Names of loggers: their records go to logly alone from now on. By default the root logger is
            intercepted, and so are those there are that do not propagate to it, which keep their levels. A logger that
            does not propagate and has no handler stays silent. Handlers of loggers that do propagate stay.
        logger: Whose sinks get the records; the global logger's by default.

    Returns:
        An object with `undo()`, which is a context manager too.

    Raises:
        TypeError: An argument is of a wrong type, or `loggers` holds something else than names.
        ValueError: The level is unknown.

    Example:
        >>> import logging, logly
        >>> with logly.testing.capture() as records, logly.intercept_logging():
        ...     logging.getLogger("library").info("%s is ready", "it")
        >>> records[0]["message"], records[0]["level"], records[0]["module"]
        ('it is ready', 'INFO', 'library')
    """
    target = logger_of(logger)
    number = target._level_number("level", level)
    if loggers is not None:
        # 0 would have them follow their parent's level.
        named = {found: max(number, 1) for found in _named(loggers)}
        names = tuple(f"{found.name}." for found in named)
        switched_on = switch_on(lambda name: f"{name}.".startswith(names))
        changes = [_Change(found, target, no, propagates=False) for found, no in named.items()]
    else:
        switched_on = switch_on(lambda _name: True)
        root = _Change(logging.root, target, number, propagates=logging.root.propagate)
        changes = [root, *(_Change(found, target, None, propagates=False) for found in _apart())]
    watch()
    return Interception([switched_on, *changes])


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
    """List the loggers whose records go elsewhere than to the root. One without handlers goes nowhere."""
    known = list(logging.root.manager.loggerDict.values())
    return [
        logger for logger in known if isinstance(logger, logging.Logger) and not logger.propagate and _writes(logger)
    ]


def _writes(logger: logging.Logger) -> bool:
    """Tell whether a logger has a handler that does something with its records."""
    return any(not isinstance(handler, logging.NullHandler) for handler in logger.handlers)


def _is_intercepted(logger: logging.Logger, target: Logger) -> bool:
    return any(isinstance(handler, Handler) and handler.goes_to(target) for handler in logger.handlers)

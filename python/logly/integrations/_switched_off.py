"""Loggers that `fileConfig` or `dictConfig` switched off because the configuration did not name them.

Loggers that the program itself disabled are told apart by a sentry. The sentry is a logger that is first in the list of
loggers, so a configuration disables it before any other. The sentry then notes which loggers are still on.
"""

from __future__ import annotations

import logging

from logly._stdlib.undoing import Undoable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_NAME = "!logly"
"""The name of the sentry. Configurations go through loggers by name, and this name comes before names of modules."""


class _Sentry(logging.Logger):
    """A logger that notes which others are on when a configuration disables it."""

    @property
    def disabled(self) -> bool:
        """Whether the sentry is disabled: always False."""
        return False

    @disabled.setter
    def disabled(self, is_disabled: bool) -> None:
        if is_disabled:
            _switched_off.update(logger for logger in _known() if not logger.disabled)


_switched_off: set[logging.Logger] = set()
"""Loggers that were on when a configuration disabled the loggers it does not name."""


class SwitchedOn(Undoable):
    """Loggers that were switched on again."""

    __slots__ = ("_loggers",)

    def __init__(self, loggers: set[logging.Logger]) -> None:
        """Switch the loggers on."""
        self._loggers = loggers
        for logger in loggers:
            logger.disabled = False

    def undo(self) -> None:
        """Switch the loggers off again, as the configuration had done."""
        for logger in self._loggers:
            logger.disabled = True
        _switched_off.update(self._loggers)
        self._loggers = set()


def watch() -> None:
    """Start to note the loggers that configurations switch off."""
    known = logging.root.manager.loggerDict
    if _NAME not in known:
        sentry = _Sentry(_NAME)
        sentry.parent = logging.root
        known[_NAME] = sentry


def switch_on(is_concerned: Callable[[str], bool]) -> SwitchedOn:
    """Switch on the loggers of some names that configurations switched off and that are still off."""
    concerned = {logger for logger in _switched_off if is_concerned(logger.name)}
    _switched_off.difference_update(concerned)
    return SwitchedOn({logger for logger in concerned if logger.disabled})


def _known() -> list[logging.Logger]:
    return [logger for logger in list(logging.root.manager.loggerDict.values()) if isinstance(logger, logging.Logger)]

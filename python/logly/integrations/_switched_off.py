"""Loggers that `fileConfig` or `dictConfig` has switched off: they disable those that they do not name.

A logger that the program disabled by itself is told from them: before a configuration disables any logger, it comes to
one that is put first in the list of loggers for that.
"""

from __future__ import annotations

import logging

from logly._stdlib.undoing import Undoable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_NAME = "!logly"
"""Configurations go through loggers by name, and this one comes before names that modules have."""


class _Sentry(logging.Logger):
    """A logger that notes which others are on when a configuration disables it."""

    @property
    def disabled(self) -> bool:
        """Whether it is disabled, which it never is."""
        return False

    @disabled.setter
    def disabled(self, is_disabled: bool) -> None:
        if is_disabled:
            _switched_off.update(logger for logger in _known() if not logger.disabled)


_switched_off: set[logging.Logger] = set()
"""Loggers that were on when a configuration disabled those that it does not name."""


class SwitchedOn(Undoable):
    """Loggers that are on again."""

    __slots__ = ("_loggers",)

    def __init__(self, loggers: set[logging.Logger]) -> None:
        """Switch them on."""
        self._loggers = loggers
        for logger in loggers:
            logger.disabled = False

    def undo(self) -> None:
        """Have them as the configuration had them."""
        for logger in self._loggers:
            logger.disabled = True
        _switched_off.update(self._loggers)
        self._loggers = set()


def watch() -> None:
    """Note from now on what configurations switch off."""
    known = logging.root.manager.loggerDict
    if _NAME not in known:
        sentry = _Sentry(_NAME)
        sentry.parent = logging.root
        known[_NAME] = sentry


def switch_on(is_concerned: Callable[[str], bool]) -> SwitchedOn:
    """Switch on the loggers of some names that configurations have switched off and that are still so."""
    concerned = {logger for logger in _switched_off if is_concerned(logger.name)}
    _switched_off.difference_update(concerned)
    return SwitchedOn({logger for logger in concerned if logger.disabled})


def _known() -> list[logging.Logger]:
    return [logger for logger in list(logging.root.manager.loggerDict.values()) if isinstance(logger, logging.Logger)]

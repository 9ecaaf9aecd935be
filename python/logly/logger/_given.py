"""Checks of arguments; errors name the argument, the value and the allowed values."""

from __future__ import annotations

from logly._naming import shown
from logly.logger import Logger, logger as _global_logger


def logger_of(given: Logger | None) -> Logger:
    """Return the given logger, or the global one.

    Raises:
        TypeError: The argument is not a logger.
    """
    if given is None:
        return _global_logger
    if not isinstance(given, Logger):
        message = f"logger: expected a logly.Logger, got {shown(given)}"
        raise TypeError(message)
    return given


def flag(name: str, given: object) -> bool:
    """Return a switch.

    Raises:
        TypeError: The argument is neither True nor False.
    """
    if not isinstance(given, bool):
        message = f"{name}: expected True or False, got {shown(given)}"
        raise TypeError(message)
    return given

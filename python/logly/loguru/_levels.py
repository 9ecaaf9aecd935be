"""Defining and editing levels, with the errors that programs know."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def define(logger: Any, name: str, no: int | None, color: str | None, icon: str | None) -> None:
    """Define a level or change one."""
    if _exists(logger, name):
        if no is not None:
            message = f"Level '{name}' already exists, you can't update its severity no"
            raise ValueError(message)
    else:
        _check(name, no)
    logger._define_level(name, no, color, icon)


def _check(name: str, no: Any) -> None:
    if no is None:
        message = f"Level '{name}' does not exist, you have to create it by specifying a level no"
        raise ValueError(message)
    if not isinstance(no, int):
        message = f"Invalid level no, it should be an integer, not: '{type(no).__name__}'"
        raise TypeError(message)
    if no < 0:
        message = f"Invalid level no, it should be a positive integer, not: {no}"
        raise ValueError(message)


def _exists(logger: Any, name: str) -> bool:
    try:
        logger._level(name)
    except ValueError:
        return False
    return True

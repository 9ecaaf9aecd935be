"""The defaults of `add` and of the levels, which the variables `LOGURU_*` change when this module is imported."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FORMAT = (
    "<green>{time:YYYY-MM-DD HH:mm:ss.SSS}</green> | <level>{level: <8}</level> | "
    "<cyan>{name}</cyan>:<cyan>{function}</cyan>:<cyan>{line}</cyan> - <level>{message}</level>"
)

_YES = ("1", "true", "yes", "y", "ok", "on")
_NO = ("0", "false", "no", "n", "nok", "off")

LEVELS = ("TRACE", "DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR", "CRITICAL")


def _text(name: str, default: str | None = None) -> str | None:
    return os.environ.get(name, default)


def _flag(name: str, *, default: bool | None) -> bool | None:
    given = os.environ.get(name)
    if given is None:
        return default
    lowered = given.lower()
    if lowered in _YES:
        return True
    if lowered in _NO:
        return False
    message = f"Invalid environment variable {name!r} (expected a boolean): '{given}'"
    raise ValueError(message)


def _level(name: str, default: str | int) -> str | int:
    given = os.environ.get(name)
    if given is None:
        return default
    try:
        return int(given)
    except ValueError:
        return given


AUTOINIT = bool(_flag("LOGURU_AUTOINIT", default=True))
OPTIONS: dict[str, Any] = {
    "level": _level("LOGURU_LEVEL", "DEBUG"),
    "format": _text("LOGURU_FORMAT", FORMAT),
    "filter": _text("LOGURU_FILTER"),
    "colorize": _flag("LOGURU_COLORIZE", default=None),
    "serialize": bool(_flag("LOGURU_SERIALIZE", default=False)),
    "backtrace": bool(_flag("LOGURU_BACKTRACE", default=True)),
    "diagnose": bool(_flag("LOGURU_DIAGNOSE", default=True)),
    "enqueue": bool(_flag("LOGURU_ENQUEUE", default=False)),
    "context": _text("LOGURU_CONTEXT"),
    "catch": bool(_flag("LOGURU_CATCH", default=True)),
}
"""The default of each option of `add`."""


def unread() -> list[str]:
    """Return the variables that set numbers of levels, which are fixed here."""
    return [name for name in (f"LOGURU_{level}_NO" for level in LEVELS) if name in os.environ]


def changed_levels() -> dict[str, dict[str, str]]:
    """Return the colours and icons of levels that the environment sets."""
    changed: dict[str, dict[str, str]] = {}
    for level in LEVELS:
        for part in ("color", "icon"):
            given = os.environ.get(f"LOGURU_{level}_{part.upper()}")
            if given is not None:
                changed.setdefault(level, {})[part] = given
    return changed

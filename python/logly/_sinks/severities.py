"""Levels for handlers of `logging` that know only the five of `logging`: what else comes there goes by its number.

`SysLogHandler` finds severities by the name of the level, and takes every name that it does not know for a warning.
`NTEventLogHandler` finds types of events by the number, and takes every other number for an error.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging

_KNOWN = frozenset(("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
_NOTICE = 22
_SEVERITIES = ((50, "critical"), (40, "error"), (30, "warning"), (20, "info"))


def make_known(handler: logging.Handler, name: str, number: int) -> None:
    """Have a handler know a level, and `SysLogHandler` itself: others may have one behind a queue or a logger.

    What the program says of a level in `priority_map` or `typemap` stays.
    """
    handlers = sys.modules.get("logging.handlers")
    if name in _KNOWN or handlers is None:
        return
    maps = [handlers.SysLogHandler.priority_map]
    if isinstance(handler, handlers.SysLogHandler):
        maps.append(handler.priority_map)
    for severities in maps:
        # A class of the program's may have a map that cannot be changed.
        if isinstance(severities, dict):
            severities.setdefault(name, _severity(number))
    types = getattr(handler, "typemap", None) if isinstance(handler, handlers.NTEventLogHandler) else None
    if isinstance(types, dict) and types:
        below = [known for known in types if known <= number]
        types.setdefault(number, types[max(below, default=min(types))])


def _severity(number: int) -> str:
    """Return the severity of a number: the highest that is not above it. Only NOTICE itself is a notice."""
    if number == _NOTICE:
        return "notice"
    return next((severity for lowest, severity in _SEVERITIES if number >= lowest), "debug")

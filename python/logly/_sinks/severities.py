"""Maps other levels by their number, for handlers of `logging` that know only the five levels of `logging`.

`SysLogHandler` finds severities by the name of the level, and treats every unknown name as a warning.
`NTEventLogHandler` finds types of events by the number, and treats every unknown number as an error.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging

KNOWN = frozenset(("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
"""The levels of `logging`, which every handler knows."""

_NOTICE = 22
_SEVERITIES = ((50, "critical"), (40, "error"), (30, "warning"), (20, "info"))


def make_known(handler: logging.Handler, name: str, number: int) -> None:
    """Make a level known to a handler and to the class `SysLogHandler`, for handlers behind a queue or a logger.

    Entries of the program in `priority_map` or `typemap` stay.
    """
    handlers = sys.modules.get("logging.handlers")
    if name in KNOWN or handlers is None:
        return
    maps = [handlers.SysLogHandler.priority_map]
    if isinstance(handler, handlers.SysLogHandler):
        maps.append(handler.priority_map)
    for severities in maps:
        # A class of the program may have an immutable map.
        if isinstance(severities, dict):
            severities.setdefault(name, _severity(number))
    types = getattr(handler, "typemap", None) if isinstance(handler, handlers.NTEventLogHandler) else None
    if isinstance(types, dict) and types:
        below = [known for known in types if known <= number]
        types.setdefault(number, types[max(below, default=min(types))])


def _severity(number: int) -> str:
    """Return the highest severity that is not above a number. Only the number of NOTICE is a notice."""
    if number == _NOTICE:
        return "notice"
    return next((severity for lowest, severity in _SEVERITIES if number >= lowest), "debug")

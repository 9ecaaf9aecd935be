"""The requests that a program answers, and its answers: JSON objects of one line each.

`{"do": "status"}` asks for everything, `{"do": "levels"}` for the levels. `{"do": "set", "levels": {"shop": "DEBUG"},
"seconds": 600}` changes levels. The answer to a request that cannot be met is `{"error": TEXT}`.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress

from logly import _logly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from logly._control.levels import Levels
    from logly.logger import Logger

MOST_BYTES = 1 << 20
"""The length of an answer."""

LONGEST = 366 * 86400.0
"""Seconds that a temporary level may hold."""

_MOST_LEVELS = 1000


class RequestError(ValueError):
    """A request that no program understands."""


def answer(logger: Logger, levels: Levels, request: bytes) -> bytes:
    """Return the line that answers a request."""
    try:
        found = _handled(logger, levels, _parsed(request))
    except (TypeError, ValueError) as error:
        found = {"error": str(error)}
    line = json.dumps(found, default=str).encode() + b"\n"
    if len(line) > MOST_BYTES:
        return json.dumps({"error": f"the answer is longer than {MOST_BYTES} bytes"}).encode() + b"\n"
    return line


def _parsed(request: bytes) -> dict[str, Any]:
    try:
        found = json.loads(request)
    except (ValueError, RecursionError):
        message = "expected a request in JSON"
        raise RequestError(message) from None
    if not isinstance(found, dict):
        message = "expected an object as the request"
        raise RequestError(message)
    return found


def _handled(logger: Logger, levels: Levels, request: dict[str, Any]) -> dict[str, Any]:
    wanted = request.get("do")
    if wanted == "status":
        return _status(logger, levels)
    if wanted == "levels":
        return levels.table()
    if wanted != "set":
        message = "expected one of the requests status, levels, set"
        raise RequestError(message)
    changes, seconds = _levels_of(request), request.get("seconds")
    if seconds is not None and not _is_duration(seconds):
        message = f"seconds: expected more than 0 and at most {LONGEST:.0f}"
        raise RequestError(message)
    levels.change(changes, seconds)
    return {**levels.table(), "notes": levels.reasons(changes)}


def _levels_of(request: dict[str, Any]) -> dict[str, str]:
    given: Any = request.get("levels")
    is_object = isinstance(given, dict) and 0 < len(given) <= _MOST_LEVELS
    if not is_object or not all(isinstance(level, str) for level in given.values()):
        message = "levels: expected an object of module to level"
        raise RequestError(message)
    return dict(given)


def _is_duration(given: object) -> bool:
    return isinstance(given, (int, float)) and not isinstance(given, bool) and 0 < given <= LONGEST


def _status(logger: Logger, levels: Levels) -> dict[str, Any]:
    stats = logger.stats()
    sinks = [{**info, "stats": stats["sinks"].get(info["id"])} for info in logger.all_sinks_info()]
    counts: list[Any] = [*stats["sinks"].values(), *stats["callbacks"].values()]
    found = {
        "pid": os.getpid(),
        "program": os.path.basename(sys.argv[0]) if getattr(sys, "argv", None) else "",
        "version": _logly.__version__,
        "python": ".".join(map(str, sys.version_info[:3])),
        "uptime": round(uptime(), 1),
        "sinks": sinks,
        "callbacks": [{"id": number, **one} for number, one in stats["callbacks"].items()],
        "lost": _summed(counts),
        "levels": levels.table(),
    }
    watching = sys.modules.get("logly._config.watch")
    if watching is not None:
        found.update(watching.described(logger))
    return found


def _summed(counts: list[Any]) -> dict[str, int]:
    """Return the records that were not written, by reason. Records that nobody wanted are not among them."""
    lost: dict[str, int] = {}
    for one in counts:
        for reason, count in one["dropped"].items():
            lost[reason] = lost.get(reason, 0) + count
    return lost


_imported = time.monotonic()


def uptime() -> float:
    """Return the seconds since the process was started, or where the system does not tell, since it serves."""
    with suppress(OSError, ValueError, IndexError):
        with open("/proc/self/stat", "rb") as file:
            ticks = int(file.read().rpartition(b")")[2].split()[19])
        with open("/proc/uptime", "rb") as file:
            now = float(file.read().split()[0])
        return max(0.0, now - ticks / os.sysconf("SC_CLK_TCK"))
    return time.monotonic() - _imported

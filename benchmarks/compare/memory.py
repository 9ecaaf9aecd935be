"""Resident memory of this process, in bytes; None if the system does not report it."""

from __future__ import annotations

import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


def resident() -> int | None:
    """Return the current resident size."""
    return _status("VmRSS")


def peak() -> int | None:
    """Return the highest resident size since the start or the last `reset_peak`."""
    return _status("VmHWM") or _peak_by_rusage()


def reset_peak() -> None:
    """Start a new peak at the current size, if the system can."""
    try:
        _CLEAR.write_text("5", encoding="ascii")
    except OSError:
        return


def _status(key: str) -> int | None:
    try:
        lines = _STATUS.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    for line in lines:
        name, _, value = line.partition(":")
        if name == key:
            return int(value.split()[0]) * 1024
    return None


def _peak_by_rusage() -> int | None:
    try:
        import resource  # noqa: PLC0415 - Windows has no such module
    except ImportError:
        return None
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest if sys.platform == "darwin" else largest * 1024

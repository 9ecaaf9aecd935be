"""The exports of this process, at its end and after a fork."""

from __future__ import annotations

import os
from time import monotonic
from weakref import WeakSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class _Export(Protocol):
        """A sink that sends records."""

        def hurry(self) -> None:
            """Try again now, and not for long."""

        def end(self, timeout: float) -> None:
            """Send or keep the records that are left."""

        def forget_parent(self) -> None:
            """Leave everything that is open to the parent."""


exports: WeakSet[_Export] = WeakSet()
"""All sinks that send records."""


def hurry_all() -> None:
    """Have all sinks try again now."""
    for export in list(exports):
        export.hurry()


def end_all(timeout: float) -> float:
    """Have all sinks send or keep their records; return the seconds that this took."""
    began = monotonic()
    hurry_all()
    for export in list(exports):
        export.end(max(began + timeout - monotonic(), 0.0))
    return monotonic() - began


def _leave_to_parent() -> None:
    for export in list(exports):
        export.forget_parent()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no forks
    os.register_at_fork(after_in_child=_leave_to_parent)

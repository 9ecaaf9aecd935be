"""One module per library: how it is set up, and how each call is written for it.

A module has `open_session(shape, folder, mode)`, which imports the library only then, so that a
library that is not there is a result and not a failure.
"""

from __future__ import annotations

import contextlib
import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.compare.content import Output
    from benchmarks.compare.scenarios import Shape


def _nothing() -> None:
    """Do nothing: the library writes on the caller's thread."""


def _none_dropped() -> int:
    """Say 0: the library does not count drops; lost lines are found by reading back."""
    return 0


@dataclass(frozen=True)
class Session:
    """A library set up for one shape.

    `call` and `last` are source text; `names` is what they refer to. `last`, if any, is one more
    call after the measured ones, which proves that a filtered or errors-only sink is alive. `drain`
    returns when every line is written. `imports` is the line by which a program gets its logger, where
    that is an import: CPython compiles calls on an imported name differently from those on others.
    """

    call: str
    names: dict[str, object]
    outputs: tuple[Output, ...]
    last: str = ""
    drain: Callable[[], object] = _nothing
    close: Callable[[], object] = _nothing
    dropped: Callable[[], int] = _none_dropped
    context: Callable[[], contextlib.AbstractContextManager[object]] = contextlib.nullcontext
    imports: str = ""


@dataclass(frozen=True)
class Library:
    """Where a library's adapter is, its mode, and the names of its module and distributions."""

    adapter: str
    mode: str = ""
    module: str = ""
    distributions: tuple[str, ...] = field(default=())

    def open_session(self, shape: Shape, folder: Path) -> Session:
        """Set the library up to write into *folder*.

        Raises:
            ImportError: The library is not installed.
        """
        adapter = importlib.import_module(f"benchmarks.compare.adapters.{self.adapter}")
        session: Session = adapter.open_session(shape, folder, self.mode)
        return session


LIBRARIES = {
    "empty-native-call": Library("floors", "native"),
    "python-def": Library("floors", "def"),
    "os-write": Library("floors", "os"),
    "buffered-write": Library("floors", "buffered"),
    "logging": Library("standard", "plain", "logging"),
    "logging-queue": Library("standard", "queue", "logging.handlers"),
    "logging-json": Library("standard", "json", "pythonjsonlogger.orjson", ("python-json-logger", "orjson")),
    "loguru": Library("loguru", "direct", "loguru", ("loguru", "orjson")),
    "loguru-enqueue": Library("loguru", "enqueue", "loguru", ("loguru", "orjson")),
    "structlog": Library("structlog", "", "structlog", ("structlog", "orjson")),
    "picologging": Library("picologging", "", "picologging", ("picologging",)),
    "logly": Library("logly", "async", "logly", ("logly",)),
    "logly-sync": Library("logly", "sync", "logly", ("logly",)),
}

"""One module per library: how it is set up, and how each call is written for it.

A module has `open_session(shape, folder, mode, kept)`, which imports the library only then, so that a
library that is not there is a result and not a failure. Of the modes, `rotating` begins a new file
every `FILE_BYTES` and compresses the one before where the library can; `per-line` does so before
every line, without compression.
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

FILE_BYTES = 10_000_000
KEPT = 1_000
"""Archives kept by the modes that rotate, where a scenario does not say how many."""


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
    returns when every line is written, `settle`, if any, when what follows from them is done too: archives
    are compressed. `imports` is the line by which a program gets its logger, where
    that is an import: CPython compiles calls on an imported name differently from those on others.
    """

    call: str
    names: dict[str, object]
    outputs: tuple[Output, ...]
    last: str = ""
    drain: Callable[[], object] = _nothing
    settle: Callable[[], object] | None = None
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

    def open_session(self, shape: Shape, folder: Path, kept: int = KEPT) -> Session:
        """Set the library up to write into *folder*; a mode that rotates keeps so many archives.

        Raises:
            ImportError: The library is not installed.
        """
        adapter = importlib.import_module(f"benchmarks.compare.adapters.{self.adapter}")
        session: Session = adapter.open_session(shape, folder, self.mode, kept)
        return session


LIBRARIES = {
    "empty-native-call": Library("floors", "native"),
    "python-def": Library("floors", "def"),
    "os-write": Library("floors", "os"),
    "buffered-write": Library("floors", "buffered"),
    "logging": Library("standard", "plain", "logging"),
    "logging-queue": Library("standard", "queue", "logging.handlers"),
    "logging-rotating": Library("standard", "rotating", "logging.handlers"),
    "logging-per-line": Library("standard", "per-line", "logging.handlers"),
    "logging-json": Library("standard", "json", "pythonjsonlogger.orjson", ("python-json-logger", "orjson")),
    "loguru": Library("loguru", "direct", "loguru", ("loguru", "orjson")),
    "loguru-enqueue": Library("loguru", "enqueue", "loguru", ("loguru", "orjson")),
    "loguru-rotating": Library("loguru", "rotating", "loguru", ("loguru",)),
    "loguru-per-line": Library("loguru", "per-line", "loguru", ("loguru",)),
    "structlog": Library("structlog", "", "structlog", ("structlog", "orjson")),
    "picologging": Library("picologging", "", "picologging", ("picologging",)),
    "logly": Library("logly", "async", "logly", ("logly",)),
    "logly-sync": Library("logly", "sync", "logly", ("logly",)),
    "logly-rotating": Library("logly", "rotating", "logly", ("logly",)),
    "logly-sync-rotating": Library("logly", "sync-rotating", "logly", ("logly",)),
    "logly-per-line": Library("logly", "per-line", "logly", ("logly",)),
}

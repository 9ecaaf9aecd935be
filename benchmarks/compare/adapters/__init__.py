"""One module per library: it sets up the library and holds the source text of each call.

Each module has `open_session(shape, folder, mode, kept)`, which imports the library only when called,
so that a missing library is a result and not a failure. The mode `rotating` begins a new file every
`FILE_BYTES` and compresses the previous one if the library can; `per-line` begins a new file before
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
"""The number of archives that rotating modes keep, unless a scenario sets it."""


def _nothing() -> None:
    """Do nothing: the library writes on the caller's thread."""


def _none_dropped() -> int:
    """Return 0: the library does not count drops; reading back finds lost lines."""
    return 0


@dataclass(frozen=True)
class Session:
    """A library set up for one shape.

    `call` and `last` are source text; `names` holds the objects they refer to. `last`, if any, is one
    more call after the measured ones, which proves that a filtered or errors-only sink works. `drain`
    returns when every line is written. `settle`, if any, returns when archives are compressed as well.
    `imports` is the line by which a program gets its logger, if that is an import: CPython compiles calls
    on an imported name differently from calls on other names.
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
    """The module of a library's adapter, its mode, and the names of the library's module and distributions."""

    adapter: str
    mode: str = ""
    module: str = ""
    distributions: tuple[str, ...] = field(default=())

    def open_session(self, shape: Shape, folder: Path, kept: int = KEPT) -> Session:
        """Set up the library to write into *folder*; a rotating mode keeps *kept* archives.

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

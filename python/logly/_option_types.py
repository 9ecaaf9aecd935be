"""Types of options that are dicts; `logly.typing` has them too."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence


class RedactOptions(TypedDict, total=False):
    """The secrets to replace, and the mask. A part that is left out, or None, has its default."""

    keys: Sequence[str] | None
    """Names of values, and globs, in any case. `"default"` stands for the default list."""
    patterns: Sequence[str] | None
    """Regular expressions, and names of kept patterns. `"default"` stands for those of credentials."""
    mask: str | None
    """A text, `"hash"` or `"last4"`; `"***"` by default."""
    key: str | bytes | None
    """The key of hashes, at least 16 bytes; by default the text of the environment variable `LOGLY_REDACT_KEY`."""


class BatchOptions(TypedDict, total=False):
    """The limits of one request to a collector. The first that is reached has the request sent."""

    records: int
    """4096 by default."""
    bytes: int
    """Before compression; 1,000,000 by default."""
    seconds: float
    """How long records wait for others; 1 by default."""


class LevelOptions(TypedDict, total=False):
    """One entry of `configure(levels=)`."""

    name: str
    no: int
    color: str
    icon: str

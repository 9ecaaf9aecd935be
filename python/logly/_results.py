"""What methods of a logger return, for `logly.typing`: states and counts of sinks, files and what was found in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict

if TYPE_CHECKING:
    from datetime import datetime


class DoomedArchive(TypedDict):
    """One entry of what `Logger.retention_preview` returns."""

    path: str
    size: int
    """Bytes on the disk."""
    reason: str
    """The first condition that the archive does not meet, as in `"more than 7 archives"`."""


class SinkInfo(TypedDict):
    """What `Logger.sink_info` returns."""

    id: int
    kind: Literal["console", "file", "stream", "function", "coroutine", "handler"]
    name: str
    """The path, `stdout` or `stderr`, or what the object is called."""
    level: str
    level_no: int
    enabled: bool
    json: bool
    """Whether all its lines are JSON, which with `format="auto"` none has to be."""
    format: str | None
    """The pattern or `"auto"`, its own or that of `configure`; of a function its `repr`."""
    path: str | None
    """Where a file is; None for any other sink."""
    rotation: str | None
    """As it was given to `add`, like those that follow: text as it is, anything else by its `repr`."""
    size_limit: str | None
    retention: str | None
    compression: str | None
    archive: str | None
    adopt: str | None
    filter: str | None
    filter_module: str | None
    filter_function: str | None
    mode: str | None
    async_write: bool
    implicit: bool
    """Whether it is the console that stands in until one is added."""
    written: int
    filtered: int
    dropped: int


class DropCounts(TypedDict):
    """Records that were wanted and lost, by reason."""

    overflow: int
    """The queue was full."""
    closed: int
    """The sink was gone, or the process ending, before the record came."""
    reentrant: int
    """Logged from within the sink or callback itself."""
    sink_error: int
    """What the sink writes to, or the callback, failed."""
    exit_timeout: int
    """The process ended first."""


class CallbackStats(TypedDict):
    """The counts of one callback: accepted = written + filtered + all of dropped + pending, at any moment."""

    name: str
    accepted: int
    """Records it was offered."""
    written: int
    """Records it took."""
    filtered: int
    """Records it did not want: below its level, filtered out, or logged while it was off."""
    dropped: DropCounts
    pending: int
    """Records on their way."""


class SinkStats(CallbackStats):
    """The counts of one sink."""

    kind: Literal["console", "file", "stream", "function", "coroutine", "handler"]


class Stats(TypedDict):
    """What `Logger.stats` returns."""

    sinks: dict[int, SinkStats]
    """By id, in the order they were added."""
    callbacks: dict[int, CallbackStats]
    """By id."""


class ArchiveMetadata(TypedDict):
    """One archive of a file."""

    path: str
    size: int
    """Bytes, compressed as it is."""


class FileMetadata(TypedDict):
    """What `Logger.file_metadata` returns."""

    path: str
    size: int
    """Bytes of the file alone."""
    created: datetime | None
    """Aware, in local time; None where the file system does not know."""
    modified: datetime
    """When it was written last; aware, in local time."""
    mode: int
    """Permission bits."""
    encoding: Literal["utf-8", "ascii", "latin-1"]
    archives: list[ArchiveMetadata]
    """Oldest first."""


class Match(TypedDict):
    """A line that `Logger.search_log` found."""

    path: str
    """The file it is in."""
    line: int
    """Its number in that file, from 1."""
    content: str
    """The line, without its line break."""
    match: str
    """What the pattern matched first in it; empty with `invert_match`."""
    context_before: list[str]
    """Lines of the same file before it, the nearest last."""
    context_after: list[str]
    """Lines of the same file after it, the nearest first."""

"""Types of the results of a logger's methods, for `logly.typing`: states and counts of sinks, files and matches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict

if TYPE_CHECKING:
    from datetime import datetime


class DoomedArchive(TypedDict):
    """One entry of the result of `Logger.retention_preview`."""

    path: str
    size: int
    """Bytes on the disk."""
    reason: str
    """The first condition that the archive does not meet, as in `"more than 7 archives"`."""


class SinkInfo(TypedDict):
    """The result of `Logger.sink_info`."""

    id: int
    kind: Literal[
        "console", "direct", "file", "stream", "function", "coroutine", "handler", "otlp", "syslog", "journald"
    ]
    name: str
    """The path, `stdout` or `stderr`, or the name of the object."""
    level: str
    level_no: int
    enabled: bool
    json: bool
    """Whether all its lines are JSON; with `format="auto"`, none has to be."""
    format: str | None
    """The pattern or `"auto"`, its own or the one of `configure`; for a function, its `repr`."""
    path: str | None
    """The path of a file sink; None for any other sink."""
    filter_module: str | None
    """As given to `add`, like the keys that follow: text as it is, any other value as its `repr`."""
    filter_function: str | None
    filter: str | None
    where: str | None
    sample: str | None
    limit: str | None
    mode: str | None
    rotation: str | None
    size_limit: str | None
    archive: str | None
    retention: str | None
    compression: str | None
    adopt: str | None
    durability: str | None
    async_write: bool
    implicit: bool
    """Whether it is the implicit console, which is used until a sink is added."""
    written: int
    filtered: int
    dropped: int


class DropCounts(TypedDict):
    """Wanted records that it did not get, by reason."""

    overflow: int
    """The queue was full."""
    closed: int
    """The sink was gone, or the process ending, before the record came."""
    reentrant: int
    """The sink or callback itself logged the record."""
    sink_error: int
    """The target of the sink, or the callback, failed."""
    exit_timeout: int
    """The process ended first."""
    sampled: int
    """They are not in its sample."""
    limited: int
    """Their call sites had reached its limit."""


class CallbackStats(TypedDict):
    """The counts of one callback: accepted = written + filtered + all of dropped + pending, at any moment."""

    name: str
    accepted: int
    """Records that were offered to it."""
    written: int
    """Records that it took."""
    filtered: int
    """Records that it did not want: below its level, filtered out, or logged while it was off."""
    dropped: DropCounts
    pending: int
    """Records that are accepted and not handled yet."""
    levels: dict[str, int]
    """The records that it was handed, by the name of their level. Levels that have none are absent.

    The standard levels and the first six that a program defines have a count of their own; all others count as "other".
    """
    queue_bytes: int
    """Bytes of its queue that are in use. Files with the same options share a queue, and show the same number."""


class _SinkCounts(CallbackStats):
    """The counts that all sinks have."""

    write_seconds: float
    """Time that the writer spent in writes to a file or console; 0.0 for other kinds."""
    kind: Literal[
        "console", "direct", "file", "stream", "function", "coroutine", "handler", "otlp", "syslog", "journald"
    ]


class SinkStats(_SinkCounts, total=False):
    """The counts of one sink."""

    durable: bool
    """For a file with `durability="crash"`: whether its queue outlives the process."""
    recovered: int
    """For such a file: how many records of dead processes were written."""
    skipped: int
    """For such a file: how many places in the queues of dead processes held no whole record."""
    left_out: int
    """For such a file: how many records of dead processes its level, filters, `sample` or `limit` left out."""
    export: ExportStats
    """The outcomes of a sink that is `"otlp"`, `"syslog"` or `"journald"`."""


class ExportStats(TypedDict):
    """The requests or messages of one sink in this process, and their records."""

    sent: int
    """Records that the collector took, or whose messages the operating system took."""
    spooled: int
    """Records that went into the spool."""
    rejected: int
    """Records that the collector refused for good, or whose messages cannot be sent."""
    lost: int
    """Records of requests that were given up: the spool was full or could not be written, or the process ended."""
    torn: int
    """Damaged requests in the spool, which were skipped."""
    cut: int
    """Messages of syslog that were cut, and entries of the journal that lack fields."""
    requests: int
    """Calls that sent something, or tried to."""
    retries: int
    """Requests and messages that failed and are sent again."""
    spool_bytes: int
    """The size of the spool now."""


class Stats(TypedDict):
    """The result of `Logger.stats`."""

    sinks: dict[int, SinkStats]
    """By id, in the order they were added."""
    callbacks: dict[int, CallbackStats]
    """By id."""


class ArchiveMetadata(TypedDict):
    """One archive of a file."""

    path: str
    size: int
    """Bytes on the disk, after compression."""


class FileMetadata(TypedDict):
    """The result of `Logger.file_metadata`."""

    path: str
    size: int
    """Bytes of the file alone."""
    created: datetime | None
    """Aware, in local time; None if the file system does not record it."""
    modified: datetime
    """The time of the last write; aware, in local time."""
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
    """The first text in the line that the pattern matched; empty with `invert_match`."""
    context_before: list[str]
    """Lines of the same file before it, the nearest last."""
    context_after: list[str]
    """Lines of the same file after it, the nearest first."""

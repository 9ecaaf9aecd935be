"""Types for type-checked programs: options, records, sinks, and the results of methods.

Nothing here is needed at run time; import it under `TYPE_CHECKING`.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypedDict, TypeVar, Union

from logly._option_types import (  # noqa: TC001 - programs import them from here
    BatchOptions as BatchOptions,
    LevelOptions as LevelOptions,
    RedactOptions as RedactOptions,
)
from logly._record_types import (
    Callback as Callback,
    CallbackRecord as CallbackRecord,
    Line as Line,
    Patcher as Patcher,
    Record as Record,
    RecordKeys as RecordKeys,
)
from logly._results import (
    ArchiveMetadata as ArchiveMetadata,
    CallbackStats as CallbackStats,
    DoomedArchive as DoomedArchive,
    DropCounts as DropCounts,
    ExportStats as ExportStats,
    FileMetadata as FileMetadata,
    Match as Match,
    SinkInfo as SinkInfo,
    SinkStats as SinkStats,
    Stats as Stats,
)

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from contextvars import ContextVar
    from logging import Handler
    from os import PathLike
    from types import TracebackType

    from typing_extensions import Required, TypeAlias

    from logly._files.rotating import WrittenFile as WrittenFile
    from logly._logly import FromVar as FromVar

LevelName: TypeAlias = Union[
    Literal["TRACE", "DEBUG", "INFO", "NOTICE", "SUCCESS", "WARNING", "ERROR", "FAIL", "CRITICAL"],  # noqa: PYI051 - editors complete them
    str,
]
"""A level's name, in any case. `Logger.level` defines other names than these."""

Json: TypeAlias = Union[bool, Literal["line", "pretty", "flat", "ecs", "gcp", "datadog", "gelf", "otel"]]
"""`True` or `"line"`: one object a line; `"pretty"`: indented; `"flat"`: fields at the top level.

The others are the JSON of another system: Elastic Common Schema, Google Cloud Logging, Datadog, Graylog and OTLP.
"""

IncludedPart: TypeAlias = Literal[
    "logger",
    "module",
    "function",
    "file",
    "path",
    "line",
    "process",
    "process_name",
    "thread",
    "thread_name",
    "task",
    "host",
]
"""A part of the record that JSON and logfmt show when asked to."""

ExceptionForm: TypeAlias = Literal["frames", "text", "both"]
"""How JSON and logfmt show exceptions: as data, as Python's text, or both."""

Multiline: TypeAlias = Literal["escape", "indent", "raw"]
"""How line breaks in messages and fields are written."""

Theme: TypeAlias = Literal["default", "dark", "light", "high_contrast", "mono"]
"""How levels, times, places and tracebacks look in colour; see `docs/guides/consoles.md`."""

Overflow: TypeAlias = Literal["block", "drop_new", "drop_old"]
"""How a full queue behaves: it makes the caller wait, drops the new record, or drops the oldest waiting records."""

GivenException: TypeAlias = Union[
    BaseException,
    "tuple[type[BaseException], BaseException, TracebackType | None]",
    "tuple[None, None, None]",
]
"""An exception, or the result of `sys.exc_info()`."""

ExceptionTypes: TypeAlias = Union[type[BaseException], tuple[type[BaseException], ...]]
"""A type of exception, or several."""

Cast: TypeAlias = Union[Mapping[str, Callable[[Any], object]], Callable[[dict[str, Any]], object]]
"""Functions that convert the groups of their names, or one function that changes the dict of all groups."""


class Writable(Protocol):
    """An object with `write()`; its `flush()`, if there is one, is called after each line."""

    def write(self, text: str, /) -> object:
        """Take one line."""
        ...


Text_co = TypeVar("Text_co", str, bytes, covariant=True)


class Readable(Protocol[Text_co]):
    """An object with `read()`, such as an open file."""

    def read(self, size: int, /) -> Text_co:
        """Return at most *size* characters or bytes; nothing at the end."""
        ...


FunctionSink: TypeAlias = Callable[[Line], object]
"""A function that takes a line; the `str` has the attribute `record`."""

CoroutineSink: TypeAlias = Callable[[Line], Coroutine[Any, Any, object]]
"""A coroutine function that takes a line, which has the attribute `record`."""

Filter: TypeAlias = Union[str, Mapping[str, Union[str, int, bool]], Callable[[Record], object]]
"""A module prefix; levels or booleans by module prefix; or a function of the record."""

Format: TypeAlias = Union[str, Callable[[Record], str]]
"""A pattern such as `"{time:HH:mm:ss} | {level: <8} | {message}"`, or a function of the record."""


RotationCondition: TypeAlias = Union[
    str, int, timedelta, time, Callable[[Record, str, int], object], Callable[["Line", "WrittenFile"], object]
]
"""One condition that rotates a file.

`"10 MB"` or bytes; `"daily"`, `"2 hours"` or a `timedelta`; `"18:30"`, `"monday at 12:00"` or a `time`; `"never"`; or a
function that tells whether the file is due. The function takes the record, the path and the file's size in bytes; or,
as in Loguru, the line and the file.
"""

Rotation: TypeAlias = Union[RotationCondition, Sequence[RotationCondition]]
"""A condition, or a list or tuple of conditions; any one of them is enough."""


class RetentionRules(TypedDict, total=False):
    """Rules for archives, by name. An archive is removed if any rule says so."""

    count: int | None
    """How many of the newest archives stay."""
    age: str | timedelta | None
    """Archives whose last record is older are removed: `"7 days"`."""
    size: str | int | None
    """The newest archives stay, up to this total size in bytes: `"2 GB"`."""


RetentionRule: TypeAlias = Union[int, str, timedelta, RetentionRules]
"""A number of archives, an age, a total size as text, or a dict of them."""

Retention: TypeAlias = Union[RetentionRule, Sequence[RetentionRule], Callable[[list[str]], object]]
"""Rules, or a function that gets the archives' paths, oldest first, and removes any of them."""

Compression: TypeAlias = Union[str, Callable[[str], object]]
"""`"gzip"`, `"zstd"`, `"bz2"`, `"xz"`, `"zip"`, `"tar"`, `"tar.gz"`, `"tar.bz2"` or `"tar.xz"`, also as `"zstd:9"`.

Or a function that takes a path."""


class SinkSynonyms(TypedDict, total=False):
    """Other names for options of `Logger.add`, most of them from Loguru."""

    filter_min_level: LevelName | int | None
    """The same as `level`."""
    min_level: LevelName | int | None
    """The same as `level`."""
    serialize: Json | None
    """The same as `json`."""
    colorize: bool | None
    """The same as `color`."""
    enqueue: bool | None
    """The same as `async_write`."""


class SinkOptions(SinkSynonyms, total=False):
    """Options of `Logger.add`. None means "not given"."""

    level: LevelName | int | None
    """The lowest level; without it the sink follows `configure(level=)`."""
    filter_module: str | None
    """Only records of exactly this module (`__name__`)."""
    filter_function: str | None
    """Only records of functions of exactly this name."""
    filter: Filter | None
    where: str | None
    """An expression such as `"path != '/health' and ms > 250"`: only records that meet it."""
    sample: float | None
    """The share of the records below ERROR that it takes, such as 0.1. The field `sample_rate` shows it.

    Records with a `trace_id` are taken or left out by trace, and alike in all processes.
    """
    limit: str | None
    """How many records below ERROR it takes from each call site, such as `"100/s"`. A notice counts the others."""
    format: Format | None
    """A pattern, a function of the record, `"auto"` or `"logfmt"`.

    `"auto"` is the default text on a terminal and in a notebook, else JSON. With `json`, the location keys that the
    pattern names are shown; `"auto"` and `"logfmt"` do not go with `json`.
    """
    json: Json | None
    keys: Mapping[str, str | None] | None
    """JSON and logfmt: maps a key of the line to its new name, or to None to leave it out."""
    static: Mapping[str, object] | None
    """JSON and logfmt: members that every line has."""
    include: Sequence[IncludedPart] | None
    """JSON and logfmt: the parts of the record that the line shows; each shape has its own by default."""
    exception: ExceptionForm | None
    """JSON and logfmt: logly's own JSON has frames by default, the other shapes have text."""
    color: bool | None
    """None lets the environment and the terminal decide; files have no colour unless this is True."""
    date_style: str | None
    """`"rfc3339"`, `"local"`, `"utc"` or a time pattern."""
    date_enabled: bool | None
    """Whether the default text line begins with a time."""
    multiline: Multiline | None
    """`"escape"`, given by name, also puts tracebacks on the record's line; `"raw"` writes them as Python does."""
    direct: bool | None
    """Consoles: whether lines go to the descriptor in the background, past `sys.stdout` and without Python."""
    async_write: bool | None
    """Whether the sink is written in the background. Files are, unless this is False; other sinks only if it is
    True."""
    loop: AbstractEventLoop | None
    """Coroutine functions: the event loop that they run on; by default one of logly's own."""
    buffer_size: int | None
    """Background sinks: bytes of records that may wait, 4096 to 2**30, 8 MiB by default.

    Functions, handlers, streams of other classes, OTLP, and sinks with a function for filter or format: 32 MiB.
    The line, dict or `LogRecord` that the caller makes of a record is counted too.

    Files: rounded up to a power of two. Records longer than a quarter of that wait in a separate space of the same
    size.
    """
    max_buffered_lines: int | None
    """Background sinks: how many records may wait; as many as fit by default."""
    overflow: Overflow | None
    """Background sinks: how a record that finds no room is handled; `"block"` by default, `"drop_new"` for OTLP."""
    block_timeout: float | None
    """Background sinks: seconds that a call waits for room before its record is dropped; 10 by default, or `inf`."""
    flush_interval: int | None
    """Background sinks: milliseconds that records may wait before a thread looks at them; by default 0, about one.

    A record at ERROR or above, the first record after silence, `flush()` and `complete()` end the wait early. For
    files, so does a queue that is half full.
    """
    sync_level: LevelName | int | None
    """Files: a call at this level or above returns once its record, and everything logged before, is with the system.

    The call waits no longer than `block_timeout`. Background sinks that are not files do not have this option.
    """
    mode: Literal["a", "w", "x"] | None
    """Files: append, empty first, or must not exist."""
    encoding: str | None
    """Files: `"utf-8"`, `"ascii"` or `"latin-1"`. Characters that the encoding does not have are written as escapes."""
    delay: bool | None
    """Files: open at the first record."""
    permissions: int | None
    """Files: mode bits of a new file, less the umask."""
    rotation: Rotation | None
    """Files: when the file is closed and the next one begins. If there are several conditions, any one is enough."""
    size_limit: str | int | None
    """Files: one more condition of `rotation`, `"10 MB"` or bytes."""
    archive: str | None
    """Files: how archives are named, for example `"{stem}.{time:YYYYMMDD}.{n}{ext}"`."""
    retention: Retention | None
    """Files: which archives stay; all of them by default."""
    compression: Compression | None
    """Files: how archives are compressed. OTLP: `"gzip"`, the default, or `"none"`."""
    adopt: Literal["loguru"] | None
    """Files: another library whose archives are retained, compressed and read as the file's, in addition to logly's
    own."""
    latest: bool | None
    """Files with a time in their name: whether a link to the newest is kept."""
    watch: bool | None
    """Files: whether a file that another program renamed or removed is reopened; True by default, and with rotation."""
    buffering: int | None
    """Files: accepted for programs written for Loguru. Lines reach the system no later than they would with `open`."""
    durability: Literal["crash"] | None
    """Files: `"crash"` keeps the queue in a file next to the log, so that whatever ends the process loses no record."""
    context: object
    """`"fork"`, `"spawn"`, `"forkserver"` or a context of `multiprocessing`, accepted for programs written for Loguru.

    logly does not need it: each process writes by itself."""
    endpoint: str | None
    """OTLP: the URL of the collector, `"http://localhost:4318"` by default. Without a path it gets `/v1/logs`."""
    headers: Mapping[str, str] | str | None
    """OTLP: headers of requests, as a dict or as text such as `"key=value,key=value"`."""
    resource: Mapping[str, object] | None
    """OTLP: attributes of the service, such as `service.name`, with the detected ones."""
    batch: int | BatchOptions | None
    """OTLP: the most records of one request, or several limits."""
    spool: str | PathLike[str] | None
    """OTLP: a folder for requests that cannot be sent now."""
    spool_limit: str | int | None
    """OTLP: the size of that folder, `"100 MB"` by default."""
    facility: str | int | None
    """Syslog and journald: the facility, as a name such as `"local0"` or a number; `"user"` by default."""
    app_name: str | None
    """Syslog and journald: the name of the program, at most 48 characters; that of the running program by default."""
    syslog_format: Literal["rfc5424", "rfc3164"] | None
    """Syslog: the format of messages: RFC 5424 for other machines and RFC 3164 for a local socket by default."""
    message_limit: str | int | None
    """Syslog: the most bytes of a message, `"8 KiB"` by default. A longer one is cut."""
    timeout: float | None
    """Network: seconds for one request, for a connection, or for a receiver that does not read; 10 by default."""
    connect: bool | None
    """Network: whether `add` connects, and raises if the receiver cannot be reached."""
    certificate: str | PathLike[str] | None
    """Network: a file with the certificates of trusted authorities."""
    client_certificate: str | PathLike[str] | None
    """Network: a file with the certificate that this program shows."""
    client_key: str | PathLike[str] | None
    """Network: a file with the key of that certificate."""
    catch: bool | None
    """Whether exceptions of the sink, its filter and its format are contained. They are, unless this is False: then
    they leave the logging call, once all sinks had the record. Refused for background sinks."""
    backtrace: bool | None
    """Text: whether tracebacks continue beyond the frame that caught the exception. That frame is marked."""
    diagnose: bool | None
    """Text: whether tracebacks show the values of names. The values of password-like names are masked. Do not use it in
    production: other values may hold secrets too."""
    redact: bool | RedactOptions | None
    """Whether secrets in this sink's records are replaced by a mask, and which; instead of `configure(redact=)`."""


class ConfiguredSink(SinkOptions):
    """One entry of `configure(sinks=)`: a sink and its options, as for `add`."""

    sink: Required[str | PathLike[str] | Writable | FunctionSink | CoroutineSink | Handler]


class SettingSynonyms(TypedDict, total=False):
    """Other names for options of `Logger.configure`."""

    handlers: Sequence[ConfiguredSink] | None
    """The same as `sinks`."""
    auto_sink: bool | None
    """The same as `console`."""
    patch: Patcher | Literal[False] | None
    """The same as `patcher`."""


class ConfigureOptions(SettingSynonyms, total=False):
    """Options of `Logger.configure`. None means "not given"."""

    sinks: Sequence[ConfiguredSink] | None
    """The sinks that replace all others."""
    module_levels: Mapping[str, LevelName | int | bool] | None
    """Maps a module to the lowest level that sinks without a level of their own take from it, instead of `level`.

    A name covers its submodules, and the longest matching name decides. True is every level, False is none. The mapping
    replaces the one that was set before.
    """

    level: LevelName | int | None
    json: Json | None
    format: str | Literal[False] | None
    """The format of sinks that have no format of their own and no `json`, or False for none.

    It is a pattern, `"logfmt"`, or `"auto"`: the default text on terminals and in notebooks, and JSON elsewhere. If one
    of these two and `json` are set, one after the other, the later one holds; both in one call are refused.
    """
    pretty_json: bool | None
    """Whether JSON is indented if no style is given for it."""
    keys: Mapping[str, str | None] | None
    """JSON and logfmt: maps a key of lines to its new name, or to None to leave it out."""
    static: Mapping[str, object] | None
    """JSON and logfmt: members that every line has."""
    include: Sequence[IncludedPart] | None
    """JSON and logfmt: the parts of the record that lines show."""
    exception: ExceptionForm | None
    """JSON and logfmt: how lines show exceptions."""
    color: bool | Literal["auto"] | None
    """Consoles and streams: on, off, or `"auto"`, which lets the environment and the terminal decide."""
    theme: Theme | None
    """How levels, times, places and tracebacks look in colour; initially `"default"`."""
    level_colors: Mapping[str, str] | None
    """Maps a level to a colour or style, which wins over the theme's."""
    color_callback: Callable[[str, str], str] | Literal[False] | None
    """Takes a level's name and a line, and returns the coloured line, instead of the built-in colours. False for
    none."""
    console: bool | None
    """Whether there is an implicit console while no other console was added."""
    log_compact: bool | None
    """Whether default lines on consoles are short: `10:30:45 I message key=value`. Files do not change."""
    show_time: bool | None
    show_module: bool | None
    show_function: bool | None
    show_filename: bool | None
    show_lineno: bool | None
    console_levels: Mapping[str, bool] | None
    """Maps a level to whether consoles show it, whatever `level` and `console` say."""
    time_levels: Mapping[str, bool] | None
    """Maps a level to whether its default text line begins with a time, whatever `show_time` says."""
    color_levels: Mapping[str, bool] | None
    """Maps a level to whether it is coloured, whatever `color` says."""
    storage_levels: Mapping[str, bool] | None
    """Maps a level to whether it is written to files, whatever `level` says."""
    patcher: Patcher | Literal[False] | None
    """A function called with every record before anything else sees it; see `Logger.patch`. False for none."""
    auto_sink_levels: Mapping[str, bool] | None
    """Maps a level to whether the implicit console shows it. `console_levels` applies to that console too."""
    activation: Sequence[tuple[str, bool]] | None
    """Modules to switch on or off, in order, as `Logger.enable` and `Logger.disable` do. Others do not change."""
    extra: dict[str, Any] | None
    """Fields of every record; values are taken now."""
    context: Mapping[str, ContextVar[Any] | FromVar] | None
    """Maps a field to the context variable that has its value. The mapping replaces the one that was set before."""
    levels: Sequence[LevelOptions] | None
    """Levels to define or edit."""
    multiline: Multiline | None
    max_message_bytes: int | None
    """A value longer than this many bytes is cut, with a marker; 1 MiB by default."""
    max_frames: int | Literal[False] | None
    """Frames of one exception that are shown, the first and the last; False, the default, shows all."""
    suppress: Sequence[str] | None
    """Modules whose frames, and those of their submodules, are not shown. The frame that raised is always shown."""
    redact: bool | RedactOptions | None
    """Whether secrets in records are replaced by a mask, and which. Sinks may have their own; False ends it."""
    inherit: bool | None
    """Whether processes that `multiprocessing` starts take over the logger, as they do at first."""


class CallbackOptions(TypedDict, total=False):
    """Options of `Logger.add_callback`. None means "not given"."""

    name: str | None
    """A unique name to remove it by: a callback with the same name is replaced."""
    level: LevelName | int | None
    """The lowest level it is called with; by default it follows `configure(level=)`."""
    where: str | None
    """An expression, as for `Logger.add`: it is called only with records that meet it."""
    overflow: Overflow | None
    """How a record that finds no room in its queue is handled. By default it is dropped, and counted."""
    block_timeout: float | None
    """Seconds a caller waits at most with `overflow="block"`; 10 by default."""
    buffer_size: int | None
    """Bytes of records that may wait; 32 MiB by default."""
    max_buffered_lines: int | None
    """Records that may wait; by default as many as fit."""

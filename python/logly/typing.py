"""Types for programs that are checked: options, records, what may be a sink, and what methods return.

Nothing here is needed at run time; import it under `TYPE_CHECKING`.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypedDict, TypeVar, Union

from logly._results import (
    ArchiveMetadata as ArchiveMetadata,
    CallbackStats as CallbackStats,
    DoomedArchive as DoomedArchive,
    DropCounts as DropCounts,
    FileMetadata as FileMetadata,
    Match as Match,
    SinkInfo as SinkInfo,
    SinkStats as SinkStats,
    Stats as Stats,
)

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from datetime import datetime
    from logging import Handler
    from os import PathLike
    from types import TracebackType

    from typing_extensions import NotRequired, Required, TypeAlias

    from logly._files.rotating import WrittenFile as WrittenFile
    from logly._records.record_parts import RecordException, RecordFile, RecordLevel, RecordProcess, RecordThread
    from logly._records.records import RecordedException

LevelName: TypeAlias = Union[
    Literal["TRACE", "DEBUG", "INFO", "NOTICE", "SUCCESS", "WARNING", "ERROR", "FAIL", "CRITICAL"],  # noqa: PYI051 - editors complete them
    str,
]
"""A level's name, in any case; others than these are defined with `Logger.level`."""

Json: TypeAlias = Union[bool, Literal["line", "pretty", "flat"]]
"""`True` or `"line"`: one object a line; `"pretty"`: indented; `"flat"`: fields at the top level."""

Multiline: TypeAlias = Literal["escape", "indent", "raw"]
"""What becomes of line breaks in messages and fields."""

Theme: TypeAlias = Literal["default", "dark", "light", "high_contrast", "mono"]
"""How levels, times, places and tracebacks look in colour; see `docs/guides/consoles.md`."""

Overflow: TypeAlias = Literal["block", "drop_new", "drop_old"]
"""What a full queue does: has the caller wait, drops the new record, or drops the oldest ones that wait."""

GivenException: TypeAlias = Union[
    BaseException,
    "tuple[type[BaseException], BaseException, TracebackType | None]",
    "tuple[None, None, None]",
]
"""An exception, or what `sys.exc_info()` returns."""

ExceptionTypes: TypeAlias = Union[type[BaseException], tuple[type[BaseException], ...]]
"""A type of exception, or several."""

Record: TypeAlias = dict[str, Any]
"""The record as Python code sees it; `RecordKeys` lists its keys, and every field is one too."""

Patcher: TypeAlias = Callable[[Record], object]
"""Takes a record and may change it; what it returns is ignored."""

Cast: TypeAlias = Union[Mapping[str, Callable[[Any], object]], Callable[[dict[str, Any]], object]]
"""Functions that convert the groups of their names, or one function that changes the dict of all groups."""


class RecordKeys(TypedDict):
    """The keys every record has."""

    timestamp: str
    """ISO 8601 in UTC with milliseconds and `Z`."""
    level: RecordLevel
    """The level's name; `.no` and `.icon` beside it."""
    message: str
    """The rendered message."""
    filename: str
    """The full path of the caller's file."""
    lineno: str
    function: str
    module: str
    """The caller's `__name__`."""
    extra: dict[str, Any]
    """All fields."""
    time: datetime
    """The same instant, aware, in local time."""
    name: str
    line: int
    file: RecordFile
    process: RecordProcess
    thread: RecordThread
    elapsed: timedelta
    """Since the logger was made."""
    exception: RecordException | RecordedException | None
    """Of a record that another library made it may be names and texts alone."""


class Line(str):
    """The line a sink gets: a `str` with its record."""

    __slots__ = ()
    record: Record
    """The record the line was made from."""


class Writable(Protocol):
    """An object with `write()`; its `flush()`, if there is one, is called after each line."""

    def write(self, text: str, /) -> object:
        """Take one line."""
        ...


Text_co = TypeVar("Text_co", str, bytes, covariant=True)


class Readable(Protocol[Text_co]):
    """An object with `read()`, such as an open file."""

    def read(self, size: int, /) -> Text_co:
        """Return at most so many characters or bytes; none at the end."""
        ...


class CallbackRecord(TypedDict):
    """The keys of the dict a callback gets; every field is one too, unless it is named like one of these."""

    timestamp: str
    """ISO 8601 in UTC with milliseconds and `Z`."""
    level: str
    message: str
    """The rendered message."""
    filename: str
    """The full path of the caller's file."""
    lineno: str
    function: str
    module: str
    """The caller's `__name__`."""
    extra: dict[str, Any]
    """All fields."""
    exception: NotRequired[dict[str, Any]]
    """Only where there is one: its parts, as in JSON lines, and `traceback`, its text."""


Callback: TypeAlias = Union[Callable[[dict[str, Any]], object], Callable[[CallbackRecord], object]]
"""A function or coroutine function that takes a record as callbacks get it; `CallbackRecord` lists its keys."""

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
"""One thing that rotates a file.

`"10 MB"` or bytes; `"daily"`, `"2 hours"` or a `timedelta`; `"18:30"`, `"monday at 12:00"` or a `time`; `"never"`; or a
function of the record, the path and the file's bytes that says whether the file is due, or as Loguru has it of the line
and the file.
"""

Rotation: TypeAlias = Union[RotationCondition, Sequence[RotationCondition]]
"""A condition, or a list or tuple of conditions of which any will do."""


class RetentionRules(TypedDict, total=False):
    """Rules for archives by name; one that any of them says goes."""

    count: int | None
    """The newest so many stay."""
    age: str | timedelta | None
    """Those whose last record is older go: `"7 days"`."""
    size: str | int | None
    """The newest that have together no more bytes stay: `"2 GB"`."""


RetentionRule: TypeAlias = Union[int, str, timedelta, RetentionRules]
"""A number of archives, an age, a total size as text, or a dict of them."""

Retention: TypeAlias = Union[RetentionRule, Sequence[RetentionRule], Callable[[list[str]], object]]
"""Rules, or a function that gets the archives' paths, oldest first, and removes what it likes."""

Compression: TypeAlias = Union[str, Callable[[str], object]]
"""`"gzip"`, `"zstd"`, `"bz2"`, `"xz"`, `"zip"`, `"tar"`, `"tar.gz"`, `"tar.bz2"` or `"tar.xz"`, also as `"zstd:9"`.

Or a function of a path."""


class SinkOptions(TypedDict, total=False):
    """What `Logger.add` takes beside the sink. Synonyms stand beside the name they mean."""

    level: LevelName | int | None
    """The lowest level; without it the sink follows `configure(level=)`."""
    filter_min_level: LevelName | int | None
    """The same as `level`."""
    min_level: LevelName | int | None
    """The same as `level`."""
    filter_module: str | None
    """Only records of exactly this module (`__name__`)."""
    filter_function: str | None
    """Only records of functions of exactly this name."""
    filter: Filter | None
    format: Format | None
    """A pattern, a function of the record, or `"auto"`: the default text on a terminal and in a notebook, else JSON.

    With `json`, the location keys that the pattern names are shown; `"auto"` and `json` exclude each other.
    """
    json: Json | None
    serialize: Json | None
    """The same as `json`."""
    color: bool | None
    """None decides by the environment and the terminal; files have no colour unless asked."""
    colorize: bool | None
    """The same as `color`."""
    date_style: str | None
    """`"rfc3339"`, `"local"`, `"utc"` or a time pattern."""
    date_enabled: bool | None
    """Whether the default text line begins with a time."""
    multiline: Multiline | None
    """`"escape"` by name puts tracebacks on the record's line too; `"raw"` writes Python's own text of them."""
    async_write: bool | None
    """Whether the sink is written in the background: files are unless this is False, others if it is True."""
    enqueue: bool | None
    """The same as `async_write`."""
    loop: AbstractEventLoop | None
    """Coroutine functions: where they run; without it on an event loop of logly's own."""
    buffer_size: int | None
    """In the background: bytes of records that may wait, 4096 to 2**30, 8 MiB by default.

    Functions, handlers, streams of other classes, and sinks with a function for filter or format: 32 MiB by default.
    What callers make of the records is counted too.

    Files: rounded up to a power of two. A record longer than a quarter of that waits beside the others, within as much
    again.
    """
    max_buffered_lines: int | None
    """In the background: how many records may wait; as many as fit by default."""
    overflow: Overflow | None
    """In the background: what becomes of a record that finds no room; `"block"` by default."""
    block_timeout: float | None
    """In the background: seconds that a call waits for room before its record is dropped; 10, or `inf`."""
    flush_interval: int | None
    """In the background: milliseconds that records may wait before anybody looks; 0, the default, is about one.

    ERROR and above, the first record after silence, `flush()` and `complete()` cut that short; files: half a queue too.
    """
    sync_level: LevelName | int | None
    """Files: calls from this level up return when everything logged so far, their record too, is with the system.

    They wait for no longer than `block_timeout`. Sinks that are no files and in the background do not have it.
    """
    mode: Literal["a", "w", "x"] | None
    """Files: append, empty first, or must not exist."""
    encoding: str | None
    """Files: `"utf-8"`, `"ascii"` or `"latin-1"`; what does not fit is written as an escape."""
    delay: bool | None
    """Files: open at the first record."""
    permissions: int | None
    """Files: mode bits of a file that is created, less the umask."""
    rotation: Rotation | None
    """Files: when one is closed and the next one begun; any of several conditions."""
    size_limit: str | int | None
    """Files: one more condition of `rotation`, `"10 MB"` or bytes."""
    archive: str | None
    """Files: how archives are named, as `"{stem}.{time:YYYYMMDD}.{n}{ext}"`."""
    retention: Retention | None
    """Files: which archives stay; without it all do."""
    compression: Compression | None
    """Files: how archives are compressed."""
    adopt: Literal["loguru"] | None
    """Files: whose archives, beside those of logly's own, are retained, compressed and read as the file's."""
    latest: bool | None
    """Files with a time in their name: whether a link to the newest is kept."""
    watch: bool | None
    """Files: whether one that others renamed or removed is opened anew, as it is unless this is False; or rotated."""
    buffering: int | None
    """Files: accepted for programs written for Loguru. Lines reach the system no later than `open` would bring them."""
    context: object
    """`"fork"`, `"spawn"`, `"forkserver"` or a context of `multiprocessing`, accepted for programs written for Loguru.

    logly needs none: each process writes by itself."""
    catch: bool | None
    """Whether what the sink, its filter and its format raise is contained, as it is unless this is False: then it comes
    out of the logging call, once all sinks had the record. Refused for what is written in the background."""
    backtrace: bool | None
    """Text: whether tracebacks go on beyond the frame that caught the exception, which is marked."""
    diagnose: bool | None
    """Text: whether tracebacks show the values of names, with those of password-like names masked; never in
    production for what they may hold."""


class LevelOptions(TypedDict, total=False):
    """One entry of `configure(levels=)`."""

    name: str
    no: int
    color: str
    icon: str


class ConfiguredSink(SinkOptions):
    """One entry of `configure(sinks=)`: a sink, and what `add` takes beside it."""

    sink: Required[str | PathLike[str] | Writable | FunctionSink | CoroutineSink | Handler]


class ConfigureOptions(TypedDict, total=False):
    """What `Logger.configure` takes. None means "not given"."""

    sinks: Sequence[ConfiguredSink] | None
    """The sinks there are to be, in the place of all others."""
    handlers: Sequence[ConfiguredSink] | None
    """The same as `sinks`."""
    module_levels: Mapping[str, LevelName | int | bool] | None
    """Module to the level from which sinks without a level of their own take its records, instead of `level`.

    A name covers what is below it, and the longest decides; True is every level, False is none. It replaces what was
    said before.
    """

    level: LevelName | int | None
    json: Json | None
    format: str | Literal[False] | None
    """The format of sinks that have none of their own, and no `json`: a pattern, `"auto"`, or False for none.

    `"auto"` is the default text on terminals and in notebooks, and JSON elsewhere. Of it and `json` the one said last
    holds; both at once are refused.
    """
    pretty_json: bool | None
    """Whether JSON of no particular style is indented."""
    color: bool | Literal["auto"] | None
    """Consoles and streams: on, off, or `"auto"`: as the environment and the terminal say."""
    theme: Theme | None
    """How levels, times, places and tracebacks look in colour; `"default"` at first."""
    level_colors: Mapping[str, str] | None
    """Level to colour or style, which wins over the theme's."""
    color_callback: Callable[[str, str], str] | Literal[False] | None
    """Takes a level's name and a line, and returns that coloured, instead of the built-in colours. False: none."""
    console: bool | None
    """Whether there is an implicit console while no other console was added."""
    auto_sink: bool | None
    """The same as `console`."""
    log_compact: bool | None
    """Whether default lines on consoles are short: `10:30:45 I message key=value`. Files stay as they are."""
    show_time: bool | None
    show_module: bool | None
    show_function: bool | None
    show_filename: bool | None
    show_lineno: bool | None
    console_levels: Mapping[str, bool] | None
    """Level to whether consoles show it, whatever `level` and `console` say."""
    time_levels: Mapping[str, bool] | None
    """Level to whether its default text line begins with a time, whatever `show_time` says."""
    color_levels: Mapping[str, bool] | None
    """Level to whether it is coloured, whatever `color` says."""
    storage_levels: Mapping[str, bool] | None
    """Level to whether it is written to files, whatever `level` says."""
    patch: Patcher | Literal[False] | None
    """The same as `patcher`."""
    patcher: Patcher | Literal[False] | None
    """Called with every record before anything else sees it; see `Logger.patch`; False for none."""
    auto_sink_levels: Mapping[str, bool] | None
    """Level to whether the implicit console shows it; `console_levels` holds for it too."""
    activation: Sequence[tuple[str, bool]] | None
    """Modules to switch on or off, in order, as `Logger.enable` and `Logger.disable` do; others stay as they are."""
    extra: dict[str, Any] | None
    """Fields of every record; values are taken now."""
    levels: Sequence[LevelOptions] | None
    """Levels to define or edit."""
    multiline: Multiline | None
    max_message_bytes: int | None
    """Bytes after which a value is cut, with a marker; 1 MiB by default."""
    max_frames: int | Literal[False] | None
    """Frames of one exception that are shown; of more, the first and the last. False, as at first: all."""
    suppress: Sequence[str] | None
    """Modules whose frames, with those of what is below them, are not shown; the one that raised always is."""


class CallbackOptions(TypedDict, total=False):
    """What `Logger.add_callback` takes beside the callback. None means "not given"."""

    name: str | None
    """A name to remove it by, unique: a callback that has it is replaced."""
    level: LevelName | int | None
    """The lowest level it is called with; without one it follows `configure(level=)`."""
    overflow: Overflow | None
    """What happens to a record that finds no room in its queue. By default it is dropped, and counted."""
    block_timeout: float | None
    """Seconds a caller waits at most with `overflow="block"`; 10 by default."""
    buffer_size: int | None
    """Bytes of records that may wait; 32 MiB by default."""
    max_buffered_lines: int | None
    """Records that may wait; by default as many as fit."""

"""The extension: the native class below `logly.Logger`, lazy values, and the functions that `python/logly` needs.

The logging methods return None and raise nothing, whatever the message, the fields and the sinks do. The only
exceptions are KeyboardInterrupt and SystemExit raised by the program's own `__str__` and the like: they reach the
caller, once the record was taken. A call below every sink's level returns at once. The methods may be called from any
thread, from sinks, from signal handlers and in forked children. When the queue of a file is full, the caller waits,
without the GIL, for up to 10 seconds; then the record is dropped and counted. The file's `overflow=` and
`block_timeout=` change that.
"""

from collections.abc import Callable, Mapping, Sequence
from contextvars import Context, ContextVar
from typing import IO, Any, Literal, TypedDict, final

from typing_extensions import NotRequired, Self, disjoint_base

from logly._stdlib.foreign import ForeignRecord
from logly.typing import (
    Callback,
    CallbackOptions,
    ConfigureOptions,
    DoomedArchive,
    LevelName,
    Match,
    Patcher,
    Record,
    SinkInfo,
    SinkOptions,
    Stats,
)

__all__ = [
    "FromVar",
    "PyLogger",
    "_ArchiveWorker",
    "_CallOptions",
    "_DatagramSocket",
    "_Entered",
    "_Fields",
    "_Lane",
    "_LaneEntry",
    "_Layer",
    "_Saved",
    "_Summary",
    "_ValueBudget",
    "_Viewer",
    "_ZstdReader",
    "__version__",
    "_add_callback",
    "_add_parent_sink",
    "_archive_worker",
    "_archives",
    "_await_state",
    "_bind_context",
    "_bounded",
    "_clear",
    "_clear_context",
    "_context",
    "_context_variable",
    "_crash_files",
    "_delete",
    "_direct_calls",
    "_direct_facts",
    "_direct_method",
    "_direct_way",
    "_do_streams_rest",
    "_empty_call",
    "_enter_lane",
    "_enter_sink",
    "_enter_stream",
    "_expect_signal",
    "_file_size",
    "_finish",
    "_forget_reports",
    "_freeze",
    "_frozen",
    "_has_no_secret",
    "_has_span",
    "_heeds_environment",
    "_install_crash_handler",
    "_is_left_locked",
    "_keeps_forks_waiting",
    "_layer",
    "_leave_stream",
    "_level_table",
    "_line_count",
    "_load",
    "_log_attributes",
    "_log_foreign",
    "_log_record",
    "_mistake",
    "_name_in_trails",
    "_note_taken",
    "_now",
    "_original",
    "_parameters",
    "_path_of_sink",
    "_percent",
    "_pop_context",
    "_process_id",
    "_push_context",
    "_read",
    "_read_document",
    "_read_lines",
    "_reasons_hidden",
    "_rebased",
    "_receive",
    "_remove_callback",
    "_renew_streams",
    "_replace_sinks",
    "_reserve_id",
    "_rest_streams",
    "_restore",
    "_retention_preview",
    "_save",
    "_seal",
    "_search",
    "_set_span",
    "_share",
    "_sinks_in_hand",
    "_stat",
    "_state",
    "_stats",
    "_stop_sinks",
    "_takes_color",
    "_tell",
    "_tell_failure",
    "_tell_held_back",
    "_tell_once",
    "_texts",
    "_time_text",
    "_touch_record",
    "_unbind_context",
    "_wait_for_lanes",
    "_wake_streams",
    "lazy",
]

__version__: str

@disjoint_base
class PyLogger:
    """The base of `logly.Logger`: the methods that log, and the methods that bind fields. Use `logly.Logger`."""

    def __new__(
        cls,
        parent: PyLogger | None = None,
        fields: dict[str, Any] | None = None,
        options: _CallOptions | None = None,
        /,
    ) -> Self: ...
    def trace(self, message: object, /, *args: object, **fields: object) -> None:
        """Log at TRACE (5): the finest steps of the program, to follow it line by line. Otherwise as `info`.

        Args:
            message: The message.
            *args: Values for the message.
            **fields: Fields of the record.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture() as records:
            ...     logger.trace("entering {step}", step="parse")
            >>> str(records[0]["level"]), records[0]["message"]
            ('TRACE', 'entering parse')
        """

    def debug(self, message: object, /, *args: object, **fields: object) -> None:
        """Log at DEBUG (10): details that help to find a mistake. Otherwise as `info`.

        Args:
            message: The message.
            *args: Values for the message.
            **fields: Fields of the record.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture() as records:
            ...     logger.debug("cache holds {count} entries", count=3)
            >>> str(records[0]["level"]), records[0]["message"]
            ('DEBUG', 'cache holds 3 entries')
        """

    def info(self, message: object, /, *args: object, **fields: object) -> None:
        """Log at INFO (20): the normal steps of the program.

        With positional arguments, the message is `%`-formatted if its conversions fit them; otherwise its `{}` and
        `{0}` are filled in. Keyword arguments fill in `{name}`, `{name!r}` and `{name:>10.2f}`; names that are not in
        the call are looked up in the context and the bound fields. Attributes and items are never read: `{user.name}`
        stays as it is, like everything else that cannot be filled in. A message without arguments is written as it is,
        including its braces. Positional arguments that the message does not use become the field `args`. From Python
        3.14 on, the message may be a template string: its values are fields, named by their expressions.

        Args:
            message: The message. An object that is not a `str` is converted, if the record is wanted.
            *args: Values for the message.
            **fields: Fields of the record, in this order, whether or not the message shows them. Any name is allowed.
                Values are taken now. Values longer than `configure(max_message_bytes=)`, 1 MiB by default, are cut,
                with a marker. `exc_info=True` is no field: it adds the exception being handled.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture() as records:
            ...     logger.info("paid {amount} EUR", amount=12, user="ada")
            ...     logger.info("%d of %d", 3, 4)
            >>> [record["message"] for record in records], records[0]["extra"]
            (['paid 12 EUR', '3 of 4'], {'amount': 12, 'user': 'ada'})
        """

    def notice(self, message: object, /, *args: object, **fields: object) -> None:
        """Log at NOTICE (22): normal events that are worth a look. Otherwise as `info`.

        Args:
            message: The message.
            *args: Values for the message.
            **fields: Fields of the record.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture() as records:
            ...     logger.notice("{user} became an administrator", user="ada")
            >>> str(records[0]["level"]), records[0]["message"]
            ('NOTICE', 'ada became an administrator')
        """

    def success(self, message: object, /, *args: object, **fields: object) -> None:
        """Log at SUCCESS (25): a task that was completed. Otherwise as `info`.

        Args:
            message: The message.
            *args: Values for the message.
            **fields: Fields of the record.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture() as records:
            ...     logger.success("{count} files copied", count=7)
            >>> str(records[0]["level"]), records[0]["message"]
            ('SUCCESS', '7 files copied')
        """

    def warning(self, message: object, /, *args: object, **fields: object) -> None:
        """Log at WARNING (30): something that may become a problem. Otherwise as `info`.

        Args:
            message: The message.
            *args: Values for the message.
            **fields: Fields of the record.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture() as records:
            ...     logger.warning("disk {disk} is {used:.0%} full", disk="sda", used=0.912)
            >>> str(records[0]["level"]), records[0]["message"]
            ('WARNING', 'disk sda is 91% full')
        """

    def warn(self, message: object, /, *args: object, **fields: object) -> None:
        """Log at WARNING: another name of `warning`.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture() as records:
            ...     logger.warn("low on paper")
            >>> str(records[0]["level"])
            'WARNING'
        """

    def error(self, message: object, /, *args: object, **fields: object) -> None:
        """Log at ERROR (40): something that went wrong. Otherwise as `info`.

        Args:
            message: The message.
            *args: Values for the message.
            **fields: Fields of the record.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture() as records:
            ...     logger.error("payment %d refused", 17)
            >>> str(records[0]["level"]), records[0]["message"]
            ('ERROR', 'payment 17 refused')
        """

    def fail(self, message: object, /, *args: object, **fields: object) -> None:
        """Log at FAIL (45): an operation that was given up. Otherwise as `info`.

        Args:
            message: The message.
            *args: Values for the message.
            **fields: Fields of the record.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture() as records:
            ...     logger.fail("gave up after {tries} tries", tries=5)
            >>> str(records[0]["level"]), records[0]["message"]
            ('FAIL', 'gave up after 5 tries')
        """

    def critical(self, message: object, /, *args: object, **fields: object) -> None:
        """Log at CRITICAL (50): a failure that keeps the program from going on. Otherwise as `info`.

        Args:
            message: The message.
            *args: Values for the message.
            **fields: Fields of the record.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture() as records:
            ...     logger.critical("no {thing} left", thing="memory")
            >>> str(records[0]["level"]), records[0]["message"]
            ('CRITICAL', 'no memory left')
        """

    def fatal(self, message: object, /, *args: object, **fields: object) -> None:
        """Log at CRITICAL: another name of `critical`.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture() as records:
            ...     logger.fatal("low on paper")
            >>> str(records[0]["level"])
            'CRITICAL'
        """

    def exception(self, message: object, /, *args: object, **fields: object) -> None:
        """Log at ERROR (40), with the exception being handled. Otherwise as `info`.

        Text sinks show Python's own traceback after the line. In JSON it is an object, with its frames, causes, notes
        and group. Without an active exception this is the same as `error`.

        Args:
            message: The message.
            *args: Values for the message.
            **fields: Fields of the record.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture() as records:
            ...     try:
            ...         1 / 0
            ...     except ZeroDivisionError:
            ...         logger.exception("cannot divide", by=0)
            >>> records[0]["message"], records[0]["exception"].type
            ('cannot divide', <class 'ZeroDivisionError'>)
        """

    def log(self, level: LevelName | int, message: object, /, *args: object, **fields: object) -> None:
        """Log at a level given by name or number. Otherwise as `info`.

        Args:
            level: A name, in any case, or a number of 0 or more. A number that no level has is shown as `Level 35`.
            message: The message.
            *args: Values for the message.
            **fields: Fields of the record.

        Raises:
            ValueError: No level has that name: the error lists the known names and the nearest one. Or the number is
                negative.
            TypeError: The level is neither a name nor a number, or the message is missing.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture() as records:
            ...     logger.log("warning", "low on {what}", what="paper")
            ...     logger.log(35, "between the levels")
            >>> [str(record["level"]) for record in records]
            ['WARNING', 'Level 35']
        """

    def is_enabled(self, level: LevelName | int) -> bool:
        """Tell whether any sink wants records of a level, to skip work that only a record needs.

        It is also False if `disable` switched the calling module off. The filters of sinks are not called: they see
        finished records.

        Args:
            level: A name, in any case, or a number.

        Returns:
            False when a call at this level would do nothing.

        Raises:
            ValueError: No level has that name, or the number is negative.
            TypeError: The level is neither a name nor a number.

        Example:
            >>> from logly import Logger
            >>> quiet = Logger()
            >>> quiet.configure(level="ERROR")
            >>> quiet.is_enabled("WARNING"), quiet.is_enabled("ERROR")
            (False, True)
        """

    def bind(self, **fields: object) -> Self:
        """Return a logger that adds *fields* to every record.

        The original logger is unchanged; both share their sinks and settings. A field given in a call, or by
        `contextualize`, wins over a bound one, and a bound one over `configure(extra=)`.

        Args:
            **fields: Names and values. Values are taken now.

        Returns:
            A new logger, which never changes.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture() as records:
            ...     logger.bind(user="ada").info("paid {amount} EUR", amount=12)
            >>> records[0]["message"], records[0]["user"]
            ('paid 12 EUR', 'ada')
        """

    def unbind(self, *names: str) -> Self:
        """Return a logger without some of the bound fields.

        Args:
            *names: Names of bound fields. Other names are ignored.

        Returns:
            A new logger; the original one is unchanged.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> request = logger.bind(user="ada", step="login")
            >>> with logly.testing.capture() as records:
            ...     request.unbind("step").info("done")
            >>> records[0]["extra"]
            {'user': 'ada'}
        """

    @classmethod
    def _of_dialect(cls, name: str) -> Self: ...
    def _opt(self, given: Mapping[str, object]) -> Self: ...
    def _patch(self, patcher: Patcher) -> Self: ...
    def _throttle(self, name: str, value: int | str | None, key: object) -> Self: ...
    @property
    def _bound(self) -> dict[str, object]: ...
    @property
    def _number(self) -> int: ...
    def _notes(self, factory: Callable[[], object]) -> Any: ...
    @property
    def _steps(self) -> list[tuple[str, tuple[Any, ...]]]: ...
    def _shares_with(self, other: PyLogger) -> bool: ...
    def _add(self, sink: object, given: SinkOptions) -> int: ...
    def _remove(self, id: int | None) -> int: ...
    def _configure(self, given: ConfigureOptions) -> None: ...
    def _flush(self, timeout: float | None = None) -> bool: ...
    def _complete(self, timeout: float | None = None) -> bool: ...
    def _reopen(self, sink_id: int | None = None, /) -> int: ...
    def _sinks(self) -> list[SinkInfo]: ...
    def _set_level(self, level: LevelName | int, sink: int | None) -> bool: ...
    def _set_sink_enabled(self, id: int, is_enabled: bool) -> bool: ...
    def _set_enabled(self, is_enabled: bool, name: str | None = None) -> None: ...
    def _set_nameless_enabled(self, is_enabled: bool) -> None: ...
    def _define_level(
        self, name: str, no: int | None = None, color: str | None = None, icon: str | None = None
    ) -> None: ...
    def _level_number(self, argument: str, level: LevelName | int) -> int: ...
    def _level(self, name: str) -> tuple[str, int, str, str]: ...
    def _begin_capture(self, records: list[Record], level: LevelName | int) -> int: ...
    def _begin_observing(self, records: list[Record], level: LevelName | int) -> int: ...
    def _end_capture(self, id: int) -> None: ...
    def _reset(self) -> None: ...

@final
class lazy:  # noqa: N801 - it is used as a function
    """A value that is computed only if its record is wanted, and at most once.

    Pass it as an argument or as a field. The function is called on the thread that logs, before the call returns. If it
    fails, a marker that names the error replaces the value; KeyboardInterrupt and SystemExit reach the caller of the
    logging method, once the record was taken. Python computes a plain argument before the call, whether or not the
    record is wanted.

    Args:
        function: Takes nothing and returns the value.

    Raises:
        TypeError: *function* is not callable.

    Example:
        >>> import logly
        >>> from logly import logger
        >>> with logly.testing.capture("INFO") as records:
        ...     logger.info("state {state}", state=logly.lazy(lambda: "idle"))
        ...     logger.debug("state {state}", state=logly.lazy(lambda: 1 / 0))  # not wanted: not called
        >>> [record["message"] for record in records]
        ['state idle']
    """

    def __new__(cls, function: Callable[[], object], /) -> Self: ...

@final
class FromVar:
    def __new__(cls, var: ContextVar[Any], function: Callable[[Any], object], /) -> Self: ...
    @property
    def _variable(self) -> ContextVar[Any]: ...
    @property
    def _function(self) -> Callable[[Any], object]: ...

@final
class _CallOptions: ...

@final
class _Fields: ...

@final
class _Layer: ...

@final
class _Entered: ...

@final
class _Saved: ...

@final
class _LaneEntry:
    @property
    def context(self) -> Context | None: ...
    @property
    def sink(self) -> int: ...
    @property
    def has_more(self) -> bool: ...
    def take(self) -> tuple[Any, Any] | None: ...
    def skip(self) -> None: ...

@final
class _Summary:
    def __new__(cls, paths: Sequence[str | None], given: dict[str, object]) -> Self: ...
    def step(self) -> bool: ...
    def notes(self) -> list[str]: ...
    def counts(self) -> dict[str, int]: ...
    def result(self, top: int, steps: int) -> bytes: ...

@final
class _Viewer:
    def __new__(cls, paths: Sequence[str | None], given: dict[str, object]) -> Self: ...
    def step(self) -> tuple[bytes, Literal["more", "wait", "done"]]: ...
    def notes(self) -> list[str]: ...
    def counts(self) -> dict[str, int]: ...

@final
class _ValueBudget:
    def __new__(cls, seconds: float | None = None, /) -> Self: ...
    def shown(self, name: str, value: object, /) -> str | None: ...
    def is_over(self) -> bool: ...

@final
class _ZstdReader:
    def __new__(cls, file: IO[bytes]) -> Self: ...
    def read(self, size: int) -> bytes: ...

@final
class _DatagramSocket:
    def __new__(cls, address: str, port: int | None = None, /) -> Self: ...
    def send(self, frames: bytes, at: int, /) -> tuple[int, int, int | None]: ...

@final
class _ArchiveWorker:
    def next(self, is_same: bool = False, error: str | None = None) -> tuple[Any, ...] | None: ...

class _CrashFile(TypedDict):
    path: str
    state: str
    process: int | None
    has_rules: NotRequired[bool]
    level: NotRequired[int | None]
    json: NotRequired[str | None]
    format: NotRequired[str | None]

@final
class _Lane:
    @property
    def has_more(self) -> bool: ...
    @property
    def name(self) -> str: ...
    @property
    def runner(self) -> tuple[str, Any]: ...
    def wait(self) -> bool: ...
    def take(self, is_paced: bool = True) -> Any: ...
    def take_batch(self, is_caller: bool = False, /) -> tuple[bytes, int, int] | None: ...
    def settle(self, count: int, loss: str | None = None, /) -> int: ...
    def drop_rest(self, loss: str, /) -> int: ...
    def wait_handled(self, timeout: float) -> bool: ...
    def tell(self, what: str) -> None: ...
    def tell_failure(self, what: str) -> None: ...
    def tell_recovery(self) -> None: ...
    def failed(self, error: BaseException) -> None: ...
    def enter_task(self) -> None: ...
    def lose(self, why: str | None, /) -> None: ...

def _add_callback(logger: PyLogger, callback: Callback, given: CallbackOptions) -> int: ...
def _remove_callback(logger: PyLogger, callback: object) -> bool: ...
def _enter_lane() -> None: ...
def _enter_sink() -> None: ...
def _wait_for_lanes(timeout: float) -> None: ...
def _enter_stream(stream: object) -> None: ...
def _leave_stream(stream: object) -> None: ...
def _is_left_locked(stream: object) -> bool: ...
def _load(module: str, name: str) -> Any: ...
def _original(module: str, name: str) -> Any: ...
def _rest_streams() -> None: ...
def _do_streams_rest() -> bool: ...
def _keeps_forks_waiting() -> bool: ...
def _wake_streams() -> None: ...
def _renew_streams() -> None: ...
def _empty_call(*args: object, **fields: object) -> None: ...
def _save(logger: PyLogger, /) -> _Saved: ...
def _restore(logger: PyLogger, saved: _Saved, /) -> bool: ...
def _push_context(fields: dict[str, object], trace: dict[str, object] | None = None) -> _Entered: ...
def _pop_context(entered: _Entered, /, *, anywhere: bool = True, inner: bool = False) -> bool: ...
def _context_variable() -> ContextVar[_Layer | None]: ...
def _layer(fields: dict[str, object], outer: _Layer | None, trace: dict[str, object] | None = None) -> _Layer: ...
def _rebased(layer: _Layer, base: _Layer | None, outside: _Layer | None) -> _Layer: ...
def _context() -> dict[str, Any]: ...
def _bind_context(fields: dict[str, object]) -> None: ...
def _unbind_context(names: tuple[str, ...]) -> None: ...
def _clear_context() -> None: ...
def _has_span(logger: PyLogger, /) -> bool: ...
def _set_span(
    logger: PyLogger, function: Callable[..., object] | None, variable: ContextVar[Any] | None = None, /
) -> None: ...
def _bounded(value: object, /) -> object: ...
def _has_no_secret(text: str, /) -> bool: ...
def _percent(message: object, arguments: object, /) -> str | None: ...
def _freeze(at: int | None, /) -> None: ...
def _frozen() -> int | None: ...
def _now() -> int: ...
def _finish(timeout: float, /) -> int: ...
def _forget_reports() -> None: ...
def _share(value: object, /) -> None: ...
def _heeds_environment() -> bool: ...
def _crash_files(path: str, /) -> list[_CrashFile]: ...
def _install_crash_handler() -> bool: ...
def _retention_preview(logger: PyLogger, id: int, adopt: Literal["loguru"] | None, /) -> list[DoomedArchive] | None: ...
def _archive_worker() -> _ArchiveWorker | None: ...
def _seal() -> None: ...
def _sinks_in_hand(logger: PyLogger, /) -> int: ...
def _expect_signal(is_by_signal: bool | None, /) -> None: ...
def _stop_sinks(logger: PyLogger, /) -> None: ...
def _process_id() -> int: ...
def _touch_record() -> None: ...
def _takes_color(is_terminal: bool) -> bool: ...
def _tell_failure(error: BaseException, before: str, after: str = "", key: str = "") -> None: ...
def _tell(line: str) -> None: ...
def _tell_once(line: str) -> None: ...
def _reasons_hidden(logger: PyLogger, module: str, level: LevelName | int, /) -> list[tuple[int, str]]: ...
def _read_document(text: str, is_toml: bool, /) -> tuple[int, Any]: ...
def _mistake(
    logger: PyLogger, settings: Mapping[str, object], sink: tuple[object, dict[str, Any]] | None = None, /
) -> Exception | None: ...
def _parameters(
    function: str, /
) -> list[tuple[str, tuple[str, ...], Literal["every", "file", "background"], bool, bool]]: ...
def _path_of_sink(sink: str, /) -> str | None: ...
def _replace_sinks(
    logger: PyLogger,
    given: dict[str, Any],
    sinks: list[tuple[Any, dict[str, Any]]],
    replaced: list[int] | None = None,
    /,
) -> list[int]: ...
def _level_table(logger: PyLogger, /) -> tuple[str | int, dict[str, str | int | bool], list[int]]: ...
def _state(logger: PyLogger, /) -> tuple[dict[str, Any], list[Any], list[Any], bool] | None: ...
def _await_state(logger: PyLogger, /, *, awaits: bool) -> None: ...
def _reserve_id(logger: PyLogger, id: int, /) -> None: ...
def _add_parent_sink(
    logger: PyLogger, remote: object, number: int, name: str, options: dict[str, Any], /, *, is_callback: bool
) -> int: ...
def _receive(logger: PyLogger, frame: bytes, /) -> None: ...
def _note_taken(logger: PyLogger, ids: list[int], /) -> None: ...
def _direct_method(original: Any, name: str, /) -> Any: ...
def _direct_facts(found: object, /) -> type: ...
def _direct_way(*, is_active: bool) -> bool: ...
def _log_attributes(
    record: Record, message: str, exc_info: object, started: float, process: tuple[str | None, int | None], /
) -> dict[str, object]: ...
def _name_in_trails(number: int, /) -> str: ...
def _direct_calls() -> tuple[int, int]: ...
def _log_record(handler: object, record: object, /) -> bool: ...
def _log_foreign(logger: PyLogger, record: ForeignRecord, /) -> None: ...
def _read(logger: PyLogger, sink_id: int, archives: bool) -> str | None: ...
def _texts(logger: PyLogger, sink_id: int, archives: bool) -> list[tuple[str, str]] | None: ...
def _time_text(pattern: str, unix_ns: int, offset: int, /) -> str: ...
def _read_lines(
    logger: PyLogger, sink_id: int, start: int | None, end: int | None, archives: bool
) -> list[str] | None: ...
def _line_count(logger: PyLogger, sink_id: int, archives: bool) -> int | None: ...
def _file_size(logger: PyLogger, sink_id: int, archives: bool) -> int | None: ...
def _stat(logger: PyLogger, sink_id: int) -> dict[str, Any] | None: ...
def _archives(logger: PyLogger, sink_id: int) -> list[tuple[str, int]] | None: ...
def _delete(logger: PyLogger, sink_id: int) -> bool: ...
def _clear(logger: PyLogger, sink_id: int) -> bool: ...
def _stats(logger: PyLogger) -> Stats: ...
def _tell_held_back() -> None: ...
def _search(logger: PyLogger, sink_id: int, pattern: str, given: Mapping[str, object]) -> list[Match] | None: ...

"""The logger: `logly.logger`, and the class for independent ones.

The methods that log are native and are described in `_logly.pyi`; this module has all other methods. A change takes
effect with the next call on any thread. All methods may be called from any thread, from sinks, and in forked children.
"""

from __future__ import annotations

import sys

from logly._logly import _retention_preview, _share
from logly._naming import implemented_by, name_methods, refuse_arguments, sink_id_of
from logly.logger._activation import ActivationMethods
from logly.logger._attributes import AttributeMethods, StandingModule
from logly.logger._callbacks import CallbackMethods
from logly.logger._calls import CallMethods
from logly.logger._catch import CatchMethods
from logly.logger._context import ContextMethods
from logly.logger._control import ControlMethods
from logly.logger._settings import SettingsMethods
from logly.logger._sinks import SinkMethods
from logly.logger._stats import StatsMethods

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Mapping, Sequence
    from logging import Handler
    from os import PathLike
    from typing import Any, Literal

    from typing_extensions import Self, Unpack

    from logly.typing import (
        BatchOptions,
        Compression,
        CoroutineSink,
        DoomedArchive,
        ExceptionForm,
        Filter,
        Format,
        FunctionSink,
        IncludedPart,
        Json,
        LevelName,
        Multiline,
        Overflow,
        RedactOptions,
        Retention,
        Rotation,
        SinkSynonyms,
        Writable,
    )


def _add(self: Logger, sink: object = "console", **options: Any) -> int:
    return self._add(sink, options)  # type: ignore[arg-type]  # checked there


class Logger(
    CatchMethods,
    CallMethods,
    ContextMethods,
    CallbackMethods,
    ActivationMethods,
    SinkMethods,
    StatsMethods,
    SettingsMethods,
    ControlMethods,
    AttributeMethods,
):
    """Logs records to its sinks.

    `logly.logger` is the logger that most programs need. `Logger()` makes an independent logger with its own sinks,
    settings and implicit console; its files are closed when it is deleted. One that `bind` returns shares everything.

    Example:
        >>> from logly import Logger
        >>> audit = Logger()
        >>> audit.remove_all()
        1
    """

    __slots__ = ()

    if not TYPE_CHECKING:

        def __new__(cls, *given: object, **named: object) -> Self:
            """Make an independent logger. It takes no arguments; a subclass may take some in its `__init__`."""
            if (given or named) and cls.__init__ is object.__init__:
                refuse_arguments(given, named)
            return super().__new__(cls)

    # Sinks

    @implemented_by(_add)
    def add(  # noqa: D417, PLR0913 - each is an option of its own
        self,
        sink: str | PathLike[str] | Writable | FunctionSink | CoroutineSink | Handler = "console",
        *,
        level: LevelName | int | None = None,
        filter_module: str | None = None,
        filter_function: str | None = None,
        filter: Filter | None = None,  # noqa: A002 - options have short names
        where: str | None = None,
        sample: float | None = None,
        limit: str | None = None,
        format: Format | None = None,  # noqa: A002 - as above
        json: Json | None = None,
        keys: Mapping[str, str | None] | None = None,
        static: Mapping[str, object] | None = None,
        include: Sequence[IncludedPart] | None = None,
        exception: ExceptionForm | None = None,
        color: bool | None = None,
        date_style: str | None = None,
        date_enabled: bool | None = None,
        multiline: Multiline | None = None,
        direct: bool | None = None,
        async_write: bool | None = None,
        loop: AbstractEventLoop | None = None,
        buffer_size: int | None = None,
        max_buffered_lines: int | None = None,
        overflow: Overflow | None = None,
        block_timeout: float | None = None,
        flush_interval: int | None = None,
        sync_level: LevelName | int | None = None,
        mode: Literal["a", "w", "x"] | None = None,
        encoding: str | None = None,
        delay: bool | None = None,
        permissions: int | None = None,
        rotation: Rotation | None = None,
        size_limit: str | int | None = None,
        archive: str | None = None,
        retention: Retention | None = None,
        compression: Compression | None = None,
        adopt: Literal["loguru"] | None = None,
        latest: bool | None = None,
        watch: bool | None = None,
        buffering: int | None = None,
        durability: Literal["crash"] | None = None,
        context: object = None,
        endpoint: str | None = None,
        headers: Mapping[str, str] | str | None = None,
        resource: Mapping[str, object] | None = None,
        batch: int | BatchOptions | None = None,
        spool: str | PathLike[str] | None = None,
        spool_limit: str | int | None = None,
        facility: str | int | None = None,
        app_name: str | None = None,
        syslog_format: Literal["rfc5424", "rfc3164"] | None = None,
        message_limit: str | int | None = None,
        timeout: float | None = None,
        connect: bool | None = None,
        certificate: str | PathLike[str] | None = None,
        client_certificate: str | PathLike[str] | None = None,
        client_key: str | PathLike[str] | None = None,
        catch: bool | None = None,
        backtrace: bool | None = None,
        diagnose: bool | None = None,
        redact: bool | RedactOptions | None = None,
        **synonyms: Unpack[SinkSynonyms],
    ) -> int:
        """Add a sink and return its id.

        Files are written in the background, and coroutine functions run on an event loop. The thread that logs writes
        everything else, unless `async_write=True` gives the sink a queue and a thread of its own. With `LOGLY_SYNC=1`
        in the environment, the thread that logs writes everything except coroutine functions. When a queue is full,
        `overflow` decides: the caller waits, without the GIL, for up to `block_timeout` (10 seconds by default), or a
        record is dropped. The sink is told how many are missing, and `stats` counts them.

        `rotation`, `compression` and `retention` control the rotation of files. With one of the last two, a thread for
        archives starts now, and handles those of earlier runs. Several processes may add one path with equal options.

        Args:
            sink: `"console"` (the same as `"stdout"`) or `"stderr"`, looked up when a line is written; `"logging"` or
                `"logging:NAME"`, a logger of the standard library; `"otlp"`, a collector of OpenTelemetry; `"syslog"`,
                `"syslog+tcp://host"` or `"journald"`; a path (`str` or `os.PathLike`; `~`, `{time:...}`, `{pid}` and
                `{host}` are filled in, parent folders are made); an object with `write()`; a function or coroutine
                function; or a `logging.Handler`, which gets a `LogRecord`. Objects and functions get the line as a
                `str` with the attribute `record`.

        The options, which `logly.typing.SinkOptions` and docs/api-reference.md explain (None means "not given"):

        - Every sink: `level` (`filter_min_level`, `min_level`), `filter_module`, `filter_function`, `filter`,
          `where`, `sample`, `limit`, `format`, `json` (`serialize`), `keys`, `static`, `include`, `exception`, `color`
          (`colorize`), `date_style`, `date_enabled`, `multiline`, `direct`, `catch`, `backtrace`, `diagnose`, `redact`.
        - Background: `async_write` (`enqueue`), `loop`, `buffer_size`, `max_buffered_lines`, `overflow`,
          `block_timeout`, `flush_interval`, `sync_level`, `context`.
        - Files: `mode`, `encoding`, `delay`, `permissions`, `rotation`, `size_limit`, `archive`, `retention`,
          `compression`, `adopt`, `latest`, `watch`, `buffering`, `durability`.
        - OTLP: `endpoint`, `headers`, `resource`, `batch`, `spool`, `spool_limit`.
        - Syslog and journald: `facility`, `app_name`, `syslog_format`, `message_limit`.
        - Network: `timeout`, `connect`, `certificate`, `client_certificate`, `client_key`.

        Returns:
            The id. Ids are never reused.

        Raises:
            TypeError: A parameter is unknown or of a wrong type.
            ValueError: A value is not allowed, or does not fit the file, such as rotation for a pipe.
            OSError: The file cannot be opened; the error names it.

        Example:
            >>> import pathlib, tempfile
            >>> from logly import logger
            >>> path = pathlib.Path(tempfile.mkdtemp(), "app.log")
            >>> sink = logger.add(path, level="DEBUG", format="{level}: {message}{fields}")
            >>> logger.debug("ready", port=80)
            >>> logger.remove(sink), path.read_text().strip()
            (True, 'DEBUG: ready port=80')
        """
        raise NotImplementedError

    def remove(self, sink_id: int | None = None, *, handler_id: int | None = None) -> bool | int:
        """Remove a sink after everything logged before is written, waiting 5 seconds at most.

        Nothing is written to the sink after this method returns, even if other threads keep logging. Called from inside
        a sink, including the sink to remove, it returns at once.

        Args:
            sink_id: The id that `add` returned; without it all sinks are removed.
            handler_id: The same, under Loguru's name.

        Returns:
            Whether there was such a sink; without an id, the number of removed sinks.

        Raises:
            TypeError: The id is not an int.

        Example:
            >>> from logly import Logger
            >>> audit = Logger()
            >>> sink = audit.add(print)
            >>> audit.remove(sink), audit.remove(sink), audit.remove()
            (True, False, 1)
        """
        if sink_id is not None and handler_id is not None:
            message = 'remove() got "sink_id" and "handler_id", which mean the same'
            raise TypeError(message)
        if handler_id is not None:
            sink_id = sink_id_of("handler_id", handler_id)
        if sink_id is None:
            return self._remove(None)
        return self._remove(sink_id) > 0

    def remove_all(self) -> int:
        """Remove all sinks, including the implicit console, and return how many there were."""
        return self._remove(None)

    def reopen(self, sink_id: int | None = None) -> int:
        """Close files and open their paths again, after everything logged before is written.

        Files that other programs renamed or removed are noticed without this call, unless `watch=False`. The method is
        for programs that move a file away and need a definite moment after which nothing is written to it.

        Args:
            sink_id: The sink whose file is reopened; without it all files.

        Returns:
            The number of files; 0 if the id is not that of a file sink. A file that cannot be written is waited for up
            to 5 seconds, and is reopened when it can be written.

        Raises:
            TypeError: The id is not an int.

        Example:
            >>> import pathlib, tempfile
            >>> from logly import logger
            >>> folder = pathlib.Path(tempfile.mkdtemp())
            >>> sink = logger.add(folder / "app.log", level="DEBUG")
            >>> logger.debug("first")
            >>> logger.complete() and (folder / "app.log").rename(folder / "moved.log").name
            'moved.log'
            >>> logger.reopen(sink)
            1
            >>> (folder / "app.log").read_text()
            ''
        """
        return self._reopen(sink_id)

    def retention_preview(self, sink_id: int, *, adopt: Literal["loguru"] | None = None) -> list[DoomedArchive] | None:
        """List the archives that `retention=` would remove now, and why. Nothing is removed.

        Everything logged before is written first, waiting 10 seconds at most. If `retention` is a function, its
        decisions are known only when it is called, so the list does not contain them.

        Args:
            sink_id: The id that `add` returned.
            adopt: List the archives as if the sink had been added with this `adopt`.

        Returns:
            For each archive its path, its size in bytes and a reason such as `"older than 7 days"`, oldest first; None
            if no file sink has this id.

        Raises:
            OSError: The folder cannot be listed; the error names it.
            TypeError: The id is not an int.
            ValueError: `adopt` is not a known library.

        Example:
            >>> import pathlib, tempfile
            >>> from logly import logger
            >>> folder = pathlib.Path(tempfile.mkdtemp())
            >>> sink = logger.add(folder / "app.log", rotation="daily")
            >>> logger.retention_preview(sink)
            []
        """
        return _retention_preview(self, sink_id, adopt)

    # Waiting

    def complete(self, timeout: float | None = None) -> bool:
        """Wait until everything logged before, by any thread, is written and passed to the callbacks.

        It also waits until archives are compressed and old ones removed. The logger stays usable. From inside a sink or
        callback this returns False at once, because the current record is not finished yet. The same holds inside a
        function that compresses or removes archives. An archive that cannot be compressed is reported on standard error
        and does not make the result False. This is not a coroutine: await `complete_async` instead.

        Args:
            timeout: Seconds to wait at most; None waits without a limit, except for a file that cannot be written.

        Returns:
            Whether everything was done.

        Example:
            >>> from logly import Logger
            >>> Logger().complete(timeout=5)
            True
        """
        return self._complete(timeout)

    async def complete_async(self, timeout: float | None = None) -> bool:
        """Do the same as `complete`, including callbacks and archives, without blocking asyncio's or trio's event loop.

        Args:
            timeout: Seconds to wait at most; None waits without a limit.

        Returns:
            Whether everything was done.

        Raises:
            RuntimeError: This coroutine runs under neither asyncio nor trio.
        """
        from logly._lanes.async_wait import wait_for  # few programs wait so

        return await wait_for("complete_async", lambda: self._complete(timeout))

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until all sinks have written everything logged before.

        It is like `complete`, but does not wait for callbacks and archives.

        Args:
            timeout: Seconds to wait at most; None waits without a limit, except for a file that cannot be written.

        Returns:
            Whether everything was written; False at once from inside a sink or callback.
        """
        return self._flush(timeout)

    # Copies

    def __reduce__(self) -> tuple[Callable[..., Logger], tuple[object, ...]]:
        """Pickle the global logger, or a logger bound to it, by name, with its options if they can be pickled.

        Raises:
            TypeError: The logger is independent; its sinks cannot be sent anywhere.
        """
        if not self._shares_with(logger):
            message = (
                "only logly.logger and loggers bound to it can be pickled: an independent logger has its own sinks"
            )
            raise TypeError(message)
        return _restore, (self._bound, self._steps)

    def __copy__(self) -> Self:
        """Return this very logger: it is immutable."""
        return self

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        """Return this very logger: it is immutable."""
        return self

    def __repr__(self) -> str:
        """Show the sinks and the bound fields."""
        sinks = ", ".join(f"{info['id']}={info['name']}" for info in self._sinks())
        bound = "".join(f" {name}={value!r}" for name, value in self._bound.items())
        return f"<logly.Logger [{sinks}]{bound}>"


name_methods(Logger)


# The class of `logly.logger` alone. When `logger` was imported by name, CPython compiles `logger.info(...)` to an
# attribute lookup and a call. A method found on the class is then bound again for each call. A bound method kept in a
# slot makes the call a third cheaper.
class _GlobalLogger(Logger):
    __doc__ = Logger.__doc__

    __slots__ = (
        "critical",
        "debug",
        "error",
        "exception",
        "fail",
        "fatal",
        "info",
        "log",
        "notice",
        "success",
        "trace",
        "warn",
        "warning",
    )

    _bound_class = Logger

    if not TYPE_CHECKING:

        @property
        def __class__(self) -> type[Logger]:
            """The class of all loggers: a method that a program adds to it is added to every logger."""
            return Logger

        @property
        def __dict__(self) -> dict[str, object]:
            """A copy of the attributes that were set on this logger, including those in slots."""
            slots = {name: getattr(self, name) for name in _GlobalLogger.__slots__}
            changed = {name: value for name, value in slots.items() if not self._is_own(name, value)}
            return {**super().__dict__, **changed}

        def __delattr__(self, name: str) -> None:
            """Undo an assignment; a slot gets its own method back and is never empty."""
            if name in _GlobalLogger.__slots__ and not self._is_own(name, getattr(self, name)):
                setattr(self, name, getattr(super(), name))
            elif name in _GlobalLogger.__slots__:
                raise AttributeError(name)
            else:
                super().__delattr__(name)

    def __init__(self) -> None:
        for name in self.__slots__:
            method = getattr(super(), name)
            _share(method)
            setattr(self, name, method)

    def _is_own(self, name: str, value: object) -> bool:
        own = getattr(super(), name)
        return type(value) is type(own) and value == own


def _restore(bound: dict[str, object], steps: Sequence[tuple[str, tuple[object, ...]]] = ()) -> Logger:
    """Return the global logger with the given bound fields and options."""
    # A test may have replaced `bind` on the logger.
    restored = Logger.bind(logger, **bound) if bound else logger
    for name, given in steps:
        restored = getattr(restored, name)(*given)
    return restored


_GlobalLogger.__name__ = _GlobalLogger.__qualname__ = Logger.__name__
logger: Logger = _GlobalLogger()
_share(logger)

sys.modules[__name__].__class__ = StandingModule

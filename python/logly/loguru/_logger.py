"""The logger of this dialect: the methods that Loguru's documentation describes, on logly's core.

The methods that log are native. They are those of logly's own logger, whose core decides by its dialect.
"""
# ruff: noqa: A002, PLR0913 - the parameters are Loguru's

from __future__ import annotations

from collections import namedtuple

from logly._calls.context import Contextualizer
from logly._logly import _reserve_id
from logly.logger._attributes import AttributeMethods
from logly.logger._catch import MESSAGE, _is_function
from logly.loguru._defaults import OPTIONS
from logly.loguru._sinks import add, level_number
from logly.loguru._states import state_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Generator, Mapping, Sequence
    from typing import Any

    from typing_extensions import Self

    from logly.loguru._completing import Completer

Level = namedtuple("Level", ["name", "no", "color", "icon"])  # noqa: PYI024 - `typing` would be an import


_LONGEST_ARCHIVING = 60.0
"""Seconds that the removal of a file waits for its archives."""


class _Absent:
    """A method of logly's own logger that this one does not have."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, logger: object, owner: object = None) -> Any:
        message = f"'Logger' object has no attribute {self.name!r}"
        raise AttributeError(message)


class Logger(AttributeMethods):
    """Logs records to its sinks, with the methods and the behaviour of Loguru's logger."""

    __slots__ = ()

    if not TYPE_CHECKING:
        notice, warn, fail, fatal, is_enabled, unbind = (
            _Absent(name) for name in ("notice", "warn", "fail", "fatal", "is_enabled", "unbind")
        )

        def __new__(cls, *given: Any) -> Self:
            """Make a logger that shares the sinks of another."""
            if not given:
                return cls._of_dialect("loguru")
            return super().__new__(cls, *given)

    # Sinks

    def add(
        self,
        sink: Any,
        *,
        level: str | int = OPTIONS["level"],
        format: Any = OPTIONS["format"],
        filter: Any = OPTIONS["filter"],
        colorize: bool | None = OPTIONS["colorize"],
        serialize: bool = OPTIONS["serialize"],
        backtrace: bool = OPTIONS["backtrace"],
        diagnose: bool = OPTIONS["diagnose"],
        enqueue: bool = OPTIONS["enqueue"],
        context: Any = OPTIONS["context"],
        catch: bool = OPTIONS["catch"],
        **kwargs: Any,
    ) -> int:
        """Add a sink and return its id.

        Args:
            sink: A path, an object with `write`, a function, a coroutine function, or a handler of `logging`.
            level: The lowest level it takes.
            format: A pattern, or a function of the record that returns one.
            filter: The name of a module, a dict of module to level, or a function of the record.
            colorize: Whether it gets colours; None decides by the stream.
            serialize: Whether a line is JSON, with the text and the record.
            backtrace: Whether tracebacks begin beyond the place where the exception was caught.
            diagnose: Whether tracebacks show the values of variables.
            enqueue: Whether a thread writes it. Files are always written by one.
            context: Accepted for programs that give a method of `multiprocessing`.
            catch: Whether errors of the sink are reported. Otherwise the call raises them.
            **kwargs: For files `rotation`, `retention`, `compression`, `delay`, `watch`, `mode`, `buffering` and
                `encoding`; for coroutine functions `loop`.

        Returns:
            The id, for `remove`.

        Raises:
            TypeError: An argument is of a wrong type.
            ValueError: A value is not allowed.
        """
        options = dict(  # noqa: C408 - each has the name of its parameter
            level=level,
            format=format,
            filter=filter,
            colorize=colorize,
            serialize=serialize,
            backtrace=backtrace,
            diagnose=diagnose,
            enqueue=enqueue,
            context=context,
            catch=catch,
        )
        state = state_of(self)
        try:
            number = add(self, sink, options, dict(kwargs))
        except BaseException:
            # A sink that cannot be added takes an id all the same.
            state.next_id += 1
            _reserve_id(self, state.next_id)
            raise
        state.next_id = number + 1
        state.sinks[number] = (sink, {**options, **kwargs})
        return number

    def remove(self, handler_id: int | None = None) -> None:
        """Remove a sink, or all of them, after everything logged before is written.

        Raises:
            TypeError: The id is not an int.
            ValueError: There is no sink with this id.
        """
        if handler_id is None:
            self._remove(None)
            self._end(list(state_of(self).sinks))
            return
        if not isinstance(handler_id, int):
            kind = type(handler_id).__name__
            given = f"an integer as returned by the 'add()' method (or None), not: '{kind}'"
            message = f"Invalid handler id, it should be {given}"
            raise TypeError(message)
        if not self._remove(handler_id):
            message = f"There is no existing handler with id {handler_id}"
            raise ValueError(message)
        self._end([handler_id])

    def _end(self, ids: list[int]) -> None:
        """Forget sinks that were removed, and wait until their archives are compressed and removed."""
        sinks = state_of(self).sinks
        removed = [found for found in (sinks.pop(number, None) for number in ids) if found is not None]
        archived = [
            (sink, options)
            for sink, options in removed
            if options.get("compression") is not None or options.get("retention") is not None
        ]
        if archived:
            from logly.loguru._files import compressed_at_end  # few programs have archives

            self._complete(_LONGEST_ARCHIVING)
            for sink, options in archived:
                finish = compressed_at_end(sink, options)
                if finish is not None:
                    finish()

    def complete(self) -> Completer:
        """Wait until everything logged before is written; await the result if there are coroutine sinks."""
        from logly.loguru._completing import Completer  # few programs wait

        if _is_in_loop():
            self._flush(None)
        else:
            self._complete(None)
        return Completer(self)

    def reinstall(self) -> None:
        """Let the global logger of this process have the sinks and settings of this one.

        It is for child processes that were passed a logger.
        """
        from logly.loguru._copies import reinstall  # for such processes alone

        reinstall(self)

    # Calls

    def opt(
        self,
        *,
        exception: Any = None,
        record: bool = False,
        lazy: bool = False,
        colors: bool = False,
        raw: bool = False,
        capture: bool = True,
        depth: int = 0,
        ansi: bool = False,
    ) -> Self:
        """Return a logger whose calls have these options, and no others of earlier calls of `opt`.

        Args:
            exception: An exception, the result of `sys.exc_info()`, or True for the exception being handled.
            record: Whether the message may show its record, as in `{record[level].name}`.
            lazy: Whether the arguments are functions, which are called if the record is wanted.
            colors: Whether the message has colour markup.
            raw: Whether the message is written as it is, without the sink's format.
            capture: Whether keywords become fields; otherwise they only fill in the message.
            depth: How many frames further out than the caller the record is placed.
            ansi: The former name of `colors`.
        """
        if ansi:
            import warnings

            text = "The 'ansi' parameter is deprecated, please use 'colors' instead"
            warnings.warn(text, DeprecationWarning, stacklevel=2)
            colors = True
        if exception is not None and not isinstance(exception, (BaseException, tuple)):
            exception = bool(exception)
        given = {
            "exception": exception,
            "depth": max(depth, 0),
            "lazy": bool(lazy),
            "record": bool(record),
            "colors": bool(colors),
            "raw": bool(raw),
            "capture": bool(capture),
        }
        return self._opt(given)

    def patch(self, patcher: Callable[[Any], object]) -> Self:
        """Return a logger that first passes its records to *patcher*, which may change them."""
        return self._patch(patcher)

    def contextualize(self, /, **kwargs: object) -> Contextualizer:
        """Add fields to every record logged within a `with` block or a decorated function."""
        return Contextualizer(kwargs)

    def catch(
        self,
        exception: Any = Exception,
        *,
        level: str | int = "ERROR",
        reraise: bool = False,
        onerror: Callable[[BaseException], object] | None = None,
        exclude: Any = None,
        default: Any = None,
        message: str = MESSAGE,
    ) -> Any:
        """Log the exceptions of a block or of a decorated function, and continue after it.

        Args:
            exception: A type of exception, or a tuple of types.
            level: The level of the record.
            reraise: Whether the exception is raised again.
            onerror: A function that is called with the exception after it was logged.
            exclude: A type of exception, or a tuple of types, that are not caught.
            default: The value that a decorated function returns after an exception.
            message: The record's message. `{record[function]}` and the like are filled in.
        """
        from logly.loguru._catching import Catcher  # few programs catch

        function = exception if _is_function(exception) else None
        catcher = Catcher(
            self,
            Exception if function else exception,
            level=level,
            is_reraised=reraise,
            onerror=onerror,
            exclude=exclude,
            default=default,
            message=message,
        )
        return catcher(function) if function else catcher

    # Settings

    def level(self, name: str, no: int | None = None, color: str | None = None, icon: str | None = None) -> Any:
        """Return a level; define or edit it first if more than its name is given.

        Raises:
            TypeError: The name is not a str, or the number not an int.
            ValueError: The level does not exist, or has a number already.
        """
        from logly.loguru._levels import define  # for programs that do more than ask

        if not isinstance(name, str):
            message = f"Invalid level name, it should be a string, not: '{type(name).__name__}'"
            raise TypeError(message)
        if no is not None or color is not None or icon is not None:
            define(self, name, no, color, icon)
            parts = {"no": no, "color": color, "icon": icon}
            known = state_of(self).levels.setdefault(name, parts)
            known.update((part, value) for part, value in parts.items() if value is not None)
        return Level(*self._level(name))

    def configure(
        self,
        *,
        handlers: Sequence[dict[str, Any]] | None = None,
        levels: Sequence[dict[str, Any]] | None = None,
        extra: dict[str, Any] | None = None,
        patcher: Callable[[Any], object] | None = None,
        activation: Sequence[tuple[str | None, bool]] | None = None,
    ) -> list[int]:
        """Change settings of the whole logger: None leaves one as it is.

        Args:
            handlers: The arguments of `add` for sinks that replace all others.
            levels: The arguments of `level`.
            extra: Fields of every record.
            patcher: A function that sees every record first.
            activation: Names of modules, and whether their calls log.

        Returns:
            The ids of the sinks.
        """
        if handlers is not None:
            self.remove()
        for given in levels or ():
            self.level(**given)
        if extra is not None:
            self._configure({"extra": dict(extra)})
            state_of(self).extra = dict(extra)
        if patcher is not None:
            self._configure({"patcher": patcher})
            state_of(self).patcher = patcher
        for name, is_enabled in activation or ():
            (self.enable if is_enabled else self.disable)(name)
        return [self.add(**given) for given in handlers or ()]

    def enable(self, name: str | None) -> None:
        """Let the calls of a module and of the modules below it log."""
        self._activate(name, is_enabled=True)

    def disable(self, name: str | None) -> None:
        """Keep the calls of a module and of the modules below it from logging."""
        self._activate(name, is_enabled=False)

    def _activate(self, name: str | None, *, is_enabled: bool) -> None:
        if name is not None and not isinstance(name, str):
            message = f"Invalid name, it should be a string (or None), not: '{type(name).__name__}'"
            raise TypeError(message)
        # Every module has a name here.
        if name is not None:
            self._set_enabled(is_enabled, name)
            state_of(self).activation.pop(name, None)
            state_of(self).activation[name] = is_enabled

    @staticmethod
    def parse(
        file: Any,
        pattern: str | bytes | re.Pattern[str] | re.Pattern[bytes],
        *,
        cast: Mapping[str, Callable[[str], object]] | Callable[[dict[str, Any]], object] | None = None,
        chunk: int = 65_536,
    ) -> Generator[dict[str, Any], None, None]:
        """Yield the named groups of each match of a pattern in a file.

        Args:
            file: A path, or an object with `read(size)`.
            pattern: A regular expression.
            cast: A dict of group to function, or a function that changes the dict of groups.
            chunk: The number of characters or bytes to read at once.
        """
        from logly.loguru._parsing import parse  # most programs do not need it

        return parse(file, pattern, cast={} if cast is None else cast, chunk=chunk)

    # Former names

    def start(self, *args: Any, **kwargs: Any) -> int:
        """Do the same as `add`, which has replaced it."""
        _warn("start", "add")
        return self.add(*args, **kwargs)

    def stop(self, *args: Any, **kwargs: Any) -> None:
        """Do the same as `remove`, which has replaced it."""
        _warn("stop", "remove")
        self.remove(*args, **kwargs)

    # Copies

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return an independent logger, with the same sinks made anew."""
        from logly.loguru._copies import copied

        return copied(self, memo)  # type: ignore[return-value]  # it has the same class

    def __copy__(self) -> Self:
        """Return this very logger: it is immutable."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what restores the logger in another process."""
        from logly.loguru._copies import reduced

        return reduced(self)

    def __repr__(self) -> str:
        """Show the sinks."""
        sinks = state_of(self).sinks
        shown = [
            f"(id={number}, level={level_number(self, options['level'])}, sink={_shown(sink)})"
            for number, (sink, options) in sinks.items()
        ]
        return f"<loguru.logger handlers=[{', '.join(shown)}]>"

    def __dir__(self) -> list[str]:
        """List the attributes, without the methods that this logger does not have."""
        absent = {name for name, value in vars(Logger).items() if isinstance(value, _Absent)}
        return [name for name in super().__dir__() if name not in absent]


def _shown(sink: Any) -> str:
    """Return a path as text, the name of a stream or function, or else the `repr`."""
    if isinstance(sink, str) or hasattr(sink, "__fspath__"):
        return repr(str(sink))
    name = getattr(sink, "name", None) or getattr(sink, "__name__", None)
    return name if isinstance(name, str) else repr(sink)


def _warn(old: str, new: str) -> None:
    import warnings

    text = f"The '{old}()' method is deprecated, please use '{new}()' instead"
    warnings.warn(text, DeprecationWarning, stacklevel=3)


def _is_in_loop() -> bool:
    import sys

    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and asyncio._get_running_loop() is not None

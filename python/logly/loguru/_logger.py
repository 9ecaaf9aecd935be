"""The logger of this dialect: the methods that Loguru's documentation describes, on logly's core.

The methods that log are native. They are those of logly's own logger, whose core decides by its dialect.
"""
# ruff: noqa: PLR0913 - the parameters are Loguru's

from __future__ import annotations

from logly._calls.context import Contextualizer
from logly.logger._attributes import AttributeMethods
from logly.logger._catch import MESSAGE, _is_function
from logly.loguru._setting_methods import SettingMethods
from logly.loguru._sinks import level_number
from logly.loguru._states import state_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Generator, Mapping
    from typing import Any

    from typing_extensions import Self


class _Absent:
    """A method of logly's own logger that this one does not have."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, logger: object, owner: object = None) -> Any:
        message = f"'Logger' object has no attribute {self.name!r}"
        raise AttributeError(message)


class Logger(AttributeMethods, SettingMethods):
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

    # Copies

    def reinstall(self) -> None:
        """Let the global logger of this process have the sinks and settings of this one.

        It is for child processes that were passed a logger.
        """
        from logly.loguru._copies import reinstall  # for such processes alone

        reinstall(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return an independent logger, with sinks of its own like these."""
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

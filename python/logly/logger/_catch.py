"""Code whose exceptions are logged: `catch`."""
# ruff: noqa: F811, PLR0913 - `overload` is that of `typing` for checkers alone; the parameters are Loguru's

from __future__ import annotations

from logly._logly import PyLogger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator
    from typing import Any, Literal, TypeVar, overload

    from typing_extensions import Never, ParamSpec, TypeGuard

    from logly._calls.catching import Catcher
    from logly.typing import ExceptionTypes

    Params = ParamSpec("Params")
    Result = TypeVar("Result")
    Yielded = TypeVar("Yielded")
    Sent = TypeVar("Sent")
    Default = TypeVar("Default")
    AnyIterator = TypeVar("AnyIterator", bound=Iterator[Any])
    AnyAsyncIterator = TypeVar("AnyAsyncIterator", bound=AsyncIterator[Any])
else:

    def overload(function: object) -> object:
        """Stand in for that of `typing`, which is an import."""
        return function


MESSAGE = (
    "An error has been caught in function '{record[function]}', "
    "process '{record[process].name}' ({record[process].id}), thread '{record[thread].name}' ({record[thread].id}):"
)


class CatchMethods(PyLogger):
    """The method of `Logger` that logs what is raised."""

    __slots__ = ()

    @overload
    def catch(
        self,
        exception: ExceptionTypes = ...,
        *,
        level: str | int = "ERROR",
        reraise: Literal[True],
        onerror: Callable[[BaseException], object] | None = None,
        exclude: ExceptionTypes | None = None,
        default: object = None,
        message: str = MESSAGE,
    ) -> Catcher[Never]: ...
    @overload
    def catch(
        self,
        exception: ExceptionTypes = ...,
        *,
        level: str | int = "ERROR",
        reraise: bool = False,
        onerror: Callable[[BaseException], object] | None = None,
        exclude: ExceptionTypes | None = None,
        default: Default,
        message: str = MESSAGE,
    ) -> Catcher[Default]: ...
    @overload
    def catch(  # type: ignore[overload-overlap]  # a type of exception is a function too
        self,
        exception: ExceptionTypes = ...,
        *,
        level: str | int = "ERROR",
        reraise: bool = False,
        onerror: Callable[[BaseException], object] | None = None,
        exclude: ExceptionTypes | None = None,
        default: None = None,
        message: str = MESSAGE,
    ) -> Catcher[None]: ...
    @overload
    def catch(
        self, exception: Callable[Params, Coroutine[Any, Any, Result]], /
    ) -> Callable[Params, Coroutine[Any, Any, Result | None]]: ...
    @overload
    def catch(self, exception: Callable[Params, AnyAsyncIterator], /) -> Callable[Params, AnyAsyncIterator]: ...
    @overload
    def catch(
        self, exception: Callable[Params, Generator[Yielded, Sent, Result]], /
    ) -> Callable[Params, Generator[Yielded, Sent, Result | None]]: ...
    @overload
    def catch(self, exception: Callable[Params, AnyIterator], /) -> Callable[Params, AnyIterator]: ...
    @overload
    def catch(self, exception: Callable[Params, Result], /) -> Callable[Params, Result | None]: ...
    def catch(
        self,
        exception: Any = Exception,  # noqa: ANN401 - types of exceptions or a function, as the overloads say
        *,
        level: str | int = "ERROR",
        reraise: bool = False,
        onerror: Callable[[BaseException], object] | None = None,
        exclude: ExceptionTypes | None = None,
        default: object = None,
        message: str = MESSAGE,
    ) -> Any:  # noqa: ANN401 - as the overloads say
        """Log what some code raises, and go on behind it.

        What this returns is a context manager, for `with` and `async with`, and a decorator for functions, coroutine
        functions, generator and async generator functions, static and class methods. `@logger.catch` without
        parentheses decorates too. One may be used any number of times, by several threads at once.

        `KeyboardInterrupt`, `SystemExit`, `GeneratorExit` and `asyncio.CancelledError` pass, even where *exception* is
        `BaseException`, unless they are named themselves. So do groups that hold one of them.

        The record's place is the function with the `with`, or for a decorated function the one that called it.

        Args:
            exception: A type of exception, or a tuple of types.
            level: The level it is logged at.
            reraise: Whether the exception goes on once it is logged.
            onerror: A function that is called with the exception once it is logged. What it raises goes on.
            exclude: A type of exception, or a tuple of types, that pass and are not logged.
            default: What a decorated function returns instead. Async generators return nothing; they end.
            message: The record's message. `{record[function]}` and the like are filled in, with the keys of the record;
                the program's own text, never that of others.

        Returns:
            A context manager and decorator; the decorated function where *exception* is a function.

        Raises:
            TypeError: What was given or decorated is of a wrong type.
            ValueError: There is no such level.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> @logger.catch(ZeroDivisionError, default=0.0, message="no share at {record[level]}")
            ... def share(total: float, people: int) -> float:
            ...     return total / people
            >>> with logly.testing.capture() as records:
            ...     share(10, 0)
            0.0
            >>> records[0]["message"], records[0]["exception"].value
            ('no share at ERROR', ZeroDivisionError('division by zero'))
        """
        from logly._calls.catching import Catcher  # noqa: PLC0415 - few programs catch, all import

        if _is_function(exception):
            return Catcher(self, Exception, level=level, message=message)(exception)
        return Catcher(
            self,
            exception,
            level=level,
            is_reraised=reraise,
            onerror=onerror,
            exclude=exclude,
            default=default,
            message=message,
        )


def _is_function(given: Any) -> TypeGuard[Callable[..., Any]]:  # noqa: ANN401 - anything
    """Tell what a bare `@logger.catch` stands above from what `catch` is given to catch."""
    # Neither kind of method is callable by itself before Python 3.10.
    if isinstance(given, (staticmethod, classmethod)):
        return True
    is_exception = isinstance(given, type) and issubclass(given, BaseException)
    return not is_exception and callable(given)

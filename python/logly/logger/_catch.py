"""The method `catch`, which logs the exceptions of a block or function."""
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
        """Replace `typing.overload`, to save the import."""
        return function


MESSAGE = (
    "An error has been caught in function '{record[function]}', "
    "process '{record[process].name}' ({record[process].id}), thread '{record[thread].name}' ({record[thread].id}):"
)


class CatchMethods(PyLogger):
    """The method of `Logger` that logs exceptions."""

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
        exception: Any = Exception,
        *,
        level: str | int = "ERROR",
        reraise: bool = False,
        onerror: Callable[[BaseException], object] | None = None,
        exclude: ExceptionTypes | None = None,
        default: object = None,
        message: str = MESSAGE,
    ) -> Any:
        """Log the exceptions of a block or function, and continue after it.

        The result is a context manager, for `with` and `async with`, and a decorator for functions, coroutine
        functions, generator and async generator functions, static and class methods. `@logger.catch` without
        parentheses decorates too. The result can be used any number of times, by several threads at once.

        `KeyboardInterrupt`, `SystemExit`, `GeneratorExit` and `asyncio.CancelledError` are not caught, even if
        *exception* is `BaseException`, unless they are named themselves. The same holds for groups that contain one of
        them.

        The record's place is the function that contains the `with`, or the caller of a decorated function.

        Args:
            exception: A type of exception, or a tuple of types.
            level: The level of the record.
            reraise: Whether the exception is raised again after it was logged.
            onerror: A function that is called with the exception after it was logged. Exceptions that it raises are
            passed on.
            exclude: A type of exception, or a tuple of types, that are not caught and not logged.
            default: The value that a decorated function returns after an exception. Async generators just end.
            message: The record's message. `{record[function]}` and the like are filled in, with the keys of the record.
                It must be text of the program's own, never text from others.

        Returns:
            A context manager and decorator; if *exception* is a function, the decorated function.

        Raises:
            TypeError: An argument or the decorated object is of a wrong type.
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
        from logly._calls.catching import Catcher  # few programs catch, all import

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


def _is_function(given: Any) -> TypeGuard[Callable[..., Any]]:
    """Tell whether a bare `@logger.catch` decorates *given*, which is otherwise a type of exception to catch."""
    # Neither kind of method is callable by itself before Python 3.10.
    if isinstance(given, (staticmethod, classmethod)):
        return True
    is_exception = isinstance(given, type) and issubclass(given, BaseException)
    return not is_exception and callable(given)

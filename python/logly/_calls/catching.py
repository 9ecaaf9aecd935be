"""The result of `Logger.catch`: a context manager and decorator that logs exceptions.

It is immutable, so threads and tasks can share it. The record is made on the thread that raised the exception. Only
*onerror* can raise an exception here.
"""

from __future__ import annotations

import builtins
import sys
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from logly._calls.decorating import Decorating, bound
from logly._naming import shown

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Generator, Iterator
    from types import TracebackType

    from typing_extensions import ParamSpec, Self

    from logly.logger import Logger
    from logly.typing import ExceptionTypes

    Params = ParamSpec("Params")
    Result = TypeVar("Result")
    Yielded = TypeVar("Yielded")
    Sent = TypeVar("Sent")
    AnyIterator = TypeVar("AnyIterator", bound=Iterator[Any])
    AnyAsyncIterator = TypeVar("AnyAsyncIterator", bound=AsyncIterator[Any])
Default = TypeVar("Default")

_CONTROL = (KeyboardInterrupt, SystemExit, GeneratorExit)
"""Exceptions that end a program or a generator and are no errors. If asyncio is loaded, `CancelledError` is added."""


class Catcher(Decorating, Generic[Default]):
    """Logs the exceptions of its `with` block or of a decorated function."""

    __slots__ = (
        "_default",
        "_exclude",
        "_is_decorator",
        "_is_reraised",
        "_level",
        "_logger",
        "_message",
        "_onerror",
        "_types",
    )

    def __init__(  # noqa: PLR0913 - the parameters of `catch`
        self,
        logger: Any,
        exception: ExceptionTypes,
        *,
        level: str | int = "ERROR",
        is_reraised: bool = False,
        onerror: Callable[[BaseException], object] | None = None,
        exclude: ExceptionTypes | None = None,
        default: Default | None = None,
        message: str = "",
    ) -> None:
        self._logger: Logger = logger
        self._types = _types("exception", exception)
        self._exclude = () if exclude is None else _types("exclude", exclude)
        if onerror is not None and not callable(onerror):
            raise TypeError(_expected("onerror", "a function of the exception", onerror))
        if not isinstance(message, str):
            raise TypeError(_expected("message", "a str", message))
        # Raises an error if there is no such level.
        logger.is_enabled(level)
        self._level = level
        if not isinstance(is_reraised, bool):
            raise TypeError(_expected("reraise", "True or False", is_reraised))
        self._is_reraised = is_reraised
        self._onerror = onerror
        self._default = default
        self._message = message
        self._is_decorator = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> bool:
        return error is not None and self._wants(error) and self._log(error)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> bool:
        return error is not None and self._wants(error) and self._log(error)

    @overload
    def __call__(
        self, function: Callable[Params, Coroutine[Any, Any, Result]]
    ) -> Callable[Params, Coroutine[Any, Any, Result | Default]]: ...
    @overload
    def __call__(self, function: Callable[Params, AnyAsyncIterator]) -> Callable[Params, AnyAsyncIterator]: ...
    @overload
    def __call__(
        self, function: Callable[Params, Generator[Yielded, Sent, Result]]
    ) -> Callable[Params, Generator[Yielded, Sent, Result | Default]]: ...
    @overload
    def __call__(self, function: Callable[Params, AnyIterator]) -> Callable[Params, AnyIterator]: ...
    @overload
    def __call__(self, function: Callable[Params, Result]) -> Callable[Params, Result | Default]: ...
    def __call__(self, function: Any) -> Any:
        """Decorate a function of any kind."""
        return self._of_decorator()._wrapper_of("catch", function)

    def _of_decorator(self) -> Catcher[Default]:
        catcher = Catcher.__new__(type(self))
        for name in self.__slots__:
            setattr(catcher, name, getattr(self, name))
        catcher._is_decorator = True
        return catcher

    def _function(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: object, **kwargs: object) -> object:
            with self:
                return function(*args, **kwargs)
            return self._default

        return wrapper

    def _coroutine(self, function: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
        async def wrapper(*args: object, **kwargs: object) -> object:
            with self:
                return await function(*args, **kwargs)
            return self._default

        return wrapper

    def _generator(self, function: Callable[..., Generator[Any, Any, Any]]) -> Callable[..., Any]:
        def wrapper(*args: object, **kwargs: object) -> Generator[Any, Any, Any]:
            with self:
                return (yield from function(*args, **kwargs))
            return self._default

        return wrapper

    def _async_generator(self, function: Callable[..., AsyncGenerator[Any, Any]]) -> Callable[..., Any]:
        async def wrapper(*args: object, **kwargs: object) -> AsyncGenerator[Any, Any]:
            with self:
                generator = function(*args, **kwargs)
                step: Callable[[], Awaitable[object]] = generator.__anext__
                while True:
                    try:
                        value = await step()
                    except StopAsyncIteration:
                        return
                    try:
                        sent = yield value
                    except GeneratorExit:
                        await generator.aclose()
                        raise
                    except BaseException as error:  # handed on to the generator, whatever it is
                        step = bound(generator.athrow, error)
                    else:
                        step = bound(generator.asend, sent)

        return wrapper

    def _wants(self, error: BaseException) -> bool:
        if isinstance(error, self._exclude) or not isinstance(error, self._types):
            return False
        named = _named(self._types)
        return isinstance(error, named) or not any(isinstance(one, _control()) for one in _parts(error, named))

    def _log(self, error: BaseException) -> bool:
        """Log the exception; return whether it is suppressed."""
        # The caller is above this frame and the one of `__exit__`, and for a decorated function above the wrapper too.
        depth = 3 if self._is_decorator else 2
        traceback = error.__traceback__
        if self._is_decorator and traceback is not None:
            # Called on `BaseException`: frozen dataclasses refuse to set the attribute.
            BaseException.with_traceback(error, traceback.tb_next)
        # The message is filled in only if it has `{record`: other braces are text.
        is_filled = "{record" in self._message
        logger = self._logger._opt({"exception": error, "depth": depth, "record": is_filled})
        try:
            logger.log(self._level, self._message)
        except ValueError:
            # The level no longer exists: `reset` removes defined levels.
            logger.error(self._message)  # noqa: TRY400 - the exception is the one given
        finally:
            BaseException.with_traceback(error, traceback)
        if self._onerror is not None:
            self._onerror(error)
        return not self._is_reraised


def _types(name: str, given: ExceptionTypes) -> tuple[type[BaseException], ...]:
    types = given if isinstance(given, tuple) else (given,)
    for kind in types:
        if not (isinstance(kind, type) and issubclass(kind, BaseException)):
            raise TypeError(_expected(name, "a type of exception or a tuple of types", kind))
    return types


def _expected(name: str, expected: str, got: object) -> str:
    return f"{name}: expected {expected}, got {shown(got)}"


def _control() -> tuple[type[BaseException], ...]:
    asyncio = sys.modules.get("asyncio")
    cancelled = getattr(asyncio, "CancelledError", None)
    return _CONTROL if cancelled is None else (*_CONTROL, cancelled)


def _parts(error: BaseException, named: tuple[type[BaseException], ...]) -> Iterator[BaseException]:
    """Yield the exceptions in a group and its inner groups, or the single exception; skip those of *named* types."""
    # The type is built in from Python 3.11 on; before, the package `exceptiongroup` has it.
    group: Any = getattr(builtins, "BaseExceptionGroup", None)
    group = group or getattr(sys.modules.get("exceptiongroup"), "BaseExceptionGroup", None)
    left = [error]
    while left:
        one = left.pop()
        if isinstance(one, named):
            continue
        if group is not None and isinstance(one, group):
            # Read through the base class: a subclass may have redefined the attribute.
            left += group.exceptions.__get__(one)
        else:
            yield one


def _named(types: tuple[type[BaseException], ...]) -> tuple[type[BaseException], ...]:
    return tuple(kind for kind in types if kind is not BaseException)

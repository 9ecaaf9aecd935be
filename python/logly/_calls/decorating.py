"""Decorators for functions of every kind: find a function's kind, and make a wrapper of the same kind."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
    from typing import Any

# Flags of code objects, named as in `inspect`; importing `inspect` would cost more than the rest of this package.
_GENERATOR, _COROUTINE, _ITERABLE_COROUTINE, _ASYNC_GENERATOR = 0x20, 0x80, 0x100, 0x200

_MARKS = ("_is_coroutine_mark", "_is_coroutine")
"""Attributes that `inspect.markcoroutinefunction` and its forerunners set on a function that returns an awaitable."""


class Decorating:
    """Base class of decorators, with a wrapper for each kind of function."""

    __slots__ = ()

    def _wrapper_of(self, name: str, function: Any) -> Any:
        """Return a wrapper of the same kind and name as a function.

        Raises:
            TypeError: The argument is not a function, but a class, for example; the error names the decorator.
        """
        from functools import update_wrapper  # few programs decorate, all import

        if isinstance(function, (staticmethod, classmethod)):
            return type(function)(self._wrapper_of(name, function.__func__))
        if isinstance(function, type) or not callable(function):
            message = f"{name}: expected a function to decorate, got {function!r}"
            raise TypeError(message)
        flags = _code_flags(function)
        if flags & _COROUTINE:
            wrapper = self._coroutine(function)
        elif flags & _ASYNC_GENERATOR:
            wrapper = self._async_generator(function)
        elif flags & _GENERATOR:
            wrapper = self._generator(function)
            if flags & _ITERABLE_COROUTINE:
                from types import coroutine

                wrapper = coroutine(wrapper)
        else:
            wrapper = self._function(function)
        return update_wrapper(wrapper, function)

    def _function(self, function: Callable[..., Any]) -> Callable[..., Any]:
        raise NotImplementedError

    def _coroutine(self, function: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
        raise NotImplementedError

    def _generator(self, function: Callable[..., Generator[Any, Any, Any]]) -> Callable[..., Any]:
        raise NotImplementedError

    def _async_generator(self, function: Callable[..., AsyncGenerator[Any, Any]]) -> Callable[..., Any]:
        raise NotImplementedError


def bound(function: Callable[[Any], Any], argument: object) -> Callable[[], Any]:
    """Return a function without arguments that calls *function* with *argument*; it resumes a generator."""
    return lambda: function(argument)


def _code_flags(function: Any) -> int:
    """Return the code flags of the function that runs in the end, through `functools.partial` and `__call__` too."""
    from functools import partial

    while isinstance(function, partial):
        function = function.func
    if any(mark in getattr(function, "__dict__", ()) for mark in _MARKS):
        return _COROUTINE
    if not hasattr(function, "__code__"):
        function = getattr(type(function), "__call__", None)  # noqa: B004 - the method, not whether there is one
    return getattr(getattr(function, "__code__", None), "co_flags", 0)

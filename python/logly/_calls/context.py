"""Context: fields that every record gets while some code runs.

`contextvars` carry the fields, so threads and tasks are isolated from each other. `await`, `create_task` and
`asyncio.to_thread` keep the context by themselves; executors need `copy_context`.
"""

from __future__ import annotations

import contextvars

from logly._calls.decorating import Decorating, bound
from logly._logly import FromVar, _context_variable, _layer, _pop_context, _push_context, _rebased, _tell_once
from logly._naming import guided, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
    from contextvars import ContextVar, Token
    from typing import Any, TypeVar

    from typing_extensions import ParamSpec, Self

    from logly._logly import _Entered, _Layer

    Params = ParamSpec("Params")
    Result = TypeVar("Result")
    Function = TypeVar("Function", bound=Callable[..., Any])


def reset(token: Token[Any]) -> bool:
    """Reset a context variable by its token; False in another context, or if the token was used already."""
    try:
        token.var.reset(token)
    except (ValueError, RuntimeError):
        return False
    return True


class Steps:
    """The context of code that runs in steps, such as a generator: its fields, and the fields that the code adds.

    A `with logger.contextualize(...)` that is open at the end of a step is open again in the next one, unless the next
    step runs in another `contextvars` context, where the block could not be closed.
    """

    __slots__ = ("_added", "_fields", "_outside", "_probe", "_start", "_trace")

    def __init__(self, fields: dict[str, object], trace: dict[str, object] | None = None) -> None:
        self._fields, self._trace = fields, trace
        self._outside: _Layer | None = None
        self._start: _Layer | None = None
        self._added: _Layer | None = None
        self._probe: Token[Any] | None = None

    def enter(self) -> Token[Any]:
        """Begin a step; return the token for `leave`."""
        variable = _context_variable()
        outside, base = variable.get(), self._outside
        if self._start is None or outside is not base:
            # The fields are encoded once, as long as they are added to the same outer fields.
            self._outside, self._start = outside, _layer(self._fields, outside, self._trace)
        probe, self._probe = self._probe, None
        # A token can be reset only in the context that made it.
        if probe is None or self._added is None or not reset(probe):
            return variable.set(self._start)
        variable.set(outside)
        return variable.set(self._added if outside is base else _rebased(self._added, base, outside))

    def leave(self, token: Token[Any]) -> None:
        """End a step: restore the context from before it."""
        now = token.var.get()
        reset(token)
        if now is not self._start:
            self._added, self._probe = now, token.var.set(token.var.get())


class Contextualizer(Decorating):
    """The result of `Logger.contextualize`: a context manager, and a decorator for functions of every kind."""

    __slots__ = ("_entered", "_fields", "_is_used", "_trace")

    def __init__(self, fields: dict[str, object], trace: dict[str, object] | None = None) -> None:
        self._fields, self._trace = fields, trace
        self._entered: list[_Entered] = []
        self._is_used = False

    def __enter__(self) -> Self:
        self._is_used = True
        self._entered.append(_push_context(self._fields, self._trace))
        return self

    def __exit__(self, *_raised: object) -> None:
        # The same object may be entered in several threads or tasks: this is the last block of this context.
        for entered in reversed(self._entered.copy()):
            if _pop_context(entered, anywhere=False):
                self._entered.remove(entered)
                return
        # The block began in another context: the event loop closes an async generator, or it is a fixture.
        if self._entered:
            _pop_context(self._entered.pop())

    def __del__(self) -> None:
        if not self._is_used:
            _tell_once("logger.contextualize() adds nothing by itself: write `with logger.contextualize(...):`")

    def __call__(self, function: Function) -> Function:
        """Decorate a function of any kind: a coroutine or generator function, a static or class method."""
        self._is_used = True
        decorated: Function = self._wrapper_of("contextualize", function)
        return decorated

    def _fresh(self) -> Contextualizer:
        """Return an object for a single run: a decorated function may run many times at once."""
        return Contextualizer(self._fields, self._trace)

    def _function(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: object, **kwargs: object) -> object:
            with self._fresh():
                return function(*args, **kwargs)

        return wrapper

    def _coroutine(self, function: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
        async def wrapper(*args: object, **kwargs: object) -> object:
            with self._fresh():
                return await function(*args, **kwargs)

        return wrapper

    def _generator(self, function: Callable[..., Generator[Any, Any, Any]]) -> Callable[..., Any]:
        # The fields are set while the generator's own code runs, never in the code that iterates over it.
        def wrapper(*args: object, **kwargs: object) -> Generator[Any, Any, Any]:
            generator, steps = function(*args, **kwargs), Steps(self._fields, self._trace)
            step: Callable[[], object] = lambda: next(generator)  # noqa: E731 - rebound below for each way to resume
            while True:
                token = steps.enter()
                try:
                    value = step()
                except StopIteration as stop:
                    return stop.value
                finally:
                    steps.leave(token)
                try:
                    sent = yield value
                except GeneratorExit:
                    token = steps.enter()
                    try:
                        generator.close()
                    finally:
                        steps.leave(token)
                    raise
                except BaseException as error:  # handed on to the generator, whatever it is
                    step = bound(generator.throw, error)
                else:
                    step = bound(generator.send, sent)

        return wrapper

    def _async_generator(self, function: Callable[..., AsyncGenerator[Any, Any]]) -> Callable[..., Any]:
        async def wrapper(*args: object, **kwargs: object) -> AsyncGenerator[Any, Any]:
            generator, steps = function(*args, **kwargs), Steps(self._fields, self._trace)
            step: Callable[[], Awaitable[object]] = generator.__anext__
            while True:
                token = steps.enter()
                try:
                    value = await step()
                except StopAsyncIteration:
                    return
                finally:
                    steps.leave(token)
                try:
                    sent = yield value
                except GeneratorExit:
                    token = steps.enter()
                    try:
                        await generator.aclose()
                    finally:
                        steps.leave(token)
                    raise
                except BaseException as error:  # handed on to the generator, whatever it is
                    step = bound(generator.athrow, error)
                else:
                    step = bound(generator.asend, sent)

        return wrapper


@guided
def copy_context(function: Callable[Params, Result]) -> Callable[Params, Result]:
    """Return a function that always runs *function* in the current context, in any thread and any number of times.

    Executors run functions in their own threads, which do not have the caller's context. This function carries the
    context there.

    Args:
        function: Any callable.

    Returns:
        A function with the same parameters and result. Several threads may call it at once.

    Example:
        >>> from concurrent.futures import ThreadPoolExecutor
        >>> import logly
        >>> from logly import logger
        >>> with logly.testing.capture() as records, ThreadPoolExecutor() as pool:
        ...     with logger.contextualize(request="r-1"):
        ...         pool.submit(logly.copy_context(logger.info), "in a thread").result()
        >>> records[0]["request"]
        'r-1'
    """
    if not callable(function):
        message = f"function: expected something that can be called, got {shown(function)}"
        raise TypeError(message)
    from functools import update_wrapper  # few programs decorate, all import

    context = contextvars.copy_context()

    def wrapper(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        # A context can be entered only once at a time; a copy of it costs almost nothing.
        return context.copy().run(function, *args, **kwargs)

    return update_wrapper(wrapper, function)


@guided
def from_var(var: ContextVar[Any], function: Callable[[Any], object]) -> FromVar:
    """Return a context variable whose value a function turns into fields, for `logger.configure(context=)`.

    The function is called once for a value, on the thread that logs its first record. It is called again for a value
    that was not used while a thousand others were. None as the value or as the result means: no field. An exception is
    reported once on standard error, and the records of that value have no such fields. Records that the function logs
    have none either.

    Args:
        var: The variable.
        function: Takes the value. It returns a dict of fields, or the value of one field. The name in `context` is the
            name of that field.

    Raises:
        TypeError: An argument has the wrong type.

    Example:
        >>> import contextvars, logly
        >>> from logly import logger
        >>> user = contextvars.ContextVar("user")
        >>> logger.configure(context={"user": logly.from_var(user, lambda user: {"user": user["name"]})})
        >>> with logly.testing.capture() as records:
        ...     token = user.set({"name": "ada", "password": "secret"})
        ...     logger.info("signed in")
        >>> records[0]["user"]
        'ada'
        >>> user.reset(token)
        >>> logger.configure(context={})
    """
    return FromVar(var, function)

"""The result of `catch`: a context manager and decorator that logs exceptions, with the rules of this dialect.

Unlike logly's own, it catches whatever it is told to, `KeyboardInterrupt` among them, and the traceback of a decorated
function begins with the function's caller.
"""

from __future__ import annotations

import sys
from types import TracebackType

from logly._calls.catching import Catcher as _Catcher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Catcher(_Catcher["Any"]):
    """Logs the exceptions of its `with` block or of a decorated function."""

    __slots__ = ()

    def __init__(  # noqa: PLR0913 - the parameters of `catch`
        self,
        logger: Any,
        exception: Any,
        *,
        level: str | int,
        is_reraised: bool,
        onerror: Callable[[BaseException], object] | None,
        exclude: Any,
        default: Any,
        message: str,
    ) -> None:
        self._logger = logger
        self._types = exception
        self._exclude = () if exclude is None else exclude
        self._level = level
        self._is_reraised = is_reraised
        self._onerror = onerror
        self._default = default
        self._message = message
        self._is_decorator = False

    def __call__(self, function: Any) -> Any:
        """Decorate a function of any kind."""
        if isinstance(function, type):
            name = function.__name__
            message = (
                f"Invalid object decorated with 'catch()', it must be a function, not a class (tried to wrap '{name}')"
            )
            raise TypeError(message)
        return super().__call__(function)

    def _of_decorator(self) -> Catcher:
        catcher = Catcher.__new__(Catcher)
        for name in _Catcher.__slots__:
            setattr(catcher, name, getattr(self, name))
        catcher._is_decorator = True
        return catcher

    def _wants(self, error: BaseException) -> bool:
        return isinstance(error, self._types) and not isinstance(error, self._exclude)

    def _log(self, error: BaseException) -> bool:
        """Log the exception; return whether it is suppressed."""
        # The caller is above this frame and the one of `__exit__`, and for a decorated function above the wrapper too.
        depth = 3 if self._is_decorator else 2
        place = error.__traceback__
        if self._is_decorator:
            place = _from_caller(sys._getframe(depth), None if place is None else place.tb_next)
        given = (type(error), error, place)
        is_filled = "{" in self._message
        before = error.__traceback__
        BaseException.with_traceback(error, place)
        try:
            options = {"exception": given, "depth": depth + self._depth(), "record": is_filled}
            self._logger._opt(options).log(self._level, self._message)
        finally:
            BaseException.with_traceback(error, before)
        if self._onerror is not None:
            self._onerror(error)
        return not self._is_reraised

    def _depth(self) -> int:
        """Return the depth that the program gave to the logger."""
        steps = [given[0] for name, given in self._logger._steps if name == "_opt"]
        return int(steps[-1].get("depth") or 0) if steps else 0


def _from_caller(frame: Any, place: TracebackType | None) -> TracebackType | None:
    """Return the traceback with the caller's frame before it."""
    if frame is None:
        return place
    return TracebackType(place, frame, frame.f_lasti, frame.f_lineno)

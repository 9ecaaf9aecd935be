"""The methods of the logger for its sinks: adding and removing them, and waiting for them."""
# ruff: noqa: A002, PLR0913 - the parameters are Loguru's

from __future__ import annotations

import sys

from logly._logly import PyLogger, _reserve_id
from logly.loguru._defaults import OPTIONS
from logly.loguru._sinks import add
from logly.loguru._states import state_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from logly.loguru._completing import Completer

_LONGEST_ARCHIVING = 60.0
"""Seconds that the removal of a file waits for its archives."""


class SinkMethods(PyLogger):
    """The methods of the logger for its sinks."""

    __slots__ = ()

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
        intake = sys.modules.get("logly._process.intake")
        if intake is not None:
            for number in ids:
                intake.forget(self, number)
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

    # Former names

    def start(self, *args: Any, **kwargs: Any) -> int:
        """Do the same as `add`, which has replaced it."""
        _warn("start", "add")
        return self.add(*args, **kwargs)

    def stop(self, *args: Any, **kwargs: Any) -> None:
        """Do the same as `remove`, which has replaced it."""
        _warn("stop", "remove")
        self.remove(*args, **kwargs)


def _warn(old: str, new: str) -> None:
    import warnings

    text = f"The '{old}()' method is deprecated, please use '{new}()' instead"
    warnings.warn(text, DeprecationWarning, stacklevel=3)


def _is_in_loop() -> bool:
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and asyncio._get_running_loop() is not None

"""Callbacks: functions that are called with every record, in the background.

Each callback has its own queue and thread, `logly-callback-NAME`. So it sees its records one at a time and in order,
independently of other callbacks. Coroutine functions are awaited on logly's own event loop, in the thread `logly-loop`.
"""

from __future__ import annotations

from logly._logly import _add_callback, _remove_callback
from logly._naming import implemented_by
from logly.logger._files import FileMethods

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from logly._logly import PyLogger
    from logly.typing import Callback, LevelName, Overflow


def _add(self: PyLogger, callback: Callback, **options: Any) -> int:
    return _add_callback(self, callback, options)  # type: ignore[arg-type]  # checked there


class CallbackMethods(FileMethods):
    """The methods of a logger for its callbacks."""

    __slots__ = ()

    @implemented_by(_add)
    def add_callback(  # noqa: D417, PLR0913 - each is an option of its own
        self,
        callback: Callback,
        *,
        name: str | None = None,
        level: LevelName | int | None = None,
        where: str | None = None,
        overflow: Overflow | None = None,
        block_timeout: float | None = None,
        buffer_size: int | None = None,
        max_buffered_lines: int | None = None,
    ) -> int:
        """Call a function with every record, in the background, and return the callback's id.

        The function gets a dict of its own, which can be sent on as JSON: `logly.typing.CallbackRecord` has its keys.
        Calls that log do not wait for the callback. It may be a function, a coroutine function, or an object that can
        be called like either.

        Exceptions of a callback do not reach the program. The first one is reported on standard error with message and
        place, later ones by their count, once a minute at most. Records that a callback logs reach sinks, but no
        callback. While the program itself needs the interpreter, all callbacks together take a small part of its time.
        When a queue is full, records are dropped and counted, and the callback gets "N records dropped" in their place.

        At the end of the process, callbacks have up to 5 seconds for their remaining records. A forked child has the
        same callbacks, but none of its parent's records. If no thread can be started, the thread that logs calls the
        callbacks.

        Args:
            callback: Takes the record.

        The options are `name`, `level`, `where`, `overflow`, `block_timeout`, `buffer_size` and `max_buffered_lines`.
        `logly.typing.CallbackOptions` explains each; None means "not given".

        Returns:
            The id. It is never reused, not even by a sink.

        Raises:
            TypeError: The callback cannot be called, or a parameter is unknown or of a wrong type.
            ValueError: A value is not allowed.

        Example:
            >>> from logly import logger
            >>> logger.configure(console=False)
            >>> number = logger.add_callback(lambda record: print(record["message"]), level="WARNING")
            >>> logger.warning("refused")
            >>> logger.complete()
            refused
            True
        """
        raise NotImplementedError

    def remove_callback(self, callback_id: object) -> bool:
        """Remove a callback after it was called with everything logged before.

        It has 5 seconds for that; the remaining records are dropped. From inside a callback this returns at once, and
        the callback still gets the records that were logged before.

        Args:
            callback_id: The id that `add_callback` returned, also as text, or the callback's name.

        Returns:
            Whether there was such a callback. Any value is accepted.

        Example:
            >>> from logly import logger
            >>> number = logger.add_callback(print, name="printer")
            >>> logger.remove_callback("printer"), logger.remove_callback(number)
            (True, False)
        """
        return _remove_callback(self, callback_id)

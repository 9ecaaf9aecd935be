"""Callbacks: functions that are called with every record, in the background.

Each has a queue and a thread of its own, `logly-callback-NAME`, and so sees its records one at a time and in order,
whatever others do. Coroutine functions are awaited on an event loop of logly's own, in the thread `logly-loop`.
"""

from __future__ import annotations

from logly._logly import _add_callback, _remove_callback
from logly.logger._files import FileMethods

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Unpack

    from logly.typing import Callback, CallbackOptions


class CallbackMethods(FileMethods):
    """The methods of a logger for its callbacks."""

    __slots__ = ()

    def add_callback(self, callback: Callback, **options: Unpack[CallbackOptions]) -> int:
        """Have a function called with every record, in the background, and return the callback's id.

        It gets a dict of its own, which can be sent on as JSON: `logly.typing.CallbackRecord` has its keys. Calls that
        log do not wait for it. It may be a coroutine function, or an object that is called like one.

        What it raises is contained: told on standard error with message and place the first time, then with counts once
        a minute at most. What it logs reaches sinks, but no callback. While the program itself needs the interpreter,
        all callbacks together take a small part of its time. When a queue is full, records are dropped and counted, and
        the callback gets "N records dropped" in their place.

        At the end of the process callbacks have up to 5 seconds for what they have. A forked child has the same
        callbacks, and no records of its parent's. Where no thread can be made, whoever logs calls them.

        Args:
            callback: Takes the record.
            **options: `name`, `level`, `overflow`, `block_timeout`, `buffer_size` and `max_buffered_lines`;
                `logly.typing.CallbackOptions` has their types. None means "not given".

        Returns:
            The id, never used again, nor by a sink.

        Raises:
            TypeError: It cannot be called, or a parameter is unknown or of a wrong type.
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
        return _add_callback(self, callback, options)

    def remove_callback(self, callback_id: object) -> bool:
        """Remove a callback once it was called with everything logged before.

        It gets 5 seconds for that; what is left then is dropped. From inside a callback this returns at once, and it is
        called with what was logged before all the same.

        Args:
            callback_id: What `add_callback` returned, also as text, or the callback's name.

        Returns:
            Whether there was such a callback. Anything may be asked for.

        Example:
            >>> from logly import logger
            >>> number = logger.add_callback(print, name="printer")
            >>> logger.remove_callback("printer"), logger.remove_callback(number)
            (True, False)
        """
        return _remove_callback(self, callback_id)

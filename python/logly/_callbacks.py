"""Callbacks: functions that are called with every record, in the background."""

from __future__ import annotations

from logly._files import FileMethods
from logly._logly import _add_callback, _remove_callback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Unpack

    from logly.typing import Callback, CallbackOptions, CoroutineCallback


class CallbackMethods(FileMethods):
    """The methods of a logger for its callbacks."""

    __slots__ = ()

    def add_callback(self, callback: Callback | CoroutineCallback, **options: Unpack[CallbackOptions]) -> int:
        """Have a function called with every record, in the background, and return the callback's id."""
        return _add_callback(self, callback, options)

    def remove_callback(self, callback_id: object) -> bool:
        """Remove a callback once it was called with everything logged before."""
        return _remove_callback(self, callback_id)

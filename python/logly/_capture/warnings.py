"""`capture_warnings`: logs the warnings that the module `warnings` shows."""

from __future__ import annotations

import os
import sys
import warnings

from logly._naming import guided
from logly._process import captures
from logly._stdlib.foreign import HIGHEST_LINE, ForeignRecord, number, text
from logly._stdlib.undoing import Undoable
from logly.logger._given import logger_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from logly.logger import Logger
    from logly.typing import LevelName


class WarningCapture(Undoable):
    """The capture of warnings; `undo` or the end of a `with` block ends it."""

    __slots__ = ("_before", "_is_active", "_level", "_logger")

    def __init__(self, logger: Logger, level: int) -> None:
        self._logger = logger
        self._level = level
        self._is_active = True
        self._before = warnings.showwarning
        warnings.showwarning = self._show

    def undo(self) -> None:
        """Let `warnings` show them as before. A second call does nothing."""
        captures.end(self)
        # Other code may still call our function, or set it again.
        self._is_active = False
        if warnings.showwarning == self._show:
            warnings.showwarning = self._still_there()

    def _still_there(self) -> Callable[..., None]:
        """Return the previous function that shows warnings, skipping captures that were undone."""
        before = self._before
        owner = getattr(before, "__self__", None)
        if isinstance(owner, WarningCapture) and not owner._is_active:
            return owner._still_there()
        return before

    def _show(  # noqa: PLR0913, PLR0917 - the signature of `warnings.showwarning`
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if file is not None or not self._is_active:
            self._before(message, category, filename, lineno, file, line)
            return
        record = ForeignRecord(self._level, text(message, "<unprintable warning>"))
        record.path, record.line = text(filename), number(lineno, HIGHEST_LINE) or 0
        record.module = _module_of(record.path)
        record.fields = {"category": category.__name__}
        record.log(self._logger)


@guided
def capture_warnings(level: LevelName | int = "WARNING", *, logger: Logger | None = None) -> WarningCapture:
    """Log the warnings that `warnings` shows, with the place that the warning is about.

    The message is the warning's message, the field `category` the name of its class. The filters of `warnings` still
    decide which warnings are shown, and how often. `logging.captureWarnings` is not needed.

    Args:
        level: The records' level.
        logger: The logger whose sinks get the records; the global one by default.

    Returns:
        An object with `undo()`, which is also a context manager.

    Raises:
        TypeError: An argument is of a wrong type.
        ValueError: The level is unknown.

    Example:
        >>> import warnings, logly
        >>> with logly.testing.capture() as records, warnings.catch_warnings():
        ...     warnings.simplefilter("always")
        ...     with logly.capture_warnings():
        ...         warnings.warn("old", DeprecationWarning)
        >>> records[0]["level"], records[0]["message"], records[0]["category"]
        ('WARNING', 'old', 'DeprecationWarning')
    """
    target = logger_of(logger)
    capture = WarningCapture(target, target._level_number("level", level))
    if target._number == 0:
        captures.begin(capture, "capture_warnings", {"level": capture._level})
    return capture


def _module_of(path: str) -> str:
    """Return the imported module of a file, or else the file's name."""
    for name, module in list(sys.modules.items()):
        if getattr(module, "__file__", None) == path:
            return name
    return os.path.basename(path).removesuffix(".py")

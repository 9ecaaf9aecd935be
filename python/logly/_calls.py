"""Loggers whose calls do more than the usual: `opt`."""

from __future__ import annotations

from logly._logly import PyLogger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self

    from logly.typing import GivenException


class CallMethods(PyLogger):
    """The methods of `Logger` that return loggers with options for their calls."""

    __slots__ = ()

    def opt(
        self,
        *,
        exception: GivenException | bool | None = None,
        depth: int | None = None,
    ) -> Self:
        """Return a logger whose calls have these options.

        The original logger is unchanged; both share their sinks and bound fields. Options of several calls add up: what
        is not given stays as it is. A call with options takes some microseconds more.

        Args:
            exception: An exception, `sys.exc_info()`, or True for the one being handled: it belongs to every record.
                False takes back what was given before.
            depth: How many frames further out than its caller a record is placed, for functions that log for others.
                Depths given one after the other are added. Past the outermost frame it is that.

        Returns:
            A new logger, which never changes.

        Raises:
            TypeError: A value is of a wrong type.
            ValueError: The depth is negative.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture() as records:
            ...     logger.opt(exception=ValueError("no")).error("refused")
            >>> records[0]["exception"].value
            ValueError('no')
        """
        return self._opt({"exception": exception, "depth": depth})

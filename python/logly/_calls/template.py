"""Templates that a function chooses for each record."""

from __future__ import annotations

from logly._naming import guided, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from logly.typing import Record


@guided
class template:  # noqa: N801 - it is used as a function
    r"""A `format=` whose function returns a template for each record, as Loguru's format functions do.

    The template is a pattern like those of `format=`. It is filled in with the record, including the changes that the
    function made to it. A traceback appears only where the template has `{exception}`. Templates are compiled once; the
    last 64 are kept. Do not put text of a record into a template: put it into a field, and name the field.

    Args:
        function: Takes the record and returns the template.

    Raises:
        TypeError: *function* cannot be called.

    Example:
        >>> import logly
        >>> from logly import logger
        >>> def choose(record):
        ...     return "{level}: {message}" if record["level"].no >= 30 else "{message}"
        >>> logger.configure(console=False)
        >>> number = logger.add(lambda line: print(line, end=""), format=logly.template(choose))
        >>> logger.info("fine")
        fine
        >>> logger.warning("careful")
        WARNING: careful
        >>> logger.reset()
    """

    __slots__ = ("_function",)

    def __init__(self, function: Callable[[Record], str], /) -> None:
        if not callable(function):
            message = f"function: expected a function of the record, got {shown(function)}"
            raise TypeError(message)
        self._function = function

    def __call__(self, record: Record, /) -> str:
        """Return the template of a record."""
        return self._function(record)

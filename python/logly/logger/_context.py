"""The methods of `Logger` that add fields to the context, for a block or until they are removed."""

from __future__ import annotations

from logly._calls.context import Contextualizer
from logly._logly import PyLogger, _bind_context, _clear_context, _unbind_context


class ContextMethods(PyLogger):
    """The methods of `Logger` that change the context of all loggers."""

    __slots__ = ()

    def contextualize(self, /, **fields: object) -> Contextualizer:
        """Add fields to every record logged within a `with` block or a decorated function, by any logger.

        Threads and tasks are isolated from each other. A field of the call overrides a context field, and a context
        field overrides a bound one. Decorated functions may be coroutine functions, generators and async generators,
        static and class methods.

        Args:
            **fields: Names and values. The values are captured when the block is entered.

        Returns:
            A context manager that is also a decorator.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture() as records, logger.contextualize(request="r-1"):
            ...     logger.info("started")
            >>> records[0]["request"]
            'r-1'
        """
        return Contextualizer(fields)

    def bind_context(self, /, **fields: object) -> None:
        """Add fields to every record logged from now on in the current thread or asyncio task, by any logger.

        They last until `unbind_context` or `clear_context`, or until their task or thread ends. Tasks that are created
        later inherit them. A field that is added within a block of `contextualize` overrides the block's, and stays
        after the block. In a pool, call `clear_context` when a piece of work begins: a thread serves many.

        Args:
            **fields: Names and values. The values are captured now.

        Example:
            >>> import logly
            >>> from logly import logger
            >>> with logly.testing.capture() as records:
            ...     logger.bind_context(request="r-1", user="ada")
            ...     logger.info("started")
            ...     logger.unbind_context("user")
            ...     logger.info("done")
            ...     logger.clear_context()
            >>> [(record["request"], record["extra"].get("user")) for record in records]
            [('r-1', 'ada'), ('r-1', None)]
        """
        _bind_context(fields)

    def unbind_context(self, /, *names: str) -> None:
        """Remove fields from the current thread's or task's context, whether a block or `bind_context` added them.

        Names without a field are ignored. Fields that `configure(context=)` takes from context variables stay.

        Args:
            *names: The names.

        Raises:
            TypeError: A name is not a str.
        """
        _unbind_context(names)

    def clear_context(self) -> None:
        """Remove all fields from the current thread's or task's context; see `unbind_context`.

        Blocks of `contextualize` that are still open end as usual. Their fields do not come back.
        """
        _clear_context()

"""Switching a logger's calls on and off: all of them, or those of single modules."""

from __future__ import annotations

from logly._logly import PyLogger


class ActivationMethods(PyLogger):
    """The methods of `Logger` that switch calls on and off."""

    __slots__ = ()

    def enable(self, name: str | None = None) -> None:
        """Have calls log again after `disable`.

        Args:
            name: A module or package, as in `disable`. What was said of modules below it is void from here on. Without
                it the whole logger is switched on; modules that were switched off by name stay so.

        Raises:
            TypeError: The name is no str.

        Example:
            >>> from logly import logger
            >>> logger.disable("shop")
            >>> logger.enable("shop.db")
            >>> # Of all the shop, only the database logs.
        """
        self._set_enabled(is_enabled=True, name=name)

    def disable(self, name: str | None = None) -> None:
        """Have calls log nowhere until `enable`; captures of `logly.testing` see them all the same.

        It holds for the next call on any thread, of this logger and of those that share its sinks. What is switched off
        is neither counted nor are its values looked at. A program that switches no module off pays nothing for it.

        Args:
            name: A module's or package's `__name__`: calls from it and from what is below it are switched off.
                `"shop"` covers `shop.db`, not `shopping`; `""` stands for all modules. The longest name decides. What
                was said of modules below it is void from here on. Without a name the whole logger is switched off,
                whatever is said by name.

        Raises:
            TypeError: The name is no str.

        Example:
            >>> from logly import logger
            >>> logger.disable("")
            >>> logger.info("nobody sees this")
            >>> logger.is_enabled("CRITICAL")
            False
        """
        self._set_enabled(is_enabled=False, name=name)

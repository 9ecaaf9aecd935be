"""Switching a logger's calls on and off: all of them, or those of single modules."""

from __future__ import annotations

from logly._logly import PyLogger


class ActivationMethods(PyLogger):
    """The methods of `Logger` that switch calls on and off."""

    __slots__ = ()

    def enable(self, name: str | None = None) -> None:
        """Let calls log again after `disable`.

        Args:
            name: A module or package, as in `disable`. Earlier settings for modules below it no longer apply. Without a
                name the whole logger is switched on; modules that were switched off by name stay off.

        Raises:
            TypeError: The name is not a str.

        Example:
            >>> from logly import logger
            >>> logger.disable("shop")
            >>> logger.enable("shop.db")
            >>> # Of all the shop, only the database logs.
        """
        self._set_enabled(is_enabled=True, name=name)

    def disable(self, name: str | None = None) -> None:
        """Stop calls from logging until `enable`; captures of `logly.testing` still see them.

        It takes effect with the next call on any thread, for this logger and all loggers that share its sinks. Calls
        that are switched off are not counted, and their values are not inspected. A program that switches no module off
        pays nothing for this feature.

        Args:
            name: The `__name__` of a module or package: calls from it and from the modules below it are switched off.
                `"shop"` covers `shop.db`, but not `shopping`; `""` stands for all modules. The longest matching name
                decides. Earlier settings for modules below it no longer apply. Without a name the whole logger is
                switched off, regardless of settings by name.

        Raises:
            TypeError: The name is not a str.

        Example:
            >>> from logly import logger
            >>> logger.disable("")
            >>> logger.info("nobody sees this")
            >>> logger.is_enabled("CRITICAL")
            False
        """
        self._set_enabled(is_enabled=False, name=name)

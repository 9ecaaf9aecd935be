"""The methods of the logger that change settings: levels, fields, patchers, and the modules whose calls log."""

from __future__ import annotations

from collections import namedtuple

from logly.loguru._sink_methods import SinkMethods
from logly.loguru._states import state_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

Level = namedtuple("Level", ["name", "no", "color", "icon"])  # noqa: PYI024 - `typing` would be an import


class SettingMethods(SinkMethods):
    """The methods of the logger that change settings. Some of them add sinks."""

    __slots__ = ()

    def level(self, name: str, no: int | None = None, color: str | None = None, icon: str | None = None) -> Any:
        """Return a level; define or edit it first if more than its name is given.

        Raises:
            TypeError: The name is not a str, or the number not an int.
            ValueError: The level does not exist, or has a number already.
        """
        from logly.loguru._levels import define  # for programs that do more than ask

        if not isinstance(name, str):
            message = f"Invalid level name, it should be a string, not: '{type(name).__name__}'"
            raise TypeError(message)
        if no is not None or color is not None or icon is not None:
            define(self, name, no, color, icon)
            parts = {"no": no, "color": color, "icon": icon}
            known = state_of(self).levels.setdefault(name, parts)
            known.update((part, value) for part, value in parts.items() if value is not None)
        return Level(*self._level(name))

    def configure(
        self,
        *,
        handlers: Sequence[dict[str, Any]] | None = None,
        levels: Sequence[dict[str, Any]] | None = None,
        extra: dict[str, Any] | None = None,
        patcher: Callable[[Any], object] | None = None,
        activation: Sequence[tuple[str | None, bool]] | None = None,
    ) -> list[int]:
        """Change settings of the whole logger: None leaves one as it is.

        Args:
            handlers: The arguments of `add` for sinks that replace all others.
            levels: The arguments of `level`.
            extra: Fields of every record.
            patcher: A function that sees every record first.
            activation: Names of modules, and whether their calls log.

        Returns:
            The ids of the sinks.
        """
        if handlers is not None:
            self.remove()
        for given in levels or ():
            self.level(**given)
        if extra is not None:
            self._configure({"extra": dict(extra)})
            state_of(self).extra = dict(extra)
        if patcher is not None:
            self._configure({"patcher": patcher})
            state_of(self).patcher = patcher
        for name, is_enabled in activation or ():
            (self.enable if is_enabled else self.disable)(name)
        return [self.add(**given) for given in handlers or ()]

    def enable(self, name: str | None) -> None:
        """Let the calls of a module and of the modules below it log; None stands for modules without a name."""
        self._activate(name, is_enabled=True)

    def disable(self, name: str | None) -> None:
        """Keep the calls of a module and of the modules below it from logging; None is as for `enable`."""
        self._activate(name, is_enabled=False)

    def _activate(self, name: str | None, *, is_enabled: bool) -> None:
        if name is not None and not isinstance(name, str):
            message = f"Invalid name, it should be a string (or None), not: '{type(name).__name__}'"
            raise TypeError(message)
        activation = state_of(self).activation
        if name is None:
            self._set_nameless_enabled(is_enabled)
        else:
            self._set_enabled(is_enabled, name)
        if name == "":
            # Modules without a name have a switch of their own.
            self._set_nameless_enabled(activation.get(None, True))
        activation.pop(name, None)
        activation[name] = is_enabled

"""The levels of a running logger: reading them, changing them, and changes that end by themselves.

One thread uses such an object at a time: that of the server, or the one of a forked child.
"""

from __future__ import annotations

from time import monotonic

from logly import _logly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from logly.logger import Logger
    from logly.typing import SinkInfo

OFF, ALL, DEFAULT = "off", "all", "default"
"""Words in the place of a module's level: no record, every record, and the level of all modules."""


class _Temporary:
    """A level that holds for some time."""

    __slots__ = ("before", "now", "until")

    def __init__(self, before: object, now: object, until: float) -> None:
        self.before = before
        """The level that is restored."""
        self.now = now
        """The level that was set. If another one is found at the end, the program has changed it, and it stays."""
        self.until = until


class Levels:
    """The levels of a logger, by module. The empty name stands for the level of all modules without their own."""

    def __init__(self, logger: Logger) -> None:
        self._logger = logger
        self._temporary: dict[str, _Temporary] = {}

    def table(self) -> dict[str, Any]:
        """Return the levels, the sinks that have their own, and the seconds that temporary ones still hold."""
        self._forget_replaced()
        general, modules, ids = _logly._level_table(self._logger)
        own = [_shown(info) for info in self._logger.all_sinks_info() if info["id"] in ids]
        now = monotonic()
        left = {name: round(max(0.0, change.until - now), 1) for name, change in self._temporary.items()}
        before = {name: change.before for name, change in self._temporary.items()}
        return {"level": general, "modules": modules, "own": own, "left": left, "before": before}

    def change(self, wanted: dict[str, str], seconds: float | None) -> None:
        """Change levels, all or none of them, for some seconds or for good.

        Raises:
            ValueError: A level is unknown; the error names it.
        """
        given = {module: self._parsed(module, text) for module, text in wanted.items()}
        self._forget_replaced()
        before = self._current()
        self._set(given)
        after = self._current()
        for module in given:
            earlier = self._temporary.pop(module, None)
            if seconds is not None:
                first = before.get(module) if earlier is None else earlier.before
                self._temporary[module] = _Temporary(first, after.get(module), monotonic() + seconds)

    def next_end(self) -> float | None:
        """Return the time at which a temporary level ends next."""
        return min((change.until for change in self._temporary.values()), default=None)

    def end_due(self) -> None:
        """Restore the levels whose time is over."""
        now = monotonic()
        self._restore([name for name, change in self._temporary.items() if change.until <= now])

    def end_all(self) -> None:
        """Restore all levels that hold for some time."""
        self._restore(list(self._temporary))

    def reasons(self, wanted: dict[str, str]) -> list[str]:
        """Say why a sink would still not show records that a change was about."""
        found = []
        for module, text in wanted.items():
            if module and text not in {OFF, ALL, DEFAULT}:
                for sink, reason in _logly._reasons_hidden(self._logger, module, _number(text)):
                    if reason:
                        found.append(f"sink {sink} does not show {text} of {module}: {reason}")
        return found

    def _restore(self, names: list[str]) -> None:
        self._forget_replaced()
        ended = {name: self._temporary.pop(name) for name in names if name in self._temporary}
        if ended:
            self._set({name: change.before for name, change in ended.items()})

    def _forget_replaced(self) -> None:
        """Forget temporary levels in whose place the program has set others."""
        current = self._current()
        for name, change in list(self._temporary.items()):
            if current.get(name) != change.now:
                del self._temporary[name]

    def _current(self) -> dict[str, object]:
        general, modules, _ = _logly._level_table(self._logger)
        return {**modules, "": general}

    def _set(self, given: dict[str, Any]) -> None:
        settings: dict[str, Any] = {}
        if "" in given:
            settings["level"] = given[""]
        if given.keys() - {""}:
            _, modules, _ = _logly._level_table(self._logger)
            changed = {**modules, **{name: level for name, level in given.items() if name}}
            settings["module_levels"] = {name: level for name, level in changed.items() if level is not None}
        self._logger.configure(**settings)

    def _parsed(self, module: str, text: str) -> str | int | bool | None:
        """Return a level as `configure` takes it.

        Raises:
            ValueError: No level has that name.
        """
        if module and text.lower() in {OFF, ALL, DEFAULT}:
            return {OFF: False, ALL: True, DEFAULT: None}[text.lower()]
        level = _number(text)
        self._logger._level_number(module or "level", level)
        return level


def _shown(info: SinkInfo) -> dict[str, Any]:
    return {"id": info["id"], "kind": info["kind"], "name": info["name"], "level": info["level"]}


def _number(text: str) -> str | int:
    return int(text) if text.isdecimal() else text

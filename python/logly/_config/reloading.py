"""A configuration file that is applied again: only what has changed in it changes the logger.

Sinks that are the same as before stay open. Sinks that have changed are replaced in one step, so that each record
reaches the one of before or the new one. Sinks that the program added itself are left alone.
"""

from __future__ import annotations

import os

from logly import _logly
from logly._config import document
from logly.logger import _given_sinks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from logly._config.document import Document
    from logly.logger import Logger

    _Levels = tuple[str | int, dict[str, str | int | bool]]
    """The level, and the levels of modules."""

_DEFAULTS: dict[str, Any] = {
    "json": False,
    "format": False,
    "pretty_json": False,
    "color": "auto",
    "theme": "default",
    "log_compact": False,
    "show_time": True,
    "show_module": False,
    "show_function": False,
    "show_filename": False,
    "show_lineno": False,
    "extra": {},
    "max_message_bytes": 1 << 20,
    "max_frames": False,
    "suppress": [],
    "redact": False,
    "inherit": True,
}
"""The values of settings at import, for those that are taken out of the file. Others keep their value."""


class Applied:
    """The settings and sinks that a file gave a logger.

    Args:
        found: The content that was applied.
        ids: The sinks that it added.
        levels: The levels of before.
        is_trusted: Whether the file may have everything.
    """

    def __init__(self, logger: Logger, found: Document, ids: list[int], levels: _Levels, *, is_trusted: bool) -> None:
        self._logger = logger
        self._levels = levels
        self._is_trusted = is_trusted
        self._shown = found.path
        """The path as errors show it."""
        self._folder = os.getcwd()
        self._settings = dict(found.settings)
        self._lists_sinks = found.sinks is not None
        self._sinks = list(zip(map(_key, found.sinks or []), ids))
        """The sinks of the file: the key of each table, and the id."""

    def apply(self, text: str) -> list[str]:
        """Apply another content. Return its mistakes; if there are any, nothing has changed.

        Raises:
            OSError: A sink's file cannot be opened, and nothing has changed.
            TypeError: A sink cannot be added, and nothing has changed.
            ValueError: The text is no configuration, or as above.
        """
        found = document.parsed(self._shown, text, fills_in=self._is_trusted)
        found.check(self._logger)
        self._note_dangers(found)
        if found.mistakes:
            return found.mistakes
        settings = {**self._taken_back(found.settings), **found.settings}
        if found.sinks is None:
            self._logger.configure(**settings)
        else:
            self._replace(settings, found.sinks)
        self._settings = dict(found.settings)
        return []

    def _note_dangers(self, found: Document) -> None:
        if self._is_trusted:
            return
        from logly._config.found import note_dangers  # few programs have such a file

        if os.getcwd() != self._folder:
            found.note("", "the current folder is no longer the one of the file, which was found there and not named")
        note_dangers(found)

    def _taken_back(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Return the values for settings that the file had and has no longer."""
        level, modules = self._levels
        values = {**_DEFAULTS, "level": level, "module_levels": modules}
        return {name: values[name] for name in self._settings if name not in settings and name in values}

    def _replace(self, settings: dict[str, Any], sinks: list[dict[str, Any]]) -> None:
        present = set(self._logger.list_sinks())
        before = [(key, number) for key, number in self._sinks if number in present]
        kept: dict[int, int] = {}
        left = list(before)
        for position, sink in enumerate(sinks):
            same = next((one for one in left if one[0] == _key(sink)), None)
            if same is not None:
                left.remove(same)
                kept[position] = same[1]
        opened = {target for (target, _), _ in before}
        new = [self._adapted(sink, opened) for position, sink in enumerate(sinks) if position not in kept]
        replaced = [number for _, number in left]
        if not self._lists_sinks:
            replaced += [info["id"] for info in self._logger.all_sinks_info() if info["implicit"]]
        added = iter(_logly._replace_sinks(self._logger, settings, _given_sinks.parsed(new), replaced))
        self._lists_sinks = True
        ids = [kept[position] if position in kept else next(added) for position in range(len(sinks))]
        self._sinks = list(zip(map(_key, sinks), ids))

    def _adapted(self, sink: dict[str, Any], opened: set[str]) -> dict[str, Any]:
        """Return a sink as it is to be added while the program runs.

        A log that is open already is not emptied, and paths are relative to the folder of the first load.
        """
        target = str(sink["sink"])
        adapted = dict(sink)
        if target in opened and str(sink.get("mode", "a"))[:1] in {"w", "x"}:
            adapted["mode"] = "a"
        path = _logly._path_of_sink(target)
        if path is not None and os.getcwd() != self._folder and not os.path.isabs(os.path.expanduser(target)):
            adapted["sink"] = os.path.join(self._folder, target)
        return adapted


def _key(sink: dict[str, Any]) -> tuple[str, str]:
    """Return a key that two tables share only if they are the same: True is not 1."""
    return str(sink["sink"]), repr(sorted(sink.items()))

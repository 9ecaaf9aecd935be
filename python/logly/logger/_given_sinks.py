"""`configure(sinks=)`: sinks given as dicts with the arguments of `add`."""

from __future__ import annotations

from logly._logly import PyLogger, _replace_sinks
from logly._naming import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def replace(logger: PyLogger, settings: Mapping[str, object], sinks: object) -> list[int]:
    """Change settings, replace all sinks by the given ones, and return their ids."""
    return _replace_sinks(logger, dict(settings), parsed(sinks))


def parsed(sinks: object) -> list[tuple[Any, dict[str, Any]]]:
    """Return sinks with their options.

    Raises:
        TypeError: The argument is not a list of dicts.
        ValueError: A dict names no sink.
    """
    if not isinstance(sinks, (list, tuple)):
        message = f'sinks: expected a list of dicts with the key "sink", got {shown(sinks)}'
        raise TypeError(message)
    return [_parsed(sink) for sink in sinks]


def _parsed(sink: Any) -> tuple[Any, dict[str, Any]]:
    try:
        options = dict(sink)
    except (TypeError, ValueError):
        message = f'sinks: expected a list of dicts with the key "sink", got {shown(sink)}'
        raise TypeError(message) from None
    name_sink(options)
    if "sink" not in options:
        message = f'sinks: expected the key "sink" in each, got {shown(options)}'
        raise ValueError(message)
    return options.pop("sink"), options


def name_sink(options: dict[str, Any]) -> None:
    """Store the sink under `sink` if it was given as a `type`, with a `path` for files."""
    kind = options.get("type")
    if "sink" in options or not isinstance(kind, str):
        return
    if kind in {"console", "stdout", "stderr"}:
        options["sink"] = options.pop("type")
    elif kind == "file" and "path" in options:
        del options["type"]
        options["sink"] = options.pop("path")

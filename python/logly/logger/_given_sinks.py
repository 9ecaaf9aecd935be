"""`configure(sinks=)`: the sinks there are to be, each as a dict of what `add` takes."""

from __future__ import annotations

from logly._logly import PyLogger, _replace_sinks
from logly._naming import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def replace(logger: PyLogger, settings: Mapping[str, object], sinks: object) -> list[int]:
    """Change settings, and have these sinks in the place of all others; return their ids."""
    return _replace_sinks(logger, dict(settings), parsed(sinks))


def parsed(sinks: object) -> list[tuple[Any, dict[str, Any]]]:
    """Return sinks with their options.

    Raises:
        TypeError: It is no list of dicts.
        ValueError: One of them says no sink.
    """
    if not isinstance(sinks, (list, tuple)):
        message = f'sinks: expected a list of dicts with the key "sink", got {shown(sinks)}'
        raise TypeError(message)
    return [_parsed(sink) for sink in sinks]


def _parsed(sink: Any) -> tuple[Any, dict[str, Any]]:  # noqa: ANN401 - whatever the program gave
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
    """Put the sink under `sink` where it was given as a `type`, and for files a `path`."""
    kind = options.get("type")
    if "sink" in options or not isinstance(kind, str):
        return
    if kind in {"console", "stdout", "stderr"}:
        options["sink"] = options.pop("type")
    elif kind == "file" and "path" in options:
        del options["type"]
        options["sink"] = options.pop("path")

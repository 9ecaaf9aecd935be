"""Formats: those that the extension compiles, and those that need Python to show an attribute or a conversion.

A format that the extension cannot compile becomes a function. It returns a template in which the placeholders that need
Python are filled in, with everything in them that could be a placeholder or markup escaped.
"""

from __future__ import annotations

from string import Formatter

from logly._calls.template import template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_FORMATTER = Formatter()


def templating(function: Callable[..., Any]) -> template:
    """Return a format function of Loguru's kind, which returns a template, in the form that the extension knows."""

    def choose(record: Any) -> Any:
        text = function(record)
        parts = _parts_of(text) if isinstance(text, str) else None
        return text if parts is None else _filled(parts, record)

    return template(choose)


_known: dict[str, list[Any] | None] = {}
_MOST_KNOWN = 256


def _parts_of(text: str) -> list[Any] | None:
    """Return the parts of a template; None if the extension can fill it in."""
    if text not in _known:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        try:
            parts = [_part(*parsed) for parsed in _FORMATTER.parse(text)]
        except ValueError:
            parts = []
        _known[text] = parts if any(not isinstance(part, str) for part in parts) else None
    return _known[text]


def filled_in(pattern: str) -> template:
    """Return the format of a pattern with placeholders that need Python.

    Raises:
        ValueError: The pattern is no format.
    """
    parts = [_part(*parsed) for parsed in _FORMATTER.parse(pattern + "\n{exception}")]

    return template(lambda record: _filled(parts, record))


def _filled(parts: list[Any], record: Any) -> str:
    return "".join(part if isinstance(part, str) else _shown(part, record) for part in parts)


def _part(literal: str, name: str | None, spec: str | None, conversion: str | None) -> Any:
    """Return what a literal and its placeholder become: a template, or the parts of one that needs Python."""
    text = literal.replace("{", "{{").replace("}", "}}")
    if name is None:
        return text
    source = name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
    if conversion or "{" in (spec or "") or (_is_deep(name) and name not in _KNOWN):
        return (text, name, spec or "", conversion)
    return f"{text}{{{source}}}"


_KNOWN = frozenset(
    (
        "level.name",
        "level.no",
        "level.icon",
        "file.name",
        "file.path",
        "process.id",
        "process.name",
        "thread.id",
        "thread.name",
    )
)


def _is_deep(name: str) -> bool:
    """Tell whether a name reaches into a value, other than into the dict of fields."""
    if name.startswith("extra["):
        return "." in name or name.count("[") > 1
    return "." in name or "[" in name


def _shown(part: tuple[str, str, str, str | None], record: Any) -> str:
    literal, name, spec, conversion = part
    try:
        value, _ = _FORMATTER.get_field(name, (), record)
        spec = _FORMATTER.vformat(spec, (), record)
        shown = _FORMATTER.format_field(_FORMATTER.convert_field(value, conversion), spec)
    except Exception:  # a field is missing, or raised by the program's value
        shown = ""
    # The name of a field that no record has stands between the signs of what could be a tag.
    shown = str(shown).replace("{", "{{").replace("}", "}}").replace("<", "<{ }")
    return literal + shown

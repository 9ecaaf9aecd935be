"""Formats: those that the extension compiles, and those that need Python to show an attribute or a conversion.

A format that the extension cannot compile becomes a function that returns it. For such a template, and for one that a
function of the program returned, the extension asks for the placeholders that need Python. They are filled in with
everything in them that could be a placeholder or markup escaped.
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
    return template(function)


def filled(text: str, record: Any) -> str:
    """Return a template that the extension can compile, for one that needs Python.

    Raises:
        ValueError: The text is no template.
    """
    return "".join(part if isinstance(part, str) else _shown(part, record) for part in _parts_of(text))


_known: dict[str, list[Any]] = {}
_MOST_KNOWN = 256


def _parts_of(text: str) -> list[Any]:
    """Return the parts of a template. Those of many templates are kept."""
    if text not in _known:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[text] = [_part(*parsed) for parsed in _FORMATTER.parse(text)]
    return _known[text]


def filled_in(pattern: str) -> template:
    """Return the format of a pattern with placeholders that need Python.

    Raises:
        ValueError: The pattern is no format.
    """
    text = pattern + "\n{exception}"
    _parts_of(text)
    return template(lambda _: text)


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

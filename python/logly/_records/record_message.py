"""Messages that show their record, for `opt(record=True)`: filled in by the rules of `str.format`."""

from __future__ import annotations

from string import Formatter

from logly import _logly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from logly.typing import Record

_FORMATTER = Formatter()


def render(
    message: object, arguments: Sequence[object], fields: dict[str, object], record: Record
) -> tuple[list[tuple[str, str]], list[str], list[int]]:
    """Return pairs of literal text and the value that follows, and the fields and arguments that the message shows."""
    values = {**record["extra"], **fields, "record": record}
    pieces = []
    used = []
    places = []
    count = 0
    for literal, name, spec, conversion in _FORMATTER.parse(str(message)):
        if name is None:
            pieces.append((literal, ""))
            continue
        if not name.split(".")[0].split("[")[0]:
            name = f"{count}{name}"  # noqa: PLW2901 - `{}` is numbered
            count += 1
        value, first = _FORMATTER.get_field(name, arguments, values)
        if isinstance(first, str):
            used.append(first)
        else:
            places.append(first)
        shown = _FORMATTER.format_field(
            _FORMATTER.convert_field(_logly._bounded(value), conversion or None),
            _FORMATTER.vformat(spec or "", arguments, values),
        )
        pieces.append((literal, shown))
    return pieces, used, places

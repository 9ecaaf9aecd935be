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
) -> tuple[list[tuple[str, str, str]], list[str], list[int]]:
    """Return the pieces of the message, and the fields and arguments that it shows.

    A piece is literal text, the value that follows, and the last name on the way to the value.
    """
    values = {**record["extra"], **fields, "record": record}
    pieces = []
    used = []
    places = []
    count = 0
    for literal, name, spec, conversion in _FORMATTER.parse(str(message)):
        if name is None:
            pieces.append((literal, "", ""))
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
        pieces.append((literal, shown, name.rstrip("]").replace("[", ".").rpartition(".")[2]))
    return pieces, used, places

"""Reading the objects of a JSON file back, each on one line or on several."""

from __future__ import annotations

import json
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_decode = json.JSONDecoder().raw_decode
_BLANK = re.compile(r"[ \t\r\n]*")
_REST_OF_LINE = re.compile(r"[ \t\r]*(?:\n|\Z)")
_SHOWN = 60


def objects(path: str, text: str, *, skip_invalid: bool) -> Iterator[dict[str, Any]]:
    """Yield the objects of a text in order.

    An object begins on a new line, and nothing follows it on its last line. Another process may still be writing an
    incomplete object at the end of the text, so it is left out.

    Raises:
        ValueError: The text has something else; the error names file and line. Not with *skip_invalid*.
    """
    at = _behind(_BLANK, text, 0)
    while at < len(text):
        try:
            found, end = _object(text, at)
        except (ValueError, RecursionError) as error:
            if not skip_invalid and not _is_unended(text, at, error):
                raise _invalid(path, text, at, error) from None
            end = _next_line(text, at)
        else:
            yield found
        at = _behind(_BLANK, text, end)


def _object(text: str, at: int) -> tuple[dict[str, Any], int]:
    found, end = _decode(text, at)
    rest = _REST_OF_LINE.match(text, end)
    if type(found) is not dict or rest is None:
        message = "not one JSON object"
        raise ValueError(message)
    return found, rest.end()


def _is_unended(text: str, at: int, error: Exception) -> bool:
    """Tell whether the text ends within the object that begins at *at*."""
    reached = error.pos if isinstance(error, json.JSONDecodeError) else at
    return text[at] == "{" and "\n" not in text[reached:]


def _next_line(text: str, at: int) -> int:
    """Return the start of the next line that may begin an object; lines inside an indented object do not."""
    found = text.find("\n{", at)
    return len(text) if found < 0 else found + 1


def _behind(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return at if found is None else found.end()


def _invalid(path: str, text: str, at: int, error: Exception) -> ValueError:
    line = text.count("\n", 0, at) + 1
    content = text[at:].partition("\n")[0]
    shown = content if len(content) <= _SHOWN else content[:_SHOWN] + "..."
    reason = error.msg if isinstance(error, json.JSONDecodeError) else error
    return ValueError(
        f"{path}, line {line}: expected a JSON object, got {shown!r} ({reason}); skip_invalid leaves it out"
    )

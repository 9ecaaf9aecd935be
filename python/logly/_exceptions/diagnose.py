"""Tracebacks that differ from Python's: with values of names, with frames beyond the catching one, with fewer frames.

`traceback` puts the text together; this module makes only the frames of each exception. The extension renders the
values, within a budget of time and size for each logged exception.
"""

from __future__ import annotations

import io
import keyword
import sys
import tokenize
import traceback
from types import BuiltinFunctionType, FunctionType, ModuleType

from logly._exceptions.traceback import FrameTexts, bounded, indented, nodes
from logly._logly import _ValueBudget as Budget

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType, TracebackType

    Pieces = list[tuple[str, int | None]]

_MOST_OUTER = 100
"""The most frames shown beyond the catching one; the innermost are kept."""

_LONGEST_LINE = 1_000
"""In characters; longer lines come from minified sources."""

_UNTOLD: tuple[type, ...] = (ModuleType, FunctionType, BuiltinFunctionType, type)
"""Types whose values are not shown, because the name says enough."""


def render(
    error: BaseException,
    pieces: Callable[[TracebackType | None], Pieces | None],
    is_extended: bool,  # noqa: FBT001 - called by the extension
    is_diagnosed: bool,  # noqa: FBT001 - called by the extension
) -> tuple[str, str]:
    """Return the text of an exception, plain and indented.

    *pieces* returns the texts to show for a traceback, each with the number of its frame, or None if only `traceback`
    can print it.
    """
    summary, error = bounded(error)
    budget = Budget() if is_diagnosed else None
    if not hasattr(sys, "tracebacklimit"):
        for node, raised in nodes(summary, error):
            texts = _texts(raised, pieces(raised.__traceback__), budget)
            if texts is not None:
                if is_extended and raised is error:
                    texts = [*_outer(error.__traceback__), *_marked(texts)]
                node.stack = FrameTexts(texts)  # type: ignore[assignment]  # only its texts are used
    return "".join(summary.format()), indented(summary, error)


def _texts(error: BaseException, pieces: Pieces | None, budget: Budget | None) -> list[str] | None:
    if pieces is None or budget is None:
        return None if pieces is None else [text for text, _ in pieces]
    frames = list(_frames(error.__traceback__))
    texts = []
    # The innermost frames first: they are the most useful, and the budget may run out.
    for text, number in reversed(pieces):
        is_shown = number is not None and not budget.is_over()
        texts.append(_with_values(text, frames[number or 0], budget) if is_shown else text)
    return texts[::-1]


def _frames(place: TracebackType | None) -> Iterator[FrameType]:
    while place is not None:
        yield place.tb_frame
        place = place.tb_next


def _with_values(text: str, frame: FrameType, budget: Budget) -> str:
    """Insert the values of the names below the first line of source, in place of the carets."""
    lines = text.splitlines()
    if len(lines) < 2:  # noqa: PLR2004 - the frame and its source
        return text
    values = list(_values(lines[1], frame, budget))
    if not values:
        return text
    rest = [line for line in lines[2:] if line.strip(" ^~")]
    return "\n".join([*lines[:2], *_arrows(values), *rest, ""])


def _values(line: str, frame: FrameType, budget: Budget) -> Iterator[tuple[int, str]]:
    """Yield the column and value of each name."""
    told = set()
    names = frame.f_locals
    # A namespace of the program's own class would run the program's code.
    own = names if type(names) is dict or type(names).__name__ == "FrameLocalsProxy" else {}
    for column, name in _names(line) if len(line) <= _LONGEST_LINE else ():
        if name in told:
            continue
        told.add(name)
        value = own[name] if name in own else dict.get(frame.f_globals, name, ModuleType)
        if not issubclass(type(value), _UNTOLD):
            text = budget.shown(name, value)
            if text is None:
                return
            yield column, text


def _names(line: str) -> Iterator[tuple[int, str]]:
    """Yield the names in a line of source, except attributes, keywords and names of arguments."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(line.strip()).readline))
    except (tokenize.TokenError, SyntaxError):
        tokens = _until_error(line.strip())
    indent = len(line) - len(line.lstrip())
    for index, token in enumerate(tokens):
        before = tokens[index - 1].string if index else ""
        after = tokens[index + 1].string if index + 1 < len(tokens) else ""
        if token.type == tokenize.NAME and before != "." and after != "=" and not keyword.iskeyword(token.string):
            yield indent + token.start[1], token.string


def _until_error(line: str) -> list[tokenize.TokenInfo]:
    """Return the tokens of a statement that continues in other lines."""
    tokens = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(line).readline):
            tokens.append(token)  # noqa: PERF402 - the tokens before the error are kept
    except (tokenize.TokenError, SyntaxError):
        return tokens
    return tokens


def _arrows(values: list[tuple[int, str]]) -> Iterator[str]:
    """Yield a line for each value, the last name first, with vertical strokes below the names before it."""
    for index in reversed(range(len(values))):
        line = ""
        for column, _ in values[:index]:
            line += " " * (column - len(line)) + "│"
        column, text = values[index]
        yield line + " " * (column - len(line)) + "└ " + text


def _outer(place: TracebackType | None) -> list[str]:
    """Return the texts of the frames that called the catching one, outermost first, without logly's own frames."""
    frames: list[tuple[FrameType, int]] = []
    frame = None if place is None else place.tb_frame.f_back
    while frame is not None and len(frames) < _MOST_OUTER:
        if not str(frame.f_globals.get("__name__", "")).startswith("logly."):
            frames.append((frame, frame.f_lineno))
        frame = frame.f_back
    return traceback.StackSummary.extract(iter(frames[::-1])).format()


def _marked(texts: list[str]) -> list[str]:
    """Mark the catching frame."""
    if texts and texts[0].startswith("  File "):
        return [">" + texts[0][1:], *texts[1:]]
    return texts

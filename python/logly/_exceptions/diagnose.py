"""Tracebacks with more in them than Python prints: values of names, frames beyond the catching one, fewer frames.

`traceback` puts the text together; only the frames' part of each exception is made here. Values are rendered by
`_shown_values`, within a budget of time and size for each exception that is logged.
"""

from __future__ import annotations

import io
import keyword
import sys
import tokenize
import traceback
from types import BuiltinFunctionType, FunctionType, ModuleType

from logly._exceptions.shown_values import Budget, shown
from logly._exceptions.traceback import FrameTexts, bounded, indented, nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType, TracebackType

    Pieces = list[tuple[str, int | None]]

_MOST_OUTER = 100
"""Frames beyond the catching one that are shown, the innermost ones."""

_LONGEST_LINE = 1_000
"""Characters; longer lines are of minified sources."""

_UNTOLD: tuple[type, ...] = (ModuleType, FunctionType, BuiltinFunctionType, type)
"""What a name mostly stands for itself."""


def render(
    error: BaseException,
    pieces: Callable[[TracebackType | None], Pieces | None],
    is_extended: bool,  # noqa: FBT001 - called by the extension
    is_diagnosed: bool,  # noqa: FBT001 - called by the extension
) -> tuple[str, str]:
    """Return the text of an exception, as it is and indented.

    *pieces* gives the texts that are shown of a traceback, each with the number of its frame, or None where only
    `traceback` knows what to print.
    """
    summary, error = bounded(error)
    budget = Budget() if is_diagnosed else None
    if not hasattr(sys, "tracebacklimit"):
        for node, raised in nodes(summary, error):
            texts = _texts(raised, pieces(raised.__traceback__), budget)
            if texts is not None:
                if is_extended and raised is error:
                    texts = [*_outer(error.__traceback__), *_marked(texts)]
                node.stack = FrameTexts(texts)  # type: ignore[assignment]  # all that is asked of it is its texts
    return "".join(summary.format()), indented(summary, error)


def _texts(error: BaseException, pieces: Pieces | None, budget: Budget | None) -> list[str] | None:
    if pieces is None or budget is None:
        return None if pieces is None else [text for text, _ in pieces]
    frames = list(_frames(error.__traceback__))
    texts = []
    # The innermost frames first: they tell most, and the budget may end.
    for text, number in reversed(pieces):
        is_shown = number is not None and not budget.is_over()
        texts.append(_with_values(text, frames[number or 0], budget) if is_shown else text)
    return texts[::-1]


def _frames(place: TracebackType | None) -> Iterator[FrameType]:
    while place is not None:
        yield place.tb_frame
        place = place.tb_next


def _with_values(text: str, frame: FrameType, budget: Budget) -> str:
    """Put the values of the names below the first line of source; carets give way."""
    lines = text.splitlines()
    if len(lines) < 2:  # noqa: PLR2004 - the frame and its source
        return text
    values = list(_values(lines[1], frame, budget))
    if not values:
        return text
    rest = [line for line in lines[2:] if line.strip(" ^~")]
    return "\n".join([*lines[:2], *_arrows(values), *rest, ""])


def _values(line: str, frame: FrameType, budget: Budget) -> Iterator[tuple[int, str]]:
    """Give the column and value of each name."""
    told = set()
    names = frame.f_locals
    # A namespace of the program's own would run its code.
    own = names if type(names) is dict or type(names).__name__ == "FrameLocalsProxy" else {}
    for column, name in _names(line) if len(line) <= _LONGEST_LINE else ():
        if name in told:
            continue
        told.add(name)
        value = own[name] if name in own else dict.get(frame.f_globals, name, ModuleType)
        if not issubclass(type(value), _UNTOLD):
            text = shown(name, value, budget)
            if text is None:
                return
            yield column, text


def _names(line: str) -> Iterator[tuple[int, str]]:
    """Give the names of a line of source that are no attributes, keywords or names of arguments."""
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
    """Return the tokens of a statement that goes on in other lines."""
    tokens = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(line).readline):
            tokens.append(token)  # noqa: PERF402 - what came before the error is kept
    except (tokenize.TokenError, SyntaxError):
        return tokens
    return tokens


def _arrows(values: list[tuple[int, str]]) -> Iterator[str]:
    """Give a line for each value, the last name's first, with strokes down from the names before it."""
    for index in reversed(range(len(values))):
        line = ""
        for column, _ in values[:index]:
            line += " " * (column - len(line)) + "│"
        column, text = values[index]
        yield line + " " * (column - len(line)) + "└ " + text


def _outer(place: TracebackType | None) -> list[str]:
    """Return the texts of the frames that called the catching one, outermost first; not those of logly itself."""
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

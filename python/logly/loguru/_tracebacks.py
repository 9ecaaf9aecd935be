"""Tracebacks in Loguru's form: blank lines between frames that show values, and values below the names of a line.

`logly._exceptions` chooses and bounds the values, masks secrets in them and runs none of the program's code, so
attributes are not read.
"""

from __future__ import annotations

import io
import keyword
import linecache
import tokenize
from functools import partial
from itertools import groupby
from types import BuiltinFunctionType, FunctionType, ModuleType

from logly._exceptions.diagnose import _MOST_OUTER, _arrows, _until_error
from logly._exceptions.shown_values import Budget, shown
from logly._exceptions.traceback import FrameTexts, _keep_from_waiting, _own_line, bounded, nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from traceback import TracebackException
    from types import FrameType, TracebackType
    from typing import Any

    Place = tuple[FrameType, int]

_MOST_REPEATED = 3
_MOST_OF_VALUE = 128
_MOST_NUMBERS = 1_000
_NUMBERS = (int, float, bool, type(None))
_SEQUENCES = (list, tuple, set, frozenset)
_LONGEST_LINE = 1_000
_RELATIONS = ("The above exception was the direct cause of", "During handling of the above exception, another")


def render(
    error: BaseException,
    _pieces: object,
    is_extended: bool,  # noqa: FBT001 - called by the extension
    is_diagnosed: bool,  # noqa: FBT001 - called by the extension
) -> tuple[str, str]:
    """Return the text of an exception, twice: its lines are not indented."""
    summary, error = bounded(error)
    budget = Budget() if is_diagnosed else None
    for node, raised in nodes(summary, error):
        inner = list(_inner(raised.__traceback__))
        is_marked = is_extended and raised is error and bool(inner)
        texts = _texts(_outer(inner[0][0]) if is_marked else [], inner, is_marked, budget)
        _set_stack(node, texts, is_spaced=is_diagnosed)
        if is_diagnosed:
            _space_last_lines(node, raised, inner)
    text = "".join(_spaced_relation(part) if is_diagnosed else part for part in summary.format())
    if is_diagnosed and "| \n" in text:
        # The border of a group, at a blank line.
        text = "\n".join(line[:-1] if line.endswith("| ") else line for line in text.split("\n"))
    return text, text


def _set_stack(node: TracebackException, texts: list[str], *, is_spaced: bool) -> None:
    if not texts and not _has_members(node):
        node.stack = None  # type: ignore[assignment]  # without frames there is no heading either
        return
    node.stack = FrameTexts(_spaced(texts) if is_spaced else texts)  # type: ignore[assignment]  # only its texts are used


def _spaced(texts: list[str]) -> Iterator[str]:
    """Put a blank line before each frame, unless the frame before has no source."""
    has_source = True
    for text in texts:
        yield f"\n{text}" if has_source else text
        has_source = text.count("\n") > 1


def _has_members(node: TracebackException) -> bool:
    return getattr(node, "exceptions", None) is not None


def _spaced_relation(part: str) -> str:
    is_relation = any(part.strip().startswith(relation) for relation in _RELATIONS) and part.startswith("\n")
    return f"\n{part}\n" if is_relation else part


# Places


def _inner(place: TracebackType | None) -> Iterator[Place]:
    while place is not None:
        yield place.tb_frame, place.tb_lineno
        place = place.tb_next


def _outer(frame: FrameType) -> list[Place]:
    """Return the frames that called a frame, the outermost first, without logly's own."""
    found: list[Place] = []
    caller = frame.f_back
    while caller is not None and len(found) < _MOST_OUTER:
        if not str(caller.f_globals.get("__name__", "")).startswith("logly."):
            found.append((caller, caller.f_lineno))
        caller = caller.f_back
    return found[::-1]


def _texts(outer: list[Place], inner: list[Place], is_marked: bool, budget: Budget | None) -> list[str]:  # noqa: FBT001 - a part of the whole
    places = outer + inner
    texts: dict[int, str] = {}
    # The innermost frames first: they are the most useful, and the budget may run out.
    for at in reversed(range(len(places))):
        frame, number = places[at]
        mark = ">" if is_marked and at == len(outer) else " "
        texts[at] = _text(frame, number, mark, budget)
    return list(_without_repeats(places, texts))


def _without_repeats(places: list[Place], texts: dict[int, str]) -> Iterator[str]:
    """Yield the texts; of many that are at the same line one after the other, only the first ones."""

    def line(at: int) -> tuple[str, int, str]:
        frame, number = places[at]
        return frame.f_code.co_filename, number, frame.f_code.co_name

    for _, run in groupby(range(len(places)), line):
        numbers = list(run)
        kept = [texts[at] for at in numbers[:_MOST_REPEATED]]
        more = len(numbers) - len(kept)
        if more:
            kept[-1] += f"  [Previous line repeated {more} more time{'s' if more > 1 else ''}]\n"
        yield from kept


def _text(frame: FrameType, number: int, mark: str, budget: Budget | None) -> str:
    code = frame.f_code
    _keep_from_waiting(code.co_filename)
    source = linecache.getline(code.co_filename, number, frame.f_globals).strip()
    text = f'{mark} File "{code.co_filename}", line {number}, in {code.co_name}\n'
    if not source:
        return text
    text += f"    {source}\n"
    if budget is None or budget.is_over() or len(source) > _LONGEST_LINE:
        return text
    values = list(_values(source, frame, budget))
    return text + "".join(f"    {line}\n" for line in _arrows(values))


# Values


def _values(source: str, frame: FrameType, budget: Budget) -> Iterator[tuple[int, str]]:
    """Yield the column and value of each name."""
    names = frame.f_locals
    # A namespace of the program's own class would run the program's code.
    own: Any = names if type(names) is dict or type(names).__name__ == "FrameLocalsProxy" else {}
    missing = object()
    for column, name in _names(source):
        value = own[name] if name in own else dict.get(frame.f_globals, name, missing)
        if value is missing:
            continue
        text = _by_name(value) or shown(name, value, budget)
        if text is None:
            return
        yield column, text


_known_names: dict[str, list[tuple[int, str]]] = {}
_MOST_LINES = 1_024


def _names(source: str) -> list[tuple[int, str]]:
    """Return the names in a line of source, with their columns. Those of many lines are kept."""
    if source not in _known_names:
        if len(_known_names) >= _MOST_LINES:
            _known_names.clear()
        _known_names[source] = list(_names_in(source))
    return _known_names[source]


def _names_in(source: str) -> Iterator[tuple[int, str]]:
    """Yield the names in a line of source, except attributes, keywords, and those it begins by assigning to."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        tokens = _until_error(source)
    is_target = True
    for index, token in enumerate(tokens):
        after = tokens[index + 1].string if index + 1 < len(tokens) else ""
        if token.type != tokenize.NAME:
            is_target = is_target and token.string == "="
            continue
        is_target = is_target and after == "="
        is_attribute = index > 0 and tokens[index - 1].string == "."
        if not (is_target or is_attribute or keyword.iskeyword(token.string)):
            yield token.start[1], token.string


def _by_name(value: Any) -> str | None:
    """Return the text of a function, a class or a module, which Python writes without code of the program."""
    kind = type(value)
    if kind is FunctionType or (kind is BuiltinFunctionType and type(value.__self__) is ModuleType):
        return repr(value)
    if issubclass(kind, type):
        return type.__repr__(value)
    if kind is ModuleType:
        return _module(vars(value))
    if _has_no_repr(kind):
        return object.__repr__(value)
    if kind in _SEQUENCES and len(value) <= _MOST_NUMBERS and all(type(item) in _NUMBERS for item in value):
        text = repr(value)
        return text if len(text) <= _MOST_OF_VALUE else text[: _MOST_OF_VALUE - 3] + "..."
    return None


def _has_no_repr(kind: type) -> bool:
    """Tell whether objects of a class are shown by their class and address."""
    owners = (
        base for base in type.__dict__["__mro__"].__get__(kind) if "__repr__" in type.__dict__["__dict__"].__get__(base)
    )
    return next(owners, None) is object


def _module(namespace: dict[str, Any]) -> str:
    name, spec = namespace.get("__name__"), namespace.get("__spec__")
    origin = getattr(spec, "origin", None)
    if type(name) is not str or type(origin) is not str or spec is None:
        return f"<module {name!r}>" if type(name) is str else "<module>"
    return f"<module {name!r} from {origin!r}>" if spec.has_location else f"<module {name!r} ({origin})>"


# Last lines


def _space_last_lines(node: TracebackException, raised: BaseException, inner: list[Place]) -> None:
    assertion = _assertion(raised, inner)
    lines = partial(_last_lines, node, assertion, bool(inner))
    # Set on the instance: `format` asks each exception of the chain for its lines.
    node.format_exception_only = lines  # type: ignore[method-assign, assignment]


def _last_lines(node: TracebackException, assertion: str, has_frames: bool, **options: Any) -> list[str]:  # noqa: FBT001 - bound by `partial`
    lines = list(type(node).format_exception_only(node, **options))
    own = _own_line(lines)
    if own < len(lines) and assertion:
        lines[own] = f"{lines[own].rstrip()}: {assertion}\n"
    if own:
        lines.insert(own, "\n")
    return ["\n", *lines] if has_frames else lines


def _assertion(raised: BaseException, inner: list[Place]) -> str:
    """Return the source of an `assert` that failed without a message."""
    if type(raised) is not AssertionError or raised.args or not inner:
        return ""
    frame, number = inner[-1]
    source = linecache.getline(frame.f_code.co_filename, number, frame.f_globals).strip()
    return source if source.startswith("assert ") else ""

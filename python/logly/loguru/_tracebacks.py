"""Tracebacks in Loguru's form that the extension does not put together itself: groups and other rare exceptions."""

from __future__ import annotations

from functools import partial

from logly._exceptions.traceback import FrameTexts, _own_line, bounded, nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from traceback import TracebackException
    from types import TracebackType
    from typing import Any

    Frames = Callable[[TracebackType | None, bool], tuple[list[str], str]]

_RELATIONS = ("The above exception was the direct cause of", "During handling of the above exception, another")


def render(
    error: BaseException,
    frames: Frames,
    is_diagnosed: bool,  # noqa: FBT001 - called by the extension
) -> str:
    """Return the text of an exception.

    *frames* returns the texts to show for a traceback and the source of the innermost frame; it is told whether the
    traceback is that of the logged exception.
    """
    summary, error = bounded(error)
    for node, raised in nodes(summary, error):
        texts, source = frames(raised.__traceback__, raised is error)
        _set_stack(node, texts)
        if is_diagnosed:
            _space_last_lines(node, raised, source, has_frames=bool(texts))
    text = "".join(_spaced_relation(part) if is_diagnosed else part for part in summary.format())
    if is_diagnosed and "| \n" in text:
        # The border of a group, at a blank line.
        text = "\n".join(line[:-1] if line.endswith("| ") else line for line in text.split("\n"))
    return text


def _set_stack(node: TracebackException, texts: list[str]) -> None:
    if texts or getattr(node, "exceptions", None) is not None:
        node.stack = FrameTexts(texts)  # type: ignore[assignment]  # only its texts are used
    else:
        node.stack = None  # type: ignore[assignment]  # without frames there is no heading either


def _spaced_relation(part: str) -> str:
    is_relation = any(part.strip().startswith(relation) for relation in _RELATIONS) and part.startswith("\n")
    return f"\n{part}\n" if is_relation else part


def _space_last_lines(node: TracebackException, raised: BaseException, source: str, *, has_frames: bool) -> None:
    shown = source if isinstance(raised, AssertionError) else ""
    # Set on the instance: `format` asks each exception of the chain for its lines.
    node.format_exception_only = partial(_last_lines, node, shown, has_frames)  # type: ignore[method-assign, assignment]


def _last_lines(node: TracebackException, assertion: str, has_frames: bool, **options: Any) -> list[str]:  # noqa: FBT001 - bound by `partial`
    lines = list(type(node).format_exception_only(node, **options))
    own = _own_line(lines)
    if own < len(lines) and assertion and ": " not in lines[own]:
        lines[own] = f"{lines[own].rstrip()}: {assertion}\n"
    if own:
        lines.insert(own, "\n")
    return ["\n", *lines] if has_frames else lines

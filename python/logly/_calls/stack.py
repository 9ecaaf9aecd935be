"""The stack of a caller, as text and as data."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType


def render(frame: FrameType, most: int) -> tuple[str, list[dict[str, object]]]:
    """Return the *most* innermost frames up to *frame*, outermost first: Python's text, and a dict for each."""
    import traceback  # programs that never log a stack do not need it

    stack = traceback.extract_stack(frame, most)
    text = "".join(["Stack (most recent call last):\n", *traceback.format_list(stack)])
    frames: list[dict[str, object]] = [
        {"file": entry.filename, "line": entry.lineno, "function": entry.name, "code": entry.line} for entry in stack
    ]
    return text, frames

"""Exceptions as text and as data: Python's own traceback, and a dict for JSON.

The dict has `type`, `module`, `message` and `frames` (outermost first: `file`, `line`, `function`, `code`), and where
there are any `cause`, `context`, `notes` and `group` (its members), each cause, context and member a dict of the
same form.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from traceback import FrameSummary, TracebackException
    from typing import Any

MOST_CHAINED = 50
"""Exceptions of one chain or group that are kept; chains can be cyclic, and groups of any size."""


def render(error: BaseException) -> tuple[str, dict[str, Any]]:
    """Return the text Python prints for *error*, and its dict."""
    import traceback  # noqa: PLC0415 - programs that never log an exception do not pay for it

    summary = (
        traceback.TracebackException.from_exception(error, compact=False)
        if _has_compact()
        else (traceback.TracebackException.from_exception(error))
    )
    return "".join(summary.format()), _describe(summary, error, [MOST_CHAINED])


def _has_compact() -> bool:
    import sys  # noqa: PLC0415 - see `render`

    return sys.version_info >= (3, 10)


def _describe(summary: TracebackException, error: BaseException, left: list[int]) -> dict[str, Any]:
    left[0] -= 1
    kind = type(error)
    described: dict[str, Any] = {
        "type": kind.__qualname__,
        "module": kind.__module__,
        "message": _text(error),
        "frames": [_frame(frame) for frame in summary.stack],
    }
    _describe_chain(described, summary, error, left)
    notes = getattr(error, "__notes__", None)
    if isinstance(notes, (list, tuple)) and notes:
        described["notes"] = [_text(note) for note in notes]
    members = getattr(summary, "exceptions", None)
    if members:
        pairs = zip(members, error.exceptions)  # type: ignore[attr-defined]  # both are those of a group
        described["group"] = [_describe(inner, member, left) for inner, member in pairs if left[0] > 0]
    return described


def _describe_chain(
    described: dict[str, Any], summary: TracebackException, error: BaseException, left: list[int]
) -> None:
    if left[0] <= 0:
        return
    if summary.__cause__ is not None and error.__cause__ is not None:
        described["cause"] = _describe(summary.__cause__, error.__cause__, left)
    elif summary.__context__ is not None and error.__context__ is not None and not error.__suppress_context__:
        described["context"] = _describe(summary.__context__, error.__context__, left)


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception as failure:  # noqa: BLE001 - an exception's own text may fail in any way; the failure is named
        return f"<unprintable {type(value).__qualname__}: {type(failure).__name__}>"


def _frame(frame: FrameSummary) -> dict[str, Any]:
    return {"file": frame.filename, "line": frame.lineno, "function": frame.name, "code": frame.line}

"""Texts from `traceback`: of one frame, of an exception's last lines, or of a whole exception.

The extension renders common exceptions itself, and keeps the text of each frame; rare ones are rendered here.
"""

from __future__ import annotations

import linecache
import os
import stat
import sys
import traceback
from collections.abc import Sequence
from functools import partial
from itertools import islice

from logly._exceptions.fewer import fewer, left_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType, TracebackType
    from typing import Any

_HAS_COMPACT = sys.version_info >= (3, 10)
_HAS_POSITIONS = sys.version_info >= (3, 11)
_MOST_NOTES = 1_000
_MOST_CHARACTERS = 10_000
_MOST_FILES = 4_096
_looked_at: set[str] = set()
_OUTSIDE = ("site-packages", "dist-packages")
_STANDARD = traceback.__file__.rpartition("traceback.")[0] or "\0"


def entry(place: TracebackType) -> tuple[tuple[str, str, int, str, str | None], str, bool] | None:
    """Return the parts to show for the outermost frame of a traceback.

    They are its text, file, line, function and source; the name of its module; and whether the module is the program's
    own. None if the text depends on more than the code and the instruction.
    """
    code = place.tb_frame.f_code
    _keep_from_waiting(code.co_filename)
    stack = traceback.extract_tb(place, limit=1)
    if len(stack) != 1 or stack[0].lineno is None or not _has_position(code, place.tb_lasti):
        return None
    frame = stack[0]
    module = place.tb_frame.f_globals.get("__name__")
    name = module if isinstance(module, str) else ""
    parts = ("".join(stack.format()), frame.filename, stack[0].lineno, frame.name, frame.line)
    return parts, name, _is_own(code.co_filename)


def _keep_from_waiting(file: str) -> None:
    """Keep `linecache` from reading source from a pipe, terminal or device, such as `/dev/stdin`."""
    if file in _looked_at:
        return
    if len(_looked_at) >= _MOST_FILES:
        _looked_at.clear()
    _looked_at.add(file)
    try:
        is_other = not stat.S_ISREG(os.stat(file).st_mode)
    except (OSError, ValueError):
        return
    known = linecache.cache
    # An entry with one item only tells where to find the source. An entry without a time is never checked again.
    if is_other and len(known.get(file, ())) <= 1:
        known[file] = (0, None, [], file)


def _has_position(code: CodeType, instruction: int) -> bool:
    """Tell whether the code has the line of an instruction; otherwise `traceback` uses the line of the traceback."""
    if not _HAS_POSITIONS or instruction < 0:
        return instruction >= 0
    positions: Iterable[tuple[int | None, ...]] = code.co_positions()  # type: ignore[attr-defined]  # from 3.11 on
    return next(islice(positions, instruction // 2, None), (None,))[0] is not None


def _is_own(file: str) -> bool:
    """Tell whether a file is neither of the standard library nor of an installed package."""
    if file.startswith("<frozen "):
        return False
    parts = file.replace("\\", "/").split("/")
    return not any(part in _OUTSIDE for part in parts) and not file.startswith(_STANDARD)


def last_lines(error: BaseException) -> tuple[str, str]:
    """Return the lines below the traceback, with notes and suggestions, and the part before the type."""
    summary = compact(error, limit=0)
    _bound_notes(summary)
    lines = list(summary.format_exception_only())
    return "".join(lines), "".join(lines[: _own_line(lines)])


def compact(error: BaseException, limit: int | None = None) -> traceback.TracebackException:
    """Return the summary that Python prints; sources are read when they are printed."""
    options: dict[str, Any] = {"compact": True} if _HAS_COMPACT else {}
    return traceback.TracebackException(
        type(error), error, error.__traceback__, limit=limit, lookup_lines=False, **options
    )


def whole(error: BaseException) -> tuple[str, str]:
    """Return the complete text that Python prints for an exception, plain and indented."""
    summary, error = bounded(error)
    return "".join(summary.format()), indented(summary, error)


def text_of_many(error: BaseException) -> str | None:
    """Return the text of an exception for which `traceback` would not finish; None for other exceptions."""
    try:
        return whole(error)[0].rstrip("\n") if fewer(error) is not error else None
    except Exception:  # raised by the program's code, which `traceback` calls too
        return None


def bounded(error: BaseException) -> tuple[traceback.TracebackException, BaseException]:
    """Return a summary and the exception it describes: the given one, or a copy with fewer linked exceptions."""
    shown = fewer(error)
    summary = compact(shown)
    for node, raised in nodes(summary, shown):
        _bound_notes(node)
        for frame in node.stack:
            _keep_from_waiting(frame.filename)
        more = left_out(raised) if shown is not error else 0
        if more:
            # `traceback` prints only their number.
            unseen: Any = [None] * more
            node.exceptions = [*(node.exceptions or ()), *unseen]  # type: ignore[attr-defined]
    return summary, shown


def _bound_notes(summary: traceback.TracebackException) -> None:
    """Limit the number of notes; a list class of the program's own may have no end."""
    notes: Any = getattr(summary, "__notes__", None)
    if isinstance(notes, (str, bytes)):
        # Whether it is one note or one for each character depends on the version of Python.
        text: Any = notes[:_MOST_CHARACTERS]
        summary.__notes__ = text  # type: ignore[attr-defined]  # from 3.11 on
    elif isinstance(notes, Sequence) and (len(notes) > _MOST_NOTES or type(notes) not in (list, tuple)):
        some = list(islice(notes, _MOST_NOTES + 1))
        if len(some) > _MOST_NOTES:
            some[-1] = "[further notes are left out]"
        summary.__notes__ = some  # type: ignore[attr-defined]  # from 3.11 on


def indented(summary: traceback.TracebackException, error: BaseException) -> str:
    """Return the text of a summary in which only Python's own lines begin without white space.

    Lines of messages, notes and names of files and functions get four spaces. Lines of groups have a margin already.
    """
    for node, _ in nodes(summary, error, has_members=False):
        if getattr(node, "exceptions", None) is not None:
            continue
        # Set on the instance: `format` asks each exception of the chain for its lines.
        node.format_exception_only = partial(_indented_lines, node)  # type: ignore[method-assign, assignment]
        node.stack = FrameTexts(_indented(text, is_own=True) for text in node.stack.format())  # type: ignore[assignment]  # only its texts are used
    return "".join(summary.format())


class FrameTexts(list[str]):
    """The texts of frames, used in place of a `StackSummary`."""

    def format(self, **_options: object) -> list[str]:
        """Return the texts."""
        return self


def nodes(
    summary: traceback.TracebackException, error: BaseException, *, has_members: bool = True
) -> Iterator[tuple[traceback.TracebackException, BaseException]]:
    """Yield the exceptions that are printed, each with its summary; with *has_members*, members of groups too."""
    waiting: list[tuple[Any, Any]] = [(summary, error)]
    while waiting:
        node, raised = waiting.pop()
        yield node, raised
        if node.__cause__ is not None:
            waiting.append((node.__cause__, raised.__cause__))
        if node.__context__ is not None:
            waiting.append((node.__context__, raised.__context__))
        if has_members:
            waiting.extend(zip(getattr(node, "exceptions", None) or (), getattr(raised, "exceptions", ())))


def _indented_lines(node: traceback.TracebackException, **options: Any) -> list[str]:
    lines = list(type(node).format_exception_only(node, **options))
    own = _own_line(lines)
    return [_indented(line, is_own=index == own) for index, line in enumerate(lines)]


def _own_line(lines: list[str]) -> int:
    """Return the index of the line with the type: the first one without white space before it."""
    return next((index for index, line in enumerate(lines) if not line[:1].isspace()), len(lines))


def _indented(text: str, *, is_own: bool) -> str:
    """Put four spaces before lines that begin with neither a space nor a tab, except the first if it *is_own*."""
    lines = text.split("\n")
    first = lines[:1] if is_own else []
    return "\n".join(first + ["    " + line if line and line[0] not in " \t" else line for line in lines[len(first) :]])


def bare(error: BaseException, marker: str) -> tuple[str, str]:
    """Return the text of an exception whose code makes `traceback` fail, and the part before the type.

    The text has the frames, and the message or *marker*.
    """
    place = BaseException.__dict__["__traceback__"].__get__(error)
    frames = []
    if place is not None:
        try:
            frames = ["Traceback (most recent call last):\n", *traceback.format_tb(place)]
        except Exception:  # for code objects that were made by hand
            frames = []
    try:
        last = f"{type.__getattribute__(type(error), '__name__')}: {error!s}"
    except Exception:  # raised by the program's code
        last = marker
    before = "".join(frames)
    return f"{before}{last}\n", before

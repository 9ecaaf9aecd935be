"""What `traceback` is asked for: the text of one frame, of an exception's last lines, or of all of it.

The extension puts together what is common, and keeps the text of each frame; what is rare is rendered here.
"""

from __future__ import annotations

import sys
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import CodeType, TracebackType
    from typing import Any

_HAS_COMPACT = sys.version_info >= (3, 10)
_HAS_POSITIONS = sys.version_info >= (3, 11)
_OUTSIDE = ("site-packages", "dist-packages")
_STANDARD = traceback.__file__.rpartition("traceback.")[0] or "\0"


def entry(place: TracebackType) -> tuple[tuple[str, str, int, str, str | None], str, bool] | None:
    """Return what is shown for the outermost frame of a traceback.

    That is its text, file, line, function and source; the name of its module; and whether that is the program's own.
    None where the text depends on more than the code and the instruction.
    """
    code = place.tb_frame.f_code
    stack = traceback.extract_tb(place, limit=1)
    if len(stack) != 1 or stack[0].lineno is None or not _has_position(code, place.tb_lasti):
        return None
    frame = stack[0]
    module = place.tb_frame.f_globals.get("__name__")
    name = module if isinstance(module, str) else ""
    parts = ("".join(stack.format()), frame.filename, stack[0].lineno, frame.name, frame.line)
    return parts, name, _is_own(code.co_filename)


def _has_position(code: CodeType, instruction: int) -> bool:
    """Tell whether the code knows the line of an instruction; otherwise `traceback` takes the line of the traceback."""
    if not _HAS_POSITIONS or instruction < 0:
        return instruction >= 0
    from itertools import islice  # noqa: PLC0415 - a module in C

    positions: Iterable[tuple[int | None, ...]] = code.co_positions()  # type: ignore[attr-defined]  # from 3.11 on
    return next(islice(positions, instruction // 2, None), (None,))[0] is not None


def _is_own(file: str) -> bool:
    """Tell whether a file is neither of the standard library nor of an installed package."""
    if file.startswith("<frozen "):
        return False
    parts = file.replace("\\", "/").split("/")
    return not any(part in _OUTSIDE for part in parts) and not file.startswith(_STANDARD)


def last_lines(error: BaseException) -> str:
    """Return the lines below the traceback, with notes, suggestions and what else there is."""
    return "".join(compact(error, limit=0).format_exception_only())


def compact(error: BaseException, limit: int | None = None) -> traceback.TracebackException:
    """Return the summary that Python prints; sources are looked up when they are printed."""
    options: dict[str, Any] = {"compact": True} if _HAS_COMPACT else {}
    return traceback.TracebackException(
        type(error), error, error.__traceback__, limit=limit, lookup_lines=False, **options
    )


def whole(error: BaseException) -> str:
    """Return all that Python prints for an exception."""
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def bare(error: BaseException, marker: str) -> str:
    """Return the frames of an exception whose code keeps `traceback` from reading it, and its message or *marker*."""
    place = BaseException.__dict__["__traceback__"].__get__(error)
    frames = []
    if place is not None:
        try:
            frames = ["Traceback (most recent call last):\n", *traceback.format_tb(place)]
        except Exception:  # noqa: BLE001 - of code objects that were made by hand
            frames = []
    try:
        last = f"{type.__getattribute__(type(error), '__name__')}: {error!s}"
    except Exception:  # noqa: BLE001 - of the program's
        last = marker
    return "".join([*frames, last, "\n"])

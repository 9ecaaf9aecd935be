"""Files as sinks: their names, archives and options, in the form that the extension takes."""

from __future__ import annotations

import math
import os
import re
from datetime import timedelta

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_TIME = "YYYY-MM-DD_HH-mm-ss_SSSSSS"
_ARCHIVES = f"{{stem}}.{{time:{_TIME}}}{{ext}}"

_NATIVE = ("rotation", "retention", "compression", "delay", "watch", "mode", "buffering", "encoding")
_OF_OPEN = ("errors", "newline", "closefd", "opener")
_ROTATING = ("rotation", "retention", "compression")
_ENCODINGS = ("utf8", "ascii", "usascii", "latin1", "iso88591")


def of_file(path: str | os.PathLike[str], others: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return the sink and its options of a path: the path, or an object that writes the file through `open`."""
    unknown = next((name for name in others if name not in _NATIVE + _OF_OPEN), None)
    if unknown is not None:
        message = f"{unknown!r} is an invalid keyword argument for open()"
        raise TypeError(message)
    given = {name: value for name, value in others.items() if value is not None}
    text = os.fspath(path).replace("{time}", f"{{time:{_TIME}}}")
    if any(name in given for name in _ROTATING):
        given = _encoded(given)
    if _needs_python(given):
        from logly.loguru._files.opened import OpenedFile  # rarely needed

        return OpenedFile(text, given), {}
    if given.get("rotation") is not None and "{time" not in os.path.basename(text):
        given["archive"] = _ARCHIVES
        given["adopt"] = "loguru"
    if "rotation" in given:
        given["rotation"] = _rotation(given["rotation"])
    if type(given.get("retention")) is int and given["retention"] == 0:
        given["retention"] = _remove_all
    # Without it, files that others moved are still written.
    given.setdefault("watch", False)
    return _Path(text), given


def _encoded(given: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a file with archives, with an encoder for an encoding that the extension does not have."""
    if not _needs_python(given) or not _has_usual_mode(given) or any(name in given for name in ("closefd", "opener")):
        return given
    from logly.loguru._files.encoders import encoder_of  # rarely needed

    encoder = encoder_of(given)
    if encoder is None:
        return given
    kept = {name: value for name, value in given.items() if name not in _OF_OPEN}
    return {**kept, "encoding": encoder}


def _rotation(given: Any) -> Any:
    """Return a rotation in a form that the extension knows."""
    if type(given) is float:
        return math.ceil(given)
    if isinstance(given, str):
        from logly.loguru._files.intervals import interval_of  # sizes and times of day are texts too

        return interval_of(given) or re.sub(r"\bat ([0-9]{1,2})$", r"at \1:00", given)
    if isinstance(given, timedelta):
        from logly.loguru._files.intervals import Interval

        return Interval.of(given)
    return given


def _needs_python(given: dict[str, Any]) -> bool:
    encoding = given.get("encoding", "utf8")
    if hasattr(encoding, "_encode_line"):
        return False
    is_known = str(encoding).lower().replace("-", "").replace("_", "") in _ENCODINGS
    return any(name in given for name in _OF_OPEN) or not is_known or not _has_usual_mode(given)


def _has_usual_mode(given: dict[str, Any]) -> bool:
    return given.get("mode", "a") in {"a", "at", "w", "wt", "x", "xt"}


def _remove_all(paths: list[str]) -> None:
    for path in paths:
        os.remove(path)


class _Path:
    """A path that cannot be taken for the name of a console."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __fspath__(self) -> str:
        return self._path


def explained(error: Exception, others: dict[str, Any]) -> Exception:
    """Return the error that programs know for an option of files that the extension refused."""
    name = str(error).partition(":")[0]
    value = others.get(name)
    if name not in {"rotation", "retention", "compression"}:
        return error
    if not isinstance(value, str):
        return TypeError(f"Cannot infer {name} for objects of type: '{type(value).__name__}'")
    if name == "compression":
        return ValueError(f"Invalid compression format: '{value}'")
    unit = re.fullmatch(r"\s*[0-9.]+\s*([A-Za-z]+)\s*", value)
    if unit:
        return ValueError(f"Invalid unit value while parsing duration: '{unit[1]}'")
    return ValueError(f"Cannot parse {name} from: '{value}'")


def compressed_at_end(path: Any, options: dict[str, Any]) -> Callable[[], None] | None:
    """Return what compresses a file when its sink is removed; None for a file with a rotation, or without a need."""
    compression = options.get("compression")
    if compression is None or options.get("rotation") is not None or not isinstance(path, (str, os.PathLike)):
        return None
    from logly.loguru._files.compressing import compress

    return lambda: compress(os.fspath(path), compression)

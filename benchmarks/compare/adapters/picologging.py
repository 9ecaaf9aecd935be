"""picologging: the standard interface in C++. It has no LoggerAdapter and no JSON formatter.

Release 0.9.3 names the caller of the logging function instead of the function itself, so its lines
with a location count as wrong.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from benchmarks.compare.adapters import Session
from benchmarks.compare.adapters.standard import CALLS, DATE, LAST, text_format
from benchmarks.compare.content import Output

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.compare.scenarios import Shape


def open_session(shape: Shape, folder: Path, mode: str, kept: int) -> Session:  # noqa: ARG001 - it has one mode
    """Set up the logger `checkout` with one file handler."""
    library = importlib.import_module("picologging")
    output = Output(folder / "text.log")
    handler = library.FileHandler(str(output.path), encoding="utf-8")
    handler.setFormatter(library.Formatter(text_format(shape), datefmt=DATE))
    logger = library.getLogger("checkout")
    logger.setLevel(library.INFO)
    logger.addHandler(handler)
    return Session(CALLS[shape], {"logger": logger}, (output,), LAST.get(shape, ""), close=handler.close)

"""The command `python -m logly check FILE...`, which reports mistakes in configuration files."""

from __future__ import annotations

import os
import sys

from logly._config import document
from logly._config.printable import printable
from logly.logger import Logger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def check(paths: Iterable[str]) -> int:
    """Report on each file. Return 1 if any of them has a mistake, else 0."""
    return max([_check(path) for path in paths], default=0)


def _check(path: str) -> int:
    try:
        found = document.read(path)
    except (OSError, ValueError) as error:
        print(wrong(error), file=sys.stderr)
        return 1
    found.check(Logger())
    for mistake in found.mistakes:
        print(mistake, file=sys.stderr)
    if found.mistakes:
        return 1
    sinks = "no sinks" if not found.sinks else f"{len(found.sinks)} sinks" if len(found.sinks) > 1 else "1 sink"
    print(printable(f"{path}: ok, {len(found.settings)} settings, {sinks}"))
    return 0


def wrong(error: Exception) -> str:
    """Return a line about a file that cannot be read or understood."""
    if isinstance(error, OSError) and error.filename is not None:
        return printable(f"{os.fsdecode(error.filename)}: {error.strerror}")
    return printable(str(error))

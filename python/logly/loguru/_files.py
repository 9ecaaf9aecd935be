"""Files as sinks: their names, archives and options, in the form that the extension takes."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ARCHIVES = "{stem}.{time:YYYY-MM-DD_HH-mm-ss_SSSSSS}{ext}"


def of_file(path: str | os.PathLike[str], others: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return the path and the options of a file."""
    given = {name: value for name, value in others.items() if value is not None}
    return _Path(os.fspath(path)), given


class _Path:
    """A path that cannot be taken for the name of a console."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __fspath__(self) -> str:
        return self._path

"""Files that are written through `open`, for encodings and arguments that the extension does not have."""

from __future__ import annotations

import os

from logly import _logly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ROTATING = ("rotation", "retention", "compression")


class OpenedFile:
    """A sink that writes a file through `open`. It has no archives."""

    def __init__(self, path: str, given: dict[str, Any]) -> None:
        refused = next((name for name in _ROTATING if name in given), None)
        if refused is not None:
            message = f"{refused} cannot be given with an encoding or an argument of open() that logly does not write"
            raise ValueError(message)
        nanoseconds = _logly._now()
        while "{time:" in path:
            start = path.index("{time:")
            end = path.index("}", start)
            shown = _logly._time_text(path[start + 6 : end], nanoseconds, _offset(nanoseconds))
            path = path[:start] + shown + path[end + 1 :]
        self._options = {name: value for name, value in given.items() if name not in {"delay", "watch"}}
        self._options = {"mode": "a", "buffering": 1, "encoding": "utf8", **self._options}
        self.name = path
        self._file: Any = None
        if not given.get("delay"):
            self._open()

    def _open(self) -> Any:
        os.makedirs(os.path.dirname(os.path.abspath(self.name)), exist_ok=True)
        self._file = open(self.name, **self._options)  # noqa: SIM115 - closed by `stop`
        return self._file

    def write(self, line: str) -> None:
        """Write one line."""
        (self._file or self._open()).write(line)

    def stop(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def _offset(nanoseconds: int) -> int:
    import time

    return time.localtime(nanoseconds // 1_000_000_000).tm_gmtoff

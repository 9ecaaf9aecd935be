"""The logger's state in the configuration that each process object of `multiprocessing` hands to its child.

A process object copies the configuration of the process that makes it. Children by spawn and forkserver, and those of
loky and dask, get the copy by pickle. The state is an object that pickles as bytes with the state of that moment, so
later changes reach later children. A child in which logly is not installed can read bytes as well. Forked children have
the logger itself.

None of the packages is imported here. If one is imported later, a finder on `sys.meta_path` notices.
"""

from __future__ import annotations

import sys

from logly._process import FAMILIES, captures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

KEY = "logly"
"""The key of the state in the configuration of a process object."""


class State:
    """The state of the global logger, whenever it is pickled. It arrives as bytes.

    Args:
        arrived: The state that arrived for this process and that it has not taken over yet.
    """

    __slots__ = ("arrived",)

    def __init__(self, arrived: bytes = b"") -> None:
        self.arrived = arrived

    def __reduce__(self) -> tuple[type[bytes], tuple[bytes]]:
        """Pickle the current state; no bytes at all if no process is to take it over."""
        from logly._process.packing import packed  # few programs start such processes

        return bytes, (packed(),)


class _Finder:
    """Finds no module. It notices the first import after which a package has process objects, and removes itself."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> None:
        if name in _AFTER_PROCESS:
            place()


_AFTER_PROCESS = tuple(f"{family}.reduction" for family in FAMILIES)
"""Modules that these packages import when their module `process` is complete."""

_finder = _Finder()


def place(*, is_settled: bool = False) -> None:
    """Put the state into the configuration of this process, as soon as there is one.

    Args:
        is_settled: Whether this process needs the state that arrived for it no longer.
    """
    placed = 0
    for process in current_processes():
        process._config[KEY] = State(b"" if is_settled else arrived_for(process))
        process._config[captures.KEY] = captures.Captures()
        placed += 1
    is_waiting = _finder in sys.meta_path
    if placed == len(FAMILIES) and is_waiting:
        sys.meta_path.remove(_finder)
    elif placed < len(FAMILIES) and not is_waiting:
        sys.meta_path.insert(0, _finder)


def is_frozen_child() -> bool:
    """Tell whether a frozen program was started to be a child; `freeze_support` makes it one."""
    return getattr(sys, "frozen", False) and sys.argv[1:2] == ["--multiprocessing-fork"]


def arrived_for(process: Any) -> bytes:
    """Return the state that arrived for a process and was not taken over."""
    found = process._config.get(KEY)
    return found.arrived if isinstance(found, State) else found if isinstance(found, bytes) else b""


def current_processes() -> Iterator[Any]:
    """Yield the current process object of each package that is imported."""
    for family in FAMILIES:
        # A module that is still being imported may not have the function yet.
        function = getattr(sys.modules.get(f"{family}.process"), "current_process", None)
        if function is not None and hasattr(function(), "_config"):
            yield function()

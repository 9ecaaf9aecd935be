"""Imports that `-X lazy_imports=all` leaves to the first use of a name, made at once.

While a thread makes such an import in the middle of a line, another one may fork. The child could not finish it.
"""

from __future__ import annotations

import sys
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType


def make(modules: list[ModuleType]) -> None:
    """Make the imports that these modules, and all modules that they can reach, leave to the first use of a name.

    An import may give a package one more such name. So this goes through all modules until there is none left.
    """
    failed: set[str] = set()
    reached = _reached(modules)
    while _make_names(reached) or _make_submodules(reached, failed):
        reached = _reached(modules)


def _reached(modules: Iterable[ModuleType]) -> set[ModuleType]:
    """Return these modules, and all those that they can reach by the values of their names."""
    waiting, reached = [*modules], {*modules}
    while waiting:
        found = map(_module_of, list(vars(waiting.pop()).values()))
        near = {module for module in found if module is not None} - reached
        waiting += near
        reached |= near
    return reached


def _make_names(modules: set[ModuleType]) -> bool:
    """Make the imports that names stand for. One that fails fails again where the name is used."""
    made = False
    for module in modules:
        for name, value in list(vars(module).items()):
            if type(value).__name__ == "lazy_import":
                with suppress(Exception):
                    getattr(module, name)
                    made = True
    return made


def _make_submodules(modules: set[ModuleType], failed: set[str]) -> bool:
    """Import modules whose package is there without them: `urllib` may be, before a lazy `import urllib.request`."""
    names = {module.__name__ for module in modules} - {"logly"}
    lazy: set[str] = sys.lazy_modules  # type: ignore[attr-defined]  # from 3.15 on
    left = {name for name in set(lazy) - failed - set(sys.modules) if name.rpartition(".")[0] in names}
    failed |= left
    for name in left:
        with suppress(Exception):
            __import__(name)
    return bool(left)


def _module_of(value: object) -> ModuleType | None:
    """Return a module, or the module that defines a value."""
    if isinstance(value, type(sys)):
        return value
    name = getattr(value, "__module__", None)
    return sys.modules.get(name) if isinstance(name, str) else None

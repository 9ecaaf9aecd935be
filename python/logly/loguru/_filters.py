"""Filters by module for programs that have modules without a name, such as code that `exec` runs."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def by_module(rules: dict[str | None, int | bool]) -> Callable[[Any], bool]:
    """Return a filter function for the lowest levels of modules. None stands for those without a name."""

    def takes(record: Any) -> bool:
        lowest = _rule(rules, record["name"])
        if isinstance(lowest, bool):
            return lowest
        return bool(record["level"].no >= lowest)

    return takes


def _rule(rules: dict[str | None, int | bool], module: str | None) -> int | bool:
    """Return the rule of a module, or else of the nearest module above it, or else of the empty name."""
    if module is None:
        return rules.get(None, True)
    while module not in rules:
        if not module:
            return True
        module = module.rpartition(".")[0]
    return rules[module]

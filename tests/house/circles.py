"""Circles in the dependencies between modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def circles(uses: Iterable[tuple[str, str, str]]) -> list[str]:
    """Return each use that is part of a circle, with its place; a use is (user, used, place)."""
    uses = list(uses)
    graph: dict[str, set[str]] = {}
    for user, used, _place in uses:
        graph.setdefault(user, set()).add(used)
    reached = {user: _reached(graph, user) for user in graph}
    return sorted({f"{place}: {user} uses {used}" for user, used, place in uses if user in reached.get(used, ())})


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    """Return all nodes reachable from *start*, including *start* itself if it is in a circle."""
    found: set[str] = set()
    waiting = list(graph.get(start, ()))
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(graph.get(node, ()))
    return found

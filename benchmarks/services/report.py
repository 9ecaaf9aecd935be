"""Writes a run of the services' table as markdown: the table, what each row adds to a call, and the goals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.compare.figures import Results, Spread, spread
from benchmarks.compare.tables import amount, goal_table, provenance, quantity, table
from benchmarks.services.rows import ADDED, BY_NAME, CALLER, GOALS, LIMITS, ROWS, WALL, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

MARKER = "services"
"""The name of its markers in a README."""

_PEERS = ("logging", "loguru", "structlog", "logust")
_FIGURES = {CALLER: "caller, median", WALL: "through drain", "request_ns": "CPU of a request"}


def full_report(results: Results, machine: dict[str, Any]) -> str:
    """Return everything: the table, what rows add, the goals, and every entry's figures."""
    parts = [
        summary(results, machine),
        "## Added to a call that writes JSON\n\n" + _added_table(results),
        "## Goals\n\n" + goal_table(results, GOALS),
        "## Limits, for orientation\n\n" + goal_table(results, LIMITS),
        "## Entries\n\n" + _entry_table(results),
    ]
    return "\n\n".join(parts) + "\n"


def summary(results: Results, machine: dict[str, Any]) -> str:
    """Return the table of logly's figures and ratios, with their provenance."""
    header = ["asked for", "figure", "logly", "through drain", *(f"vs {peer}" for peer in _PEERS)]
    return table(header, [_line(results, row) for row in _ran(results)]) + "\n\n" + provenance(results, machine)


def _ran(results: Results) -> Iterator[Row]:
    return (row for row in ROWS if results.has(row.name, row.entries[0].name))


def _line(results: Results, row: Row) -> list[str]:
    own = row.entries[0].name
    verdict = results.verdict(row.name, own)
    shown = quantity(results.figure(row.name, own, row.figure), row.figure)
    ratios = [_against(results, row, peer) for peer in _PEERS]
    wall = quantity(results.figure(row.name, own, WALL), WALL)
    return [row.title, _FIGURES[row.figure], shown if verdict == "ok" else f"{shown} ({verdict})", wall, *ratios]


def _against(results: Results, row: Row, peer: str) -> str:
    """Return how many times faster logly's entry is than that of *peer*."""
    own = row.entries[0].name
    found = next((entry.name for entry in row.entries if entry.name.startswith(peer)), None)
    if found is None or not results.is_trusted(row.name, own):
        return "-"
    ratio = results.ratio((row.name, found), (row.name, own), row.figure)
    verdict = results.verdict(row.name, found)
    return "-" if ratio is None else f"{ratio.median:.3g}x" + ("" if verdict == "ok" else f" ({verdict})")


def _added_table(results: Results) -> str:
    lines = []
    for name, figure, most in ADDED:
        added = _added(results, name, figure)
        if added is not None:
            met = "yes" if added.median <= most else "no"
            lines.append([BY_NAME[name].title, _FIGURES[figure], f"+ {amount(most, figure)}", _signed(added), met])
    return table(["row", "figure", "at most", "median [quartiles]", "met"], lines)


def _added(results: Results, name: str, figure: str) -> Spread | None:
    """Return the difference between the row and JSON lines, paired within a repetition."""
    base = BY_NAME["plain_json"]
    above = results.values(name, BY_NAME[name].entries[0].name, figure)
    below = results.values(base.name, base.entries[0].name, figure)
    return spread([above[repetition] - below[repetition] for repetition in above if repetition in below])


def _signed(added: Spread) -> str:
    return f"{added.median:+.0f} ns [{added.first:+.0f}, {added.third:+.0f}]"


def _entry_table(results: Results) -> str:
    figures = (CALLER, "caller_p99_ns", WALL, "cpu_ns", "request_ns")
    lines = [
        [row.name, entry.name]
        + [quantity(results.figure(row.name, entry.name, figure), figure) for figure in figures]
        + [
            f"{results.verdict(row.name, entry.name)} {results.detail(row.name, entry.name)}".strip().replace(
                "|", "\\|"
            )
        ]
        for row in _ran(results)
        for entry in row.entries
        if results.has(row.name, entry.name)
    ]
    return table(["row", "entry", "caller median", "p99", "through drain", "CPU", "CPU of a request", "result"], lines)


def _outcome(results: Results, row: str, entry: str) -> str:
    return f"{results.verdict(row, entry)} {results.detail(row, entry)}".strip().replace("|", "\\|")

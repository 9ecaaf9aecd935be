"""Writes a run as markdown: the summary, the goals, and one table per scenario.

The summary is for a README, and can be put between two markers there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.compare.goals import GOALS, LIMITS
from benchmarks.compare.scenarios import SCENARIOS, Scenario
from benchmarks.compare.tables import amount, goal_table, provenance, quantity, table

if TYPE_CHECKING:
    from benchmarks.compare.figures import Results

MARKER = "benchmark"
"""The name of its markers in a README."""

PEERS = ("logging", "logging-queue", "loguru", "loguru-enqueue", "structlog", "picologging")
_OVERVIEW = ("overview_single", "overview_threads")
_UNITS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}
_COLUMNS = (
    ("caller median [quartiles]", "caller_median_ns"),
    ("p99", "caller_p99_ns"),
    ("p99.9", "caller_p999_ns"),
    ("plain loop", "loop_ns"),
    ("through drain [quartiles]", "wall_ns"),
    ("until compressed", "settled_ns"),
    ("CPU", "cpu_ns"),
    ("import", "import_ns"),
    ("opening", "opening_ns"),
    ("rotation", "rotation_ns"),
    ("memory growth", "rss_growth_bytes"),
    ("peak memory", "peak_rss_bytes"),
)
_FIGURES = {
    "caller_median_ns": "caller, median",
    "loop_ns": "caller, plain loop",
    "wall_ns": "through drain",
    "rss_growth_bytes": "growth",
    "import_ns": "time",
    "opening_ns": "time",
    "rotation_ns": "caller, median",
}
_WITH_QUARTILES = {"caller_median_ns", "wall_ns", "import_ns", "opening_ns", "rotation_ns"}


def full_report(results: Results, machine: dict[str, Any]) -> str:
    """Return everything: summary, goals, and a table per scenario."""
    parts = [summary(results, machine), "## Goals\n\n" + goal_table(results, GOALS)]
    parts.append("## Limits, for orientation\n\n" + goal_table(results, LIMITS))
    parts += [_scenario_table(results, scenario) for scenario in SCENARIOS if scenario.name in results.scenarios()]
    return "\n\n".join(parts) + "\n"


def summary(results: Results, machine: dict[str, Any]) -> str:
    """Return the table of logly's figures and ratios, with their provenance."""
    parts = [_summary_table(results), _overview_table(results), provenance(results, machine)]
    return "\n\n".join(part for part in parts if part)


def _summary_table(results: Results) -> str:
    ran = [scenario for scenario in SCENARIOS if scenario.name in results.scenarios()]
    peers = [peer for peer in PEERS if any(results.has(scenario.name, _entry(scenario, peer)) for scenario in ran)]
    header = ["scenario", "figure", "logly", "through drain", *(f"vs {peer}" for peer in peers)]
    lines = [_summary_line(results, scenario, peers) for scenario in ran if scenario.name not in {"floors", *_OVERVIEW}]
    return table(header, lines)


def _summary_line(results: Results, scenario: Scenario, peers: list[str]) -> list[str]:
    own = scenario.own
    wall = results.figure(scenario.name, own, "wall_ns")
    ratios = [_against(results, scenario, own, peer) for peer in peers]
    return [
        scenario.title,
        _FIGURES[scenario.figure],
        _own_figure(results, scenario, own),
        quantity(wall, "wall_ns"),
        *ratios,
    ]


def _own_figure(results: Results, scenario: Scenario, own: str) -> str:
    verdict = results.verdict(scenario.name, own)
    shown = quantity(results.figure(scenario.name, own, scenario.figure), scenario.figure)
    return shown if verdict == "ok" else f"{shown} ({verdict})"


def _against(results: Results, scenario: Scenario, own: str, peer: str) -> str:
    peer = _entry(scenario, peer)
    if not results.has(scenario.name, peer):
        return "-"
    if scenario.figure.endswith("_bytes"):
        shown = quantity(results.figure(scenario.name, peer, scenario.figure), scenario.figure)
    else:
        shown = _times(results, scenario, own, peer)
    verdict = results.verdict(scenario.name, peer)
    return shown if verdict == "ok" else f"{shown} ({verdict})"


def _entry(scenario: Scenario, peer: str) -> str:
    """Return a library's entry in a scenario, which may name a variant, such as JSON or rotating."""
    variants = (peer, f"{peer}-json", f"{peer}-rotating", f"{peer}-per-line")
    return next((entry for entry in variants if entry in scenario.libraries), peer)


def _times(results: Results, scenario: Scenario, own: str, peer: str) -> str:
    """Return how many times faster *own* is, or "-" if it did not write the requested lines."""
    if not results.is_trusted(scenario.name, own):
        return "-"
    ratio = results.ratio((scenario.name, peer), (scenario.name, own), scenario.figure)
    return f"{ratio.median:.3g}x" if ratio else "-"


def _overview_table(results: Results) -> str:
    lines = []
    for scenario in (scenario for scenario in SCENARIOS if scenario.name in _OVERVIEW):
        for library in scenario.libraries:
            wall = results.figure(scenario.name, library, "wall_ns")
            if wall is None:
                continue
            counted = results.figure(scenario.name, library, "messages")
            messages = counted.median if counted else 0
            seconds = wall.median * messages / _UNITS["s"]
            lines.append(
                [
                    _overview_title(scenario, messages),
                    library,
                    f"{seconds:.3g} s",
                    _times(results, scenario, library, "logging"),
                    results.verdict(scenario.name, library),
                ]
            )
    return table(["messages", "library", "through drain", "faster than logging", "result"], lines) if lines else ""


def _overview_title(scenario: Scenario, messages: float) -> str:
    return scenario.title if messages == scenario.messages else f"{scenario.title}, of which {messages:,.0f}"


def _scenario_table(results: Results, scenario: Scenario) -> str:
    libraries = [library for library in scenario.libraries if results.has(scenario.name, library)]
    columns = [
        (title, name)
        for title, name in _COLUMNS
        if any(results.figure(scenario.name, library, name) for library in libraries)
    ]
    header = ["library", *(title for title, _ in columns), "least", "lost", "dropped", "result"]
    lines = [_scenario_line(results, scenario, library, columns) for library in libraries]
    return f"## {scenario.title} (`{scenario.name}`)\n\n" + table(header, lines)


def _scenario_line(results: Results, scenario: Scenario, library: str, columns: list[tuple[str, str]]) -> list[str]:
    shown = [
        quantity(
            results.figure(scenario.name, library, name),
            name,
            with_quartiles=name in _WITH_QUARTILES,
        )
        for _, name in columns
    ]
    judged = results.figure(scenario.name, library, scenario.figure)
    least = amount(judged.least, scenario.figure) if judged else "-"
    counts = [str(results.total(scenario.name, library, name)) for name in ("lost", "dropped")]
    result = ": ".join(
        part
        for part in (
            results.verdict(scenario.name, library),
            results.detail(scenario.name, library),
        )
        if part
    )
    return [library, *shown, least, *counts, result.replace("|", "\\|")]

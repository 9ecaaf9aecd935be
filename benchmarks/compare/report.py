"""Writes a run as markdown: the summary, the goals, and one table per scenario.

The summary is for a README, and can be put between two markers there.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from benchmarks.compare.goals import GOALS, LIMITS, Goal
from benchmarks.compare.scenarios import SCENARIOS, Scenario

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.compare.figures import Results, Spread

START = "<!-- benchmark:start -->"
END = "<!-- benchmark:end -->"
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
    parts = [summary(results, machine), "## Goals\n\n" + _goal_table(results, GOALS)]
    parts.append("## Limits, for orientation\n\n" + _goal_table(results, LIMITS))
    parts += [_scenario_table(results, scenario) for scenario in SCENARIOS if scenario.name in results.scenarios()]
    return "\n\n".join(parts) + "\n"


def summary(results: Results, machine: dict[str, Any]) -> str:
    """Return the table of logly's figures and ratios, with their provenance."""
    parts = [_summary_table(results), _overview_table(results), _provenance(results, machine)]
    return "\n\n".join(part for part in parts if part)


def put_between_markers(path: Path, text: str) -> None:
    """Replace the text between the markers in *path* with *text*.

    Raises:
        ValueError: The file lacks the markers, or has them in the wrong order.
    """
    before, start, rest = path.read_text(encoding="utf-8").partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        message = f"{path}: expected {START} and then {END}"
        raise ValueError(message)
    path.write_text(f"{before}{START}\n{text}\n{END}{after}", encoding="utf-8")


def describe_goal(goal: Goal, results: Results) -> str:
    """Return one line: the goal and the measured figure."""
    name = f"{goal.scenario} {goal.library} {goal.figure}"
    return f"{name}: {_claim(goal)}, measured {_outcome(goal, results)}"


def _summary_table(results: Results) -> str:
    ran = [scenario for scenario in SCENARIOS if scenario.name in results.scenarios()]
    peers = [peer for peer in PEERS if any(results.has(scenario.name, _entry(scenario, peer)) for scenario in ran)]
    header = ["scenario", "figure", "logly", "through drain", *(f"vs {peer}" for peer in peers)]
    lines = [_summary_line(results, scenario, peers) for scenario in ran if scenario.name not in {"floors", *_OVERVIEW}]
    return _table(header, lines)


def _summary_line(results: Results, scenario: Scenario, peers: list[str]) -> list[str]:
    own = scenario.own
    wall = results.figure(scenario.name, own, "wall_ns")
    ratios = [_against(results, scenario, own, peer) for peer in peers]
    return [
        scenario.title,
        _FIGURES[scenario.figure],
        _own_figure(results, scenario, own),
        _quantity(wall, "wall_ns"),
        *ratios,
    ]


def _own_figure(results: Results, scenario: Scenario, own: str) -> str:
    verdict = results.verdict(scenario.name, own)
    shown = _quantity(results.figure(scenario.name, own, scenario.figure), scenario.figure)
    return shown if verdict == "ok" else f"{shown} ({verdict})"


def _against(results: Results, scenario: Scenario, own: str, peer: str) -> str:
    peer = _entry(scenario, peer)
    if not results.has(scenario.name, peer):
        return "-"
    if scenario.figure.endswith("_bytes"):
        shown = _quantity(results.figure(scenario.name, peer, scenario.figure), scenario.figure)
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
    return _table(["messages", "library", "through drain", "faster than logging", "result"], lines) if lines else ""


def _overview_title(scenario: Scenario, messages: float) -> str:
    return scenario.title if messages == scenario.messages else f"{scenario.title}, of which {messages:,.0f}"


def _goal_table(results: Results, goals: tuple[Goal, ...]) -> str:
    ran = [goal for goal in goals if results.has(goal.scenario, goal.library)]
    lines = [
        [
            goal.scenario,
            goal.library,
            goal.figure,
            _claim(goal),
            _outcome(goal, results),
            _met(goal, results),
        ]
        for goal in ran
    ]
    return _table(["scenario", "library", "figure", "goal", "median [quartiles]", "met"], lines)


def _claim(goal: Goal) -> str:
    if goal.against is None:
        return f"<= {_amount(goal.factor, goal.figure)}"
    cell = " of ".join(reversed(goal.against)) if goal.against[0] != goal.scenario else goal.against[1]
    return f"<= {goal.factor:g}x {cell}" if goal.is_ceiling else f"{goal.factor:g}x faster than {cell}"


def _outcome(goal: Goal, results: Results) -> str:
    measured = goal.measured(results)
    if measured is None:
        return "; ".join(f"{cell[1]}: {results.verdict(*cell)}" for cell in sorted(goal.needs) if results.has(*cell))
    if goal.against is None:
        return _quantity(measured, goal.figure, with_quartiles=True)
    return f"{measured.median:.3g}x [{measured.first:.3g}, {measured.third:.3g}]"


def _met(goal: Goal, results: Results) -> str:
    if goal.measured(results) is None:
        return "-"
    return "yes" if goal.is_met(results) else "no"


def _scenario_table(results: Results, scenario: Scenario) -> str:
    libraries = [library for library in scenario.libraries if results.has(scenario.name, library)]
    columns = [
        (title, name)
        for title, name in _COLUMNS
        if any(results.figure(scenario.name, library, name) for library in libraries)
    ]
    header = ["library", *(title for title, _ in columns), "least", "lost", "dropped", "result"]
    lines = [_scenario_line(results, scenario, library, columns) for library in libraries]
    return f"## {scenario.title} (`{scenario.name}`)\n\n" + _table(header, lines)


def _scenario_line(results: Results, scenario: Scenario, library: str, columns: list[tuple[str, str]]) -> list[str]:
    shown = [
        _quantity(
            results.figure(scenario.name, library, name),
            name,
            with_quartiles=name in _WITH_QUARTILES,
        )
        for _, name in columns
    ]
    judged = results.figure(scenario.name, library, scenario.figure)
    least = _amount(judged.least, scenario.figure) if judged else "-"
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


def _provenance(results: Results, machine: dict[str, Any]) -> str:
    versions = "".join(f", {name} {v}" for name, v in sorted(results.versions().items()))
    quick = "A quick run: a fifth of the messages, fewer libraries, rough figures. " if machine["is_quick"] else ""
    return (
        f"{quick}Medians of {machine['repetitions']} repetitions, per message; `vs` is how many "
        "times faster logly is, paired within a repetition, or that library's own memory. "
        "JSON of logging is by python-json-logger with orjson. "
        f"{machine['cpu']}, {machine['cpus']} CPUs, "
        f"{machine['system']}, {machine['file_system']}, {machine['python']}{versions}. "
        f"Reproduce: `{shlex.join(machine['command'])}`"
    )


def _quantity(spread: Spread | None, figure: str, *, with_quartiles: bool = False) -> str:
    if spread is None:
        return "-"
    shown = _amount(spread.median, figure)
    return f"{shown} [{_amount(spread.first, figure)}, {_amount(spread.third, figure)}]" if with_quartiles else shown


def _amount(value: float, figure: str) -> str:
    if figure.endswith("_bytes"):
        return f"{value / 1024 / 1024:.1f} MiB"
    unit = max(
        (unit for unit, size in _UNITS.items() if abs(value) >= size),
        key=_UNITS.__getitem__,
        default="ns",
    )
    scaled = value / _UNITS[unit]
    return f"{scaled:.3g} {unit}" if abs(scaled) < 1_000 else f"{scaled:.0f} {unit}"  # noqa: PLR2004


def _table(header: list[str], lines: list[list[str]]) -> str:
    rows = [header, ["---"] * len(header), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)

"""The parts of reports: tables in markdown, amounts with their units, goals, and the conditions of a run."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.compare.figures import Results, Spread
    from benchmarks.compare.goals import Goal

_UNITS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}


def put_between_markers(path: Path, name: str, text: str) -> None:
    """Replace the text between the markers called *name* in *path* with *text*.

    Raises:
        ValueError: The file lacks the markers, or has them in the wrong order.
    """
    before, start, rest = path.read_text(encoding="utf-8").partition(f"<!-- {name}:start -->")
    _, end, after = rest.partition(f"<!-- {name}:end -->")
    if not start or not end:
        message = f"{path}: expected <!-- {name}:start --> and then <!-- {name}:end -->"
        raise ValueError(message)
    path.write_text(f"{before}{start}\n{text}\n{end}{after}", encoding="utf-8")


def describe_goal(goal: Goal, results: Results) -> str:
    """Return one line: the goal and the measured figure."""
    name = f"{goal.scenario} {goal.library} {goal.figure}"
    return f"{name}: {_claim(goal)}, measured {_outcome(goal, results)}"


def goal_table(results: Results, goals: tuple[Goal, ...]) -> str:
    """Return a table of *goals*, as far as their cells were run."""
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
    return table(["scenario", "library", "figure", "goal", "median [quartiles]", "met"], lines)


def _claim(goal: Goal) -> str:
    if goal.against is None:
        return f"<= {amount(goal.factor, goal.figure)}"
    cell = " of ".join(reversed(goal.against)) if goal.against[0] != goal.scenario else goal.against[1]
    return f"<= {goal.factor:g}x {cell}" if goal.is_ceiling else f"{goal.factor:g}x faster than {cell}"


def _outcome(goal: Goal, results: Results) -> str:
    measured = goal.measured(results)
    if measured is None:
        return "; ".join(f"{cell[1]}: {results.verdict(*cell)}" for cell in sorted(goal.needs) if results.has(*cell))
    if goal.against is None:
        return quantity(measured, goal.figure, with_quartiles=True)
    return f"{measured.median:.3g}x [{measured.first:.3g}, {measured.third:.3g}]"


def _met(goal: Goal, results: Results) -> str:
    if goal.measured(results) is None:
        return "-"
    return "yes" if goal.is_met(results) else "no"


def provenance(results: Results, machine: dict[str, Any]) -> str:
    """Return the sentence that says how, where and with which versions *results* were measured."""
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


def quantity(spread: Spread | None, figure: str, *, with_quartiles: bool = False) -> str:
    """Return a figure with its unit, or "-"."""
    if spread is None:
        return "-"
    shown = amount(spread.median, figure)
    return f"{shown} [{amount(spread.first, figure)}, {amount(spread.third, figure)}]" if with_quartiles else shown


def amount(value: float, figure: str) -> str:
    """Return *value*, in the unit that its *figure* has."""
    if figure.endswith("_bytes"):
        return f"{value / 1024 / 1024:.1f} MiB"
    unit = max(
        (unit for unit, size in _UNITS.items() if abs(value) >= size),
        key=_UNITS.__getitem__,
        default="ns",
    )
    scaled = value / _UNITS[unit]
    return f"{scaled:.3g} {unit}" if abs(scaled) < 1_000 else f"{scaled:.0f} {unit}"  # noqa: PLR2004


def table(header: list[str], lines: list[list[str]]) -> str:
    """Return a table in markdown."""
    rows = [header, ["---"] * len(header), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)

"""Medians, quartiles and paired ratios over the repetitions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.compare.runner import Row

# A row with one of these verdicts may have figures, but they do not belong to the requested work.
UNTRUSTED = ("lost", "error", "hang", "crash", "absent")


@dataclass(frozen=True)
class Spread:
    """A figure over the repetitions."""

    median: float
    first: float
    third: float
    least: float


def spread(values: list[float]) -> Spread | None:
    """Return the spread of *values*, None if there are none."""
    if not values:
        return None
    first, middle, third = quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    return Spread(middle, first, third, min(values))


class Results:
    """The rows of a run, by cell."""

    def __init__(self, rows: list[Row]) -> None:
        """Take the rows as the runner returns them."""
        self.rows = rows
        self._by_cell: dict[tuple[str, str], list[Row]] = {}
        for row in rows:
            self._by_cell.setdefault((row["scenario"], row["library"]), []).append(row)

    def has(self, scenario: str, library: str) -> bool:
        """Return whether the cell was run."""
        return (scenario, library) in self._by_cell

    def scenarios(self) -> set[str]:
        """Return the names of the scenarios that were run."""
        return {scenario for scenario, _ in self._by_cell}

    def figure(self, scenario: str, library: str, name: str) -> Spread | None:
        """Return the spread of the figure *name*."""
        return spread(list(self.values(scenario, library, name).values()))

    def ratio(self, above: tuple[str, str], below: tuple[str, str], name: str) -> Spread | None:
        """Return the spread of *above* / *below*, each taken within one repetition."""
        numerators, denominators = self.values(*above, name), self.values(*below, name)
        paired = [
            numerators[repetition] / denominators[repetition]
            for repetition in numerators
            if denominators.get(repetition, 0) > 0
        ]
        return spread(paired)

    def verdict(self, scenario: str, library: str) -> str:
        """Return "ok", "not run", or the other verdicts and how often each occurred."""
        rows = self._by_cell.get((scenario, library), [])
        if not rows:
            return "not run"
        counts = Counter(row["verdict"] for row in rows)
        failed = [f"{verdict} {count}/{len(rows)}" for verdict, count in counts.items() if verdict != "ok"]
        return ", ".join(failed) or "ok"

    def is_trusted(self, scenario: str, library: str) -> bool:
        """Return whether every repetition wrote every line, so that its figures may be compared.

        A peer that names the wrong caller has done the same work; logly's lines must be right.
        """
        rows = self._by_cell.get((scenario, library), [])
        refused = (*UNTRUSTED, "wrong") if library.startswith("logly") else UNTRUSTED
        return bool(rows) and not any(row["verdict"] in refused for row in rows)

    def detail(self, scenario: str, library: str) -> str:
        """Return the first detail of the cell's rows."""
        rows = self._by_cell.get((scenario, library), [])
        return next((row["detail"] for row in rows if row["detail"]), "")

    def total(self, scenario: str, library: str, name: str) -> int:
        """Return the sum of a count over the repetitions, such as `lost` or `dropped`."""
        return sum(row.get(name, 0) for row in self._by_cell.get((scenario, library), []))

    def versions(self) -> dict[str, str]:
        """Return the versions of all distributions the workers used."""
        return {name: version for row in self.rows for name, version in row["versions"].items()}

    def values(self, scenario: str, library: str, name: str) -> dict[int, float]:
        """Return the figure *name* of each repetition that has it."""
        rows = self._by_cell.get((scenario, library), [])
        return {row["repetition"]: row["figures"][name] for row in rows if name in row["figures"]}

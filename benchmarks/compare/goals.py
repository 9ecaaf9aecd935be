"""The goals for logly, and the check of a run against them.

Ratios hold within one run on one machine. Limits in nanoseconds are for orientation only; they are for
a 2-core virtual machine with CPython 3.11.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.compare.figures import Results, Spread

_CALLER = "caller_median_ns"
_WALL = "wall_ns"
_MIB = 1024 * 1024


@dataclass(frozen=True)
class Goal:
    """One claim about one figure of one of logly's cells.

    With `against`, the goal is a ratio: at least `factor` times faster than that cell, or, if
    `is_ceiling`, at most `factor` times its figure. Without `against`, the figure is at most `factor`.
    """

    scenario: str
    library: str
    figure: str
    factor: float
    against: tuple[str, str] | None = None
    is_ceiling: bool = False

    @property
    def needs(self) -> set[tuple[str, str]]:
        """The cells from which this goal is computed."""
        own = (self.scenario, self.library)
        return {own, self.against} if self.against else {own}

    def measured(self, results: Results) -> Spread | None:
        """Return the ratio or figure of this goal, or None if a cell's figures cannot be trusted."""
        if not all(results.is_trusted(*cell) for cell in self.needs):
            return None
        own = (self.scenario, self.library)
        if self.against is None:
            return results.figure(*own, self.figure)
        above, below = (own, self.against) if self.is_ceiling else (self.against, own)
        return results.ratio(above, below, self.figure)

    def is_met(self, results: Results, ease: float = 1) -> bool:
        """Return whether the median meets the goal; *ease* 2 asks for half of it.

        A missing figure meets no goal.
        """
        measured = self.measured(results)
        if measured is None:
            return False
        if self.against is None or self.is_ceiling:
            return measured.median <= self.factor * ease
        return measured.median >= self.factor / ease


def _faster(scenario: str, figure: str = _CALLER, **factors: float) -> list[Goal]:
    """Return goals to be *factors* times faster than each library; `_` stands for `-` in its name."""
    return [
        Goal(scenario, "logly", figure, factor, (scenario, library.replace("_", "-")))
        for library, factor in factors.items()
    ]


def _ceiling(scenario: str, figure: str, factor: float, against: tuple[str, str], library: str = "logly") -> Goal:
    return Goal(scenario, library, figure, factor, against, is_ceiling=True)


def _limit(scenario: str, figure: str, most: float, library: str = "logly") -> Goal:
    return Goal(scenario, library, figure, most)


GOALS = (
    _ceiling("filtered", "loop_ns", 1.5, ("floors", "empty-native-call")),
    *_faster("filtered", "loop_ns", logging=3, loguru=6),
    *_faster("plain", logging=60, loguru=80),
    *_faster("template", logging=50, loguru=80, picologging=40),
    *_faster("json_lines", logging_json=60, structlog=60),
    _ceiling("three_sinks", _CALLER, 1.2, ("template", "logly")),
    _ceiling("three_sinks", _WALL, 3, ("template", "logly")),
    *_faster("threads", _WALL, logging=40),
    *_faster("paced", logging=30, loguru=30, structlog=30, picologging=30),
    *_faster("exception", logging=8, loguru=3),
    _ceiling("statement_1000", _CALLER, 1.1, ("statement_1", "logly")),
    Goal("sync_file", "logly-sync", _CALLER, 5, ("sync_file", "logging")),
    _ceiling("rotation", _CALLER, 1.1, ("rotation", "logly"), library="logly-rotating"),
    _ceiling("rotation", _WALL, 1.3, ("rotation", "logly"), library="logly-rotating"),
    Goal("sync_rotation", "logly-sync-rotating", _CALLER, 3, ("sync_rotation", "logging-rotating")),
    _ceiling("archives_5000", "rotation_ns", 2, ("archives_10", "logly-per-line"), library="logly-per-line"),
    _limit("burst", "rss_growth_bytes", 20 * _MIB),
)

# These limits are for orientation: figures differ between machines.
LIMITS = (
    _limit("filtered", "loop_ns", 30),
    _limit("plain", _CALLER, 90),
    _limit("plain", _WALL, 180),
    _limit("template", _CALLER, 110),
    _limit("template", "caller_p99_ns", 250),
    _limit("template", "caller_p999_ns", 2_000),
    _limit("template", _WALL, 220),
    _limit("template", "cpu_ns", 280),
    _limit("bound", _CALLER, 130),
    _limit("json_lines", _CALLER, 115),
    _limit("json_lines", _WALL, 300),
    _limit("threads", _WALL, 250),
    _limit("paced", _CALLER, 180),
    _limit("paced", "caller_p999_ns", 10_000),
    _limit("exception", _CALLER, 10_000),
    _limit("sync_file", _CALLER, 1_300, library="logly-sync"),
    _limit("opening", "opening_ns", 50_000_000, library="logly-rotating"),
    _limit("import", "import_ns", 20_000_000),
)

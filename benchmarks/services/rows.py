"""The rows of the table of services: each has entries, which are set-ups of a library, and goals for logly."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.compare.goals import Goal

CALLER = "caller_median_ns"
WALL = "wall_ns"


@dataclass(frozen=True)
class Entry:
    """A set-up: its name in the report, and the module and function that make it."""

    name: str
    module: str
    function: str


@dataclass(frozen=True)
class Row:
    """One row. The first entry is logly's; `figure` is judged; `calls`, if any, is the fixed number in each pass."""

    name: str
    title: str
    entries: tuple[Entry, ...]
    figure: str = CALLER
    calls: int = 0

    def entry(self, name: str) -> Entry:
        """Return the entry called *name*.

        Raises:
            KeyError: The row has no such entry.
        """
        return {entry.name: entry for entry in self.entries}[name]


def _row(name: str, title: str, entries: str, figure: str = CALLER, calls: int = 0) -> Row:
    """Return a row whose *entries* are written as `module.function`; the name has `-` for `.` and `_`."""
    parsed = tuple(
        Entry(f"{'logging' if module == 'standard' else module}-{function}".replace("_", "-"), module, function)
        for module, _, function in (entry.partition(".") for entry in entries.split())
    )
    return Row(name, title, parsed, figure, calls)


ROWS = (
    _row("plain_json", "JSON lines to a file, 3 fields", "logly.plain_json standard.json_lines logust.plain_json"),
    _row(
        "intercepted",
        "a call of `logging` that ends in a file",
        "logly.intercepted logly.intercepted_slowly standard.file_handler loguru.intercepted",
    ),
    _row(
        "intercepted_beside",
        "the same beside a handler of the program",
        "logly.intercepted_beside standard.looking_handler standard.null_handler",
    ),
    _row("span", "OpenTelemetry's ids in every record", "logly.span structlog.span"),
    _row("variables", "three ContextVars as fields", "logly.variables structlog.variables"),
    _row("redacted", "redaction of keys and patterns", "logly.redacted loguru.redacted structlog.redacted", WALL),
    _row("where", "a condition on a file sink", "logly.where logly.filter_function loguru.filter_function", WALL),
    _row("ecs", "Elastic's common schema", "logly.ecs standard.ecs", WALL),
    _row("gcp", "the schema of Google Cloud", "logly.gcp", WALL),
    _row("renamed", "renamed keys", "logly.renamed", WALL),
    _row(
        "stdout",
        "JSON on standard output, a pipe",
        "logly.stdout standard.stdout loguru.stdout structlog.stdout logust.stdout",
    ),
    _row("filter", "a filter function", "logly.filter_function loguru.filter_function logust.filter_function"),
    _row("patcher", "a patcher", "logly.patcher loguru.patcher logust.patcher"),
    _row("function", "a function as sink", "logly.function loguru.function logust.function"),
    _row("braces", '`"{}", i`', "logly.braces loguru.braces"),
    _row("percent", '`"%s", i`', "logly.percent standard.percent"),
    _row("decimals", "`{a:.2f}`", "logly.decimals loguru.decimals"),
    _row("dict_field", "a dict of 3 as a field, JSON", "logly.dict_field structlog.dict_field"),
    _row("callback", "a callback attached", "logly.callback"),
    _row("new_places", "a call at a place never seen before", "logly.new_places loguru.new_places", calls=20_000),
    _row(
        "service",
        "a request: 7 records, ids, redaction, ECS on a pipe",
        "logly.service standard.service loguru.service structlog.service",
        "request_ns",
    ),
)

BY_NAME = {row.name: row for row in ROWS}


def _faster(row: str, factor: float, entry: str, figure: str = CALLER) -> Goal:
    return Goal(row, BY_NAME[row].entries[0].name, figure, factor, (row, entry))


def _at_most(row: str, factor: float, against: tuple[str, str], figure: str = CALLER) -> Goal:
    return Goal(row, BY_NAME[row].entries[0].name, figure, factor, against, is_ceiling=True)


def _limit(row: str, nanoseconds: float, figure: str = CALLER) -> Goal:
    return Goal(row, BY_NAME[row].entries[0].name, figure, nanoseconds)


_PLAIN = ("plain_json", "logly-plain-json")
GOALS = (
    _faster("intercepted", 20, "logging-file-handler"),
    _faster("intercepted", 30, "loguru-intercepted"),
    _at_most("intercepted_beside", 1.5, ("intercepted_beside", "logging-looking-handler")),
    _faster("span", 40, "structlog-span"),
    _at_most("ecs", 1.1, _PLAIN, WALL),
    _at_most("gcp", 1.1, _PLAIN, WALL),
    _at_most("renamed", 1.1, _PLAIN, WALL),
    _faster("ecs", 60, "logging-ecs", CALLER),
    _faster("stdout", 30, "logging-stdout"),
    _faster("filter", 4, "loguru-filter-function"),
    _faster("patcher", 4, "loguru-patcher"),
    _faster("function", 4, "loguru-function"),
    _faster("service", 8, "logging-service", "request_ns"),
    _faster("service", 10, "loguru-service", "request_ns"),
)
"""Ratios, which hold on one machine within one run."""

LIMITS = (
    _limit("intercepted", 300),
    _limit("stdout", 150),
    _limit("filter", 3_000),
    _limit("patcher", 3_000),
    _limit("function", 3_000),
    _limit("braces", 150),
    _limit("percent", 150),
    _limit("decimals", 200),
    _limit("dict_field", 500),
)
"""Nanoseconds, for orientation: they hold for one kind of machine."""

ADDED = (
    ("span", CALLER, 20),
    ("variables", CALLER, 40),
    ("callback", CALLER, 40),
    ("redacted", CALLER, 0),
    ("redacted", WALL, 600),
    ("where", CALLER, 0),
    ("where", WALL, 150),
)
"""Rows that are compared with the row `plain_json`: the figure, and the most nanoseconds that it may grow by."""

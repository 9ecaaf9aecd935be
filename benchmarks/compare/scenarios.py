"""What is measured: one entry per scenario, with the libraries that can do it.

A scenario is data. `worker.py` runs it, `content.py` says which lines must be in the file
afterwards, `goals.py` what logly is held to.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace


class Shape(enum.Enum):
    """What one call logs. Every library renders the same content for a shape."""

    FILTERED = "filtered"
    PLAIN = "plain"
    FRESH = "fresh"
    TEMPLATE = "template"
    BOUND = "bound"
    JSON = "json"
    SINKS = "sinks"
    EXCEPTION = "exception"


@dataclass(frozen=True)
class Scenario:
    """One row of the comparison.

    `figure` names the figure the row is judged by. `messages` is the fixed count of the plain loop,
    over all threads; 0 lets the worker choose a count that takes about `PASS_NS`. `paced` calls, if
    any, are made 10,000 a second. `statement` places the call in a function of 1,000 statements.
    `baseline` is a scenario of the same library to divide by.
    """

    name: str
    title: str
    shape: Shape
    libraries: tuple[str, ...]
    figure: str = "caller_median_ns"
    is_timed: bool = True
    is_looped: bool = True
    messages: int = 0
    threads: int = 1
    paced: int = 0
    statement: int = 0
    baseline: str = ""
    is_import: bool = False

    def scaled(self, share: float) -> Scenario:
        """Return the scenario with its fixed counts cut to *share*; a quick run uses it."""
        per_thread = int(self.messages / self.threads * share)
        return replace(self, messages=per_thread * self.threads, paced=int(self.paced * share))


FLOORS = ("empty-native-call", "python-def", "os-write", "buffered-write")
NOT_IN_QUICK = ("logging-queue", "loguru-enqueue", "picologging")
PLAIN_TEXT = ("logging", "loguru", "structlog", "picologging", "logly")
EVERY_TEXT = (
    "logging",
    "logging-queue",
    "loguru",
    "loguru-enqueue",
    "structlog",
    "picologging",
    "logly",
)
# picologging does not look at the line of the call, but at that of its caller.
LOCATED = ("logging", "loguru", "logly")
SEED = ("logging", "logly", "logly-sync")

SCENARIOS = (
    Scenario("floors", "floors", Shape.PLAIN, FLOORS),
    Scenario("filtered", "filtered-out call, 3 keywords", Shape.FILTERED, PLAIN_TEXT, figure="loop_ns"),
    Scenario("plain", "plain message to a file", Shape.PLAIN, EVERY_TEXT),
    Scenario("template", "template, 3 fields, module:function:line", Shape.TEMPLATE, EVERY_TEXT),
    Scenario(
        "bound",
        "the same through bind(3) and contextualize",
        Shape.BOUND,
        ("logging", "loguru", "structlog", "logly"),
        baseline="template",
    ),
    Scenario(
        "json_lines",
        "JSON lines, 3 fields",
        Shape.JSON,
        ("logging-json", "loguru", "structlog", "logly"),
    ),
    Scenario(
        "three_sinks",
        "three sinks: text, JSON, errors only",
        Shape.SINKS,
        ("logging-json", "loguru", "logly"),
        baseline="template",
    ),
    Scenario(
        "threads",
        "4 threads x 25,000",
        Shape.TEMPLATE,
        ("logging", "logging-queue", "loguru", "structlog", "picologging", "logly"),
        figure="wall_ns",
        is_timed=False,
        messages=100_000,
        threads=4,
    ),
    Scenario(
        "paced",
        "paced, 10,000 a second",
        Shape.TEMPLATE,
        EVERY_TEXT,
        is_timed=False,
        is_looped=False,
        paced=5_000,
    ),
    Scenario(
        "exception",
        "exception, 7 frames",
        Shape.EXCEPTION,
        PLAIN_TEXT,
    ),
    Scenario(
        "statement_1",
        "call at statement 1 of 1,000",
        Shape.TEMPLATE,
        LOCATED,
        is_looped=False,
        statement=1,
    ),
    Scenario(
        "statement_1000",
        "call at statement 1,000 of 1,000",
        Shape.TEMPLATE,
        LOCATED,
        is_looped=False,
        statement=1_000,
        baseline="statement_1",
    ),
    Scenario(
        "sync_file",
        "synchronous file sink",
        Shape.TEMPLATE,
        ("logging", "loguru", "picologging", "logly-sync"),
    ),
    Scenario(
        "burst",
        "50,000-message burst: memory",
        Shape.TEMPLATE,
        EVERY_TEXT,
        figure="rss_growth_bytes",
        is_timed=False,
        messages=50_000,
    ),
    Scenario(
        "import",
        "import",
        Shape.PLAIN,
        ("logging", "logging-json", "loguru", "structlog", "picologging", "logly"),
        figure="import_ns",
        is_import=True,
    ),
    Scenario(
        "seed_single",
        "50,000 messages",
        Shape.FRESH,
        SEED,
        figure="wall_ns",
        is_timed=False,
        messages=50_000,
    ),
    Scenario(
        "seed_threads",
        "4 threads x 25,000 messages",
        Shape.FRESH,
        SEED,
        figure="wall_ns",
        is_timed=False,
        messages=100_000,
        threads=4,
    ),
)

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}

"""The measured scenarios, each with the libraries that support it.

A scenario is data. `worker.py` runs it, `content.py` defines the lines that must be in the file
afterwards, and `goals.py` defines the goals for logly.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace


class Shape(enum.Enum):
    """The content of one call. Every library renders the same content for a shape."""

    FILTERED = "filtered"
    PLAIN = "plain"
    FRESH = "fresh"
    TEMPLATE = "template"
    BOUND = "bound"
    JSON = "json"
    SINKS = "sinks"
    EXCEPTION = "exception"


class Kind(enum.Enum):
    """The kind of work in a measurement."""

    CALLS = "calls"
    IMPORT = "import"
    OPENING = "opening"
    ROTATIONS = "rotations"


@dataclass(frozen=True)
class Scenario:
    """One row of the comparison.

    `figure` names the figure by which the row is judged. `messages` is the fixed count of the plain loop,
    over all threads; with 0, the worker chooses a count that takes about `PASS_NS`. `timed` is the fixed
    count of the timed calls. `paced` calls, if any, are made at 10,000 per second. `statement` places the
    call in a function of 1,000 statements. `baseline` is a scenario of the same library to divide by.
    `own` is logly's entry that is compared with the others. `beside` is the number of files already in
    the folder. A quick run does not cut a scenario that `is_whole`. `repetitions`, if any, is the most
    times the scenario is run.
    """

    name: str
    title: str
    shape: Shape
    libraries: tuple[str, ...]
    figure: str = "caller_median_ns"
    is_timed: bool = True
    is_looped: bool = True
    messages: int = 0
    timed: int = 0
    threads: int = 1
    paced: int = 0
    statement: int = 0
    baseline: str = ""
    own: str = "logly"
    kind: Kind = Kind.CALLS
    beside: int = 0
    is_whole: bool = False
    repetitions: int = 0

    def scaled(self, share: float) -> Scenario:
        """Return the scenario with its fixed counts cut to *share*; a quick run uses it."""
        if self.is_whole:
            return self
        per_thread = int(self.messages / self.threads * share)
        return replace(self, messages=per_thread * self.threads, paced=int(self.paced * share))


FLOORS = ("empty-native-call", "python-def", "os-write", "buffered-write")
NOT_IN_QUICK = {
    "logging-queue",
    "loguru-enqueue",
    "loguru-rotating",
    "picologging",
    "opening",
    "archives_10",
    "archives_5000",
}
"""Libraries and scenarios that would take most of the time of a quick run."""
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
# picologging is left out: it uses the line of the caller, not the line of the call.
LOCATED = ("logging", "loguru", "logly")
OVERVIEW = ("logging", "logly", "logly-sync")
PER_LINE = ("logging-per-line", "loguru-per-line", "logly-per-line")
ROTATING = ("logging-rotating", "loguru-rotating", "logly-rotating")

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
        own="logly-sync",
    ),
    Scenario(
        "rotation",
        "rotation every 10 MB, compressed",
        Shape.TEMPLATE,
        ("logly", *ROTATING),
        messages=250_000,
        timed=250_000,
        own="logly-rotating",
        is_whole=True,
        repetitions=5,
    ),
    Scenario(
        "sync_rotation",
        "synchronous file sink that rotates",
        Shape.TEMPLATE,
        ("logging-rotating", "loguru-rotating", "logly-sync", "logly-sync-rotating"),
        own="logly-sync-rotating",
    ),
    Scenario(
        "opening",
        "opening a sink beside 10,000 files",
        Shape.TEMPLATE,
        ROTATING,
        figure="opening_ns",
        own="logly-rotating",
        kind=Kind.OPENING,
        beside=10_000,
        repetitions=3,
    ),
    Scenario(
        "archives_10",
        "a rotation, 10 archives among 5,000 files",
        Shape.TEMPLATE,
        PER_LINE,
        figure="rotation_ns",
        own="logly-per-line",
        kind=Kind.ROTATIONS,
        beside=10,
        repetitions=3,
    ),
    Scenario(
        "archives_5000",
        "a rotation, 5,000 archives",
        Shape.TEMPLATE,
        PER_LINE,
        figure="rotation_ns",
        baseline="archives_10",
        own="logly-per-line",
        kind=Kind.ROTATIONS,
        beside=5_000,
        repetitions=3,
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
        kind=Kind.IMPORT,
    ),
    Scenario(
        "overview_single",
        "50,000 messages",
        Shape.FRESH,
        OVERVIEW,
        figure="wall_ns",
        is_timed=False,
        messages=50_000,
    ),
    Scenario(
        "overview_threads",
        "4 threads x 25,000 messages",
        Shape.FRESH,
        OVERVIEW,
        figure="wall_ns",
        is_timed=False,
        messages=100_000,
        threads=4,
    ),
)

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}

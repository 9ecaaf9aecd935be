"""The counts of a logger as text for Prometheus: the function `metrics_text`."""

from __future__ import annotations

from logly._logly import __version__
from logly._naming import guided
from logly.logger._given import logger_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, Callable

    from logly.logger import Logger
    from logly.typing import Stats

    Counts = Mapping[str, Any]
    """The counts of one sink or callback, as `Logger.stats` has them; the keys depend on the kind."""
    Samples = list[tuple[dict[str, str], float]]
    """Values of one metric, each with its labels."""


@guided
def metrics_text(logger: Logger | None = None) -> str:
    r"""Return the counts of the logger of this process in Prometheus' text format, version 0.0.4.

    The metrics, each with the labels `sink` (the id), `name` and `kind`, which is `callback` for callbacks:

    - `logly_records_total{level=}`: records that the sink was handed.
    - `logly_accepted_total`, `logly_written_total`, `logly_filtered_total`: records by outcome, as in `Logger.stats`.
    - `logly_dropped_total{reason=}`: records that the sink wanted and did not get.
    - `logly_pending_records` and `logly_queue_bytes`: the records that wait now, and the bytes of the queue. Files that
      share a queue show the same bytes.
    - `logly_write_seconds_total`: time in writes to a file or console.
    - `logly_recovered_total`: of files with `durability="crash"`, records of dead processes that were written.
    - `logly_export_records_total{outcome=}`, `logly_export_requests_total`, `logly_export_retries_total`,
      `logly_export_cut_total` and `logly_spool_bytes`: the requests and messages of a sink of OTLP, syslog or journald.
    - `logly_build_info{version=}`: always 1.

    Serve the text as `text/plain; version=0.0.4; charset=utf-8`. Nothing is sent or served by logly itself.

    Args:
        logger: A logger of its own; by default the logger of the package.

    Example:
        >>> import logly
        >>> from logly import logger
        >>> logger.configure(show_time=False)
        >>> logger.warning("disk is {percent} % full", percent=91)
        WARNING | disk is 91 % full
        >>> print(*[line for line in logly.metrics_text().splitlines() if line.startswith("logly_records")])
        logly_records_total{sink="...",name="stdout",kind="console",level="WARNING"} 1
        >>> logger.reset()
    """
    stats = logger_of(logger).stats()
    sinks = list(_labelled(stats))
    lines = list(_family("build_info", "gauge", "The version of logly.", [({"version": __version__}, 1)]))
    for name, kind, help_text, samples in _FAMILIES:
        found = [({**labels, **own}, value) for labels, counts in sinks for own, value in samples(counts)]
        lines += _family(name, kind, help_text, found)
    return "\n".join(lines) + "\n"


def _labelled(stats: Stats) -> Iterator[tuple[dict[str, str], Counts]]:
    for number, sink in stats["sinks"].items():
        yield {"sink": str(number), "name": sink["name"], "kind": sink["kind"]}, sink
    for number, callback in stats["callbacks"].items():
        yield {"sink": str(number), "name": callback["name"], "kind": "callback"}, callback


def _family(name: str, kind: str, help_text: str, samples: Samples) -> Iterator[str]:
    """Yield the lines of one metric. A metric without samples has none."""
    if not samples:
        return
    yield f"# HELP logly_{name} {help_text}"
    yield f"# TYPE logly_{name} {kind}"
    for labels, value in samples:
        shown = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"logly_{name}{{{shown}}} {value}"


def _escaped(text: str) -> str:
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(key: str) -> Callable[[Counts], Samples]:
    """Return a function that finds the number under a key, which some kinds of sinks lack."""
    return lambda counts: [({}, counts[key])] if key in counts else []


def _each(key: str, label: str) -> Callable[[Counts], Samples]:
    """Return a function that finds the numbers of the dict under a key."""
    return lambda counts: [({label: name}, count) for name, count in counts[key].items()]


def _of_export(key: str) -> Callable[[Counts], Samples]:
    return lambda counts: [({}, counts["export"][key])] if "export" in counts else []


def _outcomes_of_export(counts: Counts) -> Samples:
    outcomes = ("sent", "spooled", "rejected", "lost") if "export" in counts else ()
    return [({"outcome": outcome}, counts["export"][outcome]) for outcome in outcomes]


_FAMILIES = [
    ("records_total", "counter", "Records that the sink was handed, by level.", _each("levels", "level")),
    ("accepted_total", "counter", "Records that were offered to the sink.", _number("accepted")),
    ("written_total", "counter", "Records that the sink took.", _number("written")),
    ("filtered_total", "counter", "Records that the sink did not want.", _number("filtered")),
    ("dropped_total", "counter", "Records that the sink wanted and did not get.", _each("dropped", "reason")),
    ("pending_records", "gauge", "Records that wait for the sink.", _number("pending")),
    ("queue_bytes", "gauge", "Bytes in use of the queue of the sink.", _number("queue_bytes")),
    ("write_seconds_total", "counter", "Seconds spent in writes.", _number("write_seconds")),
    ("recovered_total", "counter", "Records of dead processes that were written.", _number("recovered")),
    ("export_records_total", "counter", "Records of an export, by outcome.", _outcomes_of_export),
    ("export_requests_total", "counter", "Requests of an export.", _of_export("requests")),
    (
        "export_retries_total",
        "counter",
        "Requests of an export that failed and were sent again.",
        _of_export("retries"),
    ),
    ("export_cut_total", "counter", "Messages of an export that were cut.", _of_export("cut")),
    ("spool_bytes", "gauge", "Bytes in the spool of an export.", _of_export("spool_bytes")),
]

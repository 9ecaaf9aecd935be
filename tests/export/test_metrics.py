"""`logly.metrics_text`: the counts of `stats()` in Prometheus' text format, and the counts that only it needs."""

from __future__ import annotations

import io
import os
import textwrap
import threading
import time

import logly
import pytest
from logly import Logger, logger
from prometheus_client.parser import text_string_to_metric_families

from tests.support import child

pytestmark = pytest.mark.usefixtures("no_console")

LIMIT = 20


def samples(own=None):
    """Return the samples of the text as an independent parser reads them, by metric."""
    text = logly.metrics_text() if own is None else logly.metrics_text(own)
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def by(label, metric, sink):
    return {labels[label]: value for labels, value in samples()[metric] if labels["sink"] == str(sink)}


@pytest.mark.parametrize(
    "options",
    [{}, {"async_write": False}, {"json": True}, {"filter": lambda record: True}, {"redact": True}, {"sample": 1.0}],
    ids=["plain", "inline", "json", "filter", "masks", "sample"],
)
def test_file_counts_by_level_what_it_was_handed(tmp_path, options):
    sink = logger.add(tmp_path / "app.log", level="INFO", **options)
    logger.level("AUDIT", no=35)

    for _ in range(3):
        logger.info("password=hunter2")
    logger.log("AUDIT", "m")
    logger.log(33, "a number")
    logger.debug("not wanted")
    assert logger.complete(LIMIT)

    assert by("level", "logly_records_total", sink) == {"INFO": 3, "AUDIT": 1, "other": 1}
    assert logger.stats()["sinks"][sink]["levels"] == {"INFO": 3, "AUDIT": 1, "other": 1}


@pytest.mark.parametrize(
    ("target", "options"),
    [
        (io.StringIO, {}),
        (io.StringIO, {"async_write": True}),
        (lambda: lambda line: None, {}),
        (lambda: lambda line: None, {"async_write": True}),
        (lambda: "stdout", {}),
    ],
    ids=["stream", "background stream", "function", "background function", "console"],
)
def test_other_sinks_count_by_level(target, options, capsys):
    sink = logger.add(target(), level="INFO", **options)

    logger.info("one")
    logger.info("two")
    logger.error("three")
    logger.debug("not wanted")
    assert logger.complete(LIMIT)

    assert by("level", "logly_records_total", sink) == {"INFO": 2, "ERROR": 1}


def test_callbacks_and_sinks_that_fail_are_handed_their_records():
    def fail(record):
        raise ValueError

    callback = logger.add_callback(fail, level="WARNING", name="fails")

    logger.warning("one")
    logger.info("not wanted")
    assert logger.complete(LIMIT)

    assert by("level", "logly_records_total", callback) == {"WARNING": 1}
    assert by("reason", "logly_dropped_total", callback)["sink_error"] == 1
    labels = {labels["kind"] for labels, _ in samples()["logly_records_total"]}
    assert labels == {"callback"}


def test_records_that_a_sink_logs_to_itself_are_not_handed_to_it():
    def log_again(line):
        logger.error("inner")

    sink = logger.add(log_again)

    logger.info("outer")

    assert by("level", "logly_records_total", sink) == {"INFO": 1}
    assert by("reason", "logly_dropped_total", sink)["reentrant"] == 1


def test_numbers_are_those_of_stats(tmp_path):
    sink = logger.add(tmp_path / "app.log", level="WARNING")
    for number in range(100):
        logger.log("INFO" if number % 2 else "ERROR", "m")
    assert logger.complete(LIMIT)

    counts, found = logger.stats()["sinks"][sink], samples()

    for key in ("accepted", "written", "filtered"):
        assert [value for _, value in found[f"logly_{key}_total"]] == [counts[key]]
    assert counts["written"] == 50
    assert found["logly_pending_records"][0][1] == 0
    assert by("reason", "logly_dropped_total", sink) == counts["dropped"]
    assert found["logly_build_info"] == [({"version": logly.__version__}, 1.0)]


def test_queue_of_a_slow_file_and_the_time_of_its_writes_are_told(tmp_path):
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    sink = logger.add(fifo, buffer_size=1024 * 1024, overflow="drop_new")
    begun = time.perf_counter()
    try:
        # The pipe takes 64 KiB, so the writer waits in a write, and the records behind it wait in the queue.
        while logger.stats()["sinks"][sink]["queue_bytes"] == 0:
            logger.info("x" * 1000)
            assert time.perf_counter() - begun < LIMIT
        assert samples()["logly_queue_bytes"][0][1] > 0
    finally:
        emptying = threading.Thread(target=read_all, args=(reader,))
        emptying.start()
        logger.remove(sink)
        emptying.join(LIMIT)


def test_time_of_writes_is_within_the_time_that_passed(tmp_path):
    begun = time.perf_counter()
    sink = logger.add(tmp_path / "app.log")
    for _ in range(1000):
        logger.info("m")
    assert logger.complete(LIMIT)

    seconds = logger.stats()["sinks"][sink]["write_seconds"]

    assert 0 < seconds <= time.perf_counter() - begun
    assert samples()["logly_write_seconds_total"][0][1] == seconds


def read_all(descriptor):
    os.set_blocking(descriptor, True)
    while os.read(descriptor, 65536):
        pass
    os.close(descriptor)


def test_labels_are_escaped(tmp_path):
    path = tmp_path / 'a "quoted"\nback\\slash.log'
    logger.add(path)

    assert {labels["name"] for labels, _ in samples()["logly_accepted_total"]} == {str(path)}


def test_name_that_is_no_text_is_shown_with_marks(tmp_path):
    logger.add(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.log"))

    text = logly.metrics_text()

    assert "\N{REPLACEMENT CHARACTER}.log" in text.encode("utf-8").decode("utf-8")


def test_each_metric_is_described_once(tmp_path):
    for number in range(3):
        logger.add(tmp_path / f"{number}.log")
    lines = logly.metrics_text().splitlines()

    described = [line.split()[2] for line in lines if line.startswith("# TYPE")]

    assert len(described) == len(set(described))
    assert logly.metrics_text().endswith("\n")


def test_a_logger_of_its_own_is_counted_alone(tmp_path):
    own = Logger()
    own.configure(console=False)
    own.add(tmp_path / "own.log")
    own.info("m")
    assert own.complete(LIMIT)

    assert [value for _, value in samples(own)["logly_records_total"]] == [1]
    assert "logly_records_total" not in samples()


def test_a_logger_without_sinks_has_its_version_alone():
    assert set(samples()) == {"logly_build_info"}


def test_forked_child_counts_from_0(tmp_path):
    code = textwrap.dedent("""
        import os, logly
        from logly import logger
        logger.configure(console=False)
        logger.add("app.log")
        logger.info("parent")
        logger.complete()
        if os.fork() == 0:
            print("logly_records_total" in logly.metrics_text(), flush=True)
            os._exit(0)
        os.wait()
        print("logly_records_total" in logly.metrics_text())
        """)
    ended = child.run(code, cwd=tmp_path)

    assert ended.stdout.split() == ["False", "True"]

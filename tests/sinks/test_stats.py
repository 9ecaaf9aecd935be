"""`Logger.stats`: every record offered to a sink is counted exactly once, at any moment."""

from __future__ import annotations

import gc
import io
import os
import threading
import typing

import logly.testing
import pytest
from logly import Logger, logger
from logly.typing import DropCounts, SinkStats

from tests.support import child

pytestmark = pytest.mark.usefixtures("no_console")

LIMIT = 20
NOTHING = {"overflow": 0, "closed": 0, "reentrant": 0, "sink_error": 0, "exit_timeout": 0, "sampled": 0, "limited": 0}


def counts_of(sink):
    """Return the outcomes of the records of one sink."""
    counts = logger.stats()["sinks"][sink]
    return {key: counts[key] for key in ("accepted", "written", "filtered", "dropped", "pending")}


def expected(accepted, written=0, filtered=0, pending=0, **dropped):
    return {
        "accepted": accepted,
        "written": written,
        "filtered": filtered,
        "dropped": {**NOTHING, **dropped},
        "pending": pending,
    }


def test_every_sink_is_there_with_its_kind_and_name(tmp_path):
    first = logger.add("stderr")
    second = logger.add(tmp_path / "app.log")

    sinks = logger.stats()["sinks"]

    assert [(sink, info["kind"], info["name"]) for sink, info in sinks.items()] == [
        (first, "console", "stderr"),
        (second, "file", str(tmp_path / "app.log")),
    ]


def test_keys_are_those_of_the_types():
    sink = logger.add(io.StringIO())

    stats = logger.stats()

    of_some_kinds = {"export", "durable", "recovered", "skipped", "left_out"}
    assert set(stats["sinks"][sink]) == set(typing.get_type_hints(SinkStats)) - of_some_kinds
    assert set(stats["sinks"][sink]["dropped"]) == set(typing.get_type_hints(DropCounts))
    assert stats["callbacks"] == {}


@pytest.mark.parametrize("options", [{}, {"async_write": False}, {"buffer_size": 65536}, {"overflow": "drop_old"}])
def test_file_counts_what_was_logged_since_it_was_added(tmp_path, options):
    logger.add(tmp_path / "other.log", **options)
    logger.info("before")
    sink = logger.add(tmp_path / "app.log", level="INFO", **options)

    for _ in range(100):
        logger.info("m")
    assert logger.complete(LIMIT)

    assert counts_of(sink) == expected(100, written=100)


def test_stream_and_console_count_what_they_wrote(capsys):
    console, stream = logger.add("stdout"), logger.add(io.StringIO())

    logger.info("m")

    assert counts_of(console) == counts_of(stream) == expected(1, written=1)
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize("is_file", [True, False])
@pytest.mark.parametrize(
    "options", [{"level": "ERROR"}, {"filter": "elsewhere"}, {"filter": lambda _: False}, {"filter_function": "no"}]
)
def test_unwanted_records_count_as_filtered(tmp_path, is_file, options):
    logger.add(io.StringIO(), level="TRACE")
    sink = logger.add(tmp_path / "app.log" if is_file else io.StringIO(), **options)

    logger.info("m")
    assert logger.complete(LIMIT)

    assert counts_of(sink) == expected(1, filtered=1)


def test_records_that_no_sink_wants_count_nowhere(tmp_path):
    sink = logger.add(tmp_path / "app.log", level="ERROR")

    logger.info("m")

    assert counts_of(sink) == expected(0)


@pytest.mark.parametrize("is_file", [True, False])
def test_records_of_a_sink_that_is_off_count_as_filtered(tmp_path, is_file):
    kept = logger.add(tmp_path / "kept.log")
    logger.add(io.StringIO())
    sink = logger.add(tmp_path / "app.log" if is_file else io.StringIO())

    logger.disable_sink(sink)
    logger.info("m")
    logger.enable_sink(sink)
    logger.info("m")
    assert logger.complete(LIMIT)

    assert counts_of(sink) == expected(2, written=1, filtered=1)
    assert counts_of(kept) == expected(2, written=2)


def test_lines_of_format_functions_count_once(tmp_path):
    sink = logger.add(tmp_path / "app.log", format=lambda record: record["message"])

    for _ in range(10):
        logger.info("m")
    assert logger.complete(LIMIT)

    assert counts_of(sink) == expected(10, written=10)


def test_writing_that_fails_counts_as_a_sink_error(capfd):
    class Broken:
        def write(self, text):
            raise OSError(text)

    sink = logger.add(Broken())
    for _ in range(3):
        logger.info("m")

    assert counts_of(sink) == expected(3, sink_error=3)
    assert "raised OSError" in capfd.readouterr().err


def test_what_a_sink_logs_counts_as_reentrant_for_itself(tmp_path):
    class Echo:
        def write(self, text):
            logger.info("echo")

    sink, file = logger.add(Echo()), logger.add(tmp_path / "app.log")

    logger.info("m")
    assert logger.complete(LIMIT)

    assert counts_of(sink) == expected(2, written=1, reentrant=1)
    assert counts_of(file) == expected(2, written=2)


def test_records_that_a_capture_took_count_for_no_sink(tmp_path):
    file, stream = logger.add(tmp_path / "app.log"), logger.add(io.StringIO())

    logger.info("m")
    with logly.testing.capture():
        logger.info("m")
        added = logger.add(tmp_path / "added.log")
    logger.info("m")
    assert logger.complete(LIMIT)

    assert counts_of(file) == counts_of(stream) == expected(2, written=2)
    assert counts_of(added) == expected(1, written=1)


def test_lines_given_up_when_a_file_is_closed_count_as_closed(capfd):
    sink = logger.add("/dev/full")
    for _ in range(3):
        logger.info("m")
    assert not logger.flush(1)
    before = counts_of(sink)

    with logly.testing.capture():
        logger.flush(LIMIT)

    assert before == expected(3, pending=3)
    assert counts_of(sink) == expected(3, closed=3)
    assert "/dev/full: closed with 3 lines that could not be written" in capfd.readouterr().err


def test_lines_that_a_full_disk_has_no_room_for_count_as_sink_errors(capfd):
    sink = logger.add("/dev/full", format="{message}")
    for _ in range(12):
        logger.info("x" * 1_000_000)
    logger.flush(LIMIT)

    counts = counts_of(sink)
    assert 3 <= counts["dropped"]["sink_error"] < 12
    assert counts["pending"] == 12 - counts["dropped"]["sink_error"]
    assert capfd.readouterr().err.count("cannot write") == 1


def test_removed_sinks_are_not_counted(tmp_path):
    sink = logger.add(tmp_path / "app.log")
    logger.info("m")

    logger.remove(sink)

    assert logger.stats() == {"sinks": {}, "callbacks": {}}


def test_sink_info_shows_the_same_counts():
    sink = logger.add(io.StringIO(), level="WARNING")
    logger.add(io.StringIO())

    logger.info("m")
    logger.error("m")

    info = logger.sink_info(sink)
    assert (info["written"], info["filtered"], info["dropped"]) == (1, 1, 0)


def test_forked_child_counts_from_nothing(tmp_path):
    file, routed = logger.add(tmp_path / "app.log"), logger.add(tmp_path / "b.log", buffer_size=65536)
    stream = logger.add(io.StringIO())
    for _ in range(5):
        logger.info("parent")

    pid = os.fork()
    if pid == 0:
        is_new = counts_of(file) == counts_of(routed) == counts_of(stream) == expected(0)
        logger.info("child")
        is_done = logger.complete(LIMIT)
        is_counted = counts_of(file) == counts_of(routed) == counts_of(stream) == expected(1, written=1)
        os._exit(0 if is_new and is_done and is_counted else 1)
    _, status = os.waitpid(pid, 0)

    assert status == 0
    assert logger.complete(LIMIT)
    assert counts_of(file) == counts_of(routed) == counts_of(stream) == expected(5, written=5)


def test_stream_that_forks_counts_in_the_child_what_it_finished_there():
    class Forking:
        is_child = False

        def write(self, text):
            self.is_child = os.fork() == 0

    forking = Forking()
    sink = logger.add(forking)

    logger.info("m")
    counts = counts_of(sink)
    if forking.is_child:
        os._exit(0 if counts == expected(1, written=1) else 1)
    _, status = os.wait()

    assert (status, counts) == (0, expected(1, written=1))


def test_nothing_is_counted_as_done_that_was_not_accepted(tmp_path):
    sinks = [
        logger.add(tmp_path / "a.log"),
        logger.add(tmp_path / "b.log", buffer_size=4096, overflow="drop_old"),
        logger.add(tmp_path / "c.log", max_buffered_lines=50, overflow="drop_new", level="WARNING"),
        logger.add(tmp_path / "d.log", filter=lambda record: record["i"] % 3 == 0),
        logger.add(io.StringIO()),
    ]

    def log():
        for i in range(2000):
            logger.log("INFO" if i % 2 else "WARNING", "m", i=i)

    threads = [threading.Thread(target=log) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for counts in logger.stats()["sinks"].values():
            done = counts["written"] + counts["filtered"] + sum(counts["dropped"].values())
            assert counts["accepted"] == done + counts["pending"]
    assert logger.complete(LIMIT)

    for sink in sinks:
        counts = counts_of(sink)
        assert (counts["accepted"], counts["pending"]) == (8000, 0)
    for sink, name in zip(sinks, "abcd"):
        lines = (tmp_path / f"{name}.log").read_text().splitlines()
        assert counts_of(sink)["written"] == sum("dropped" not in line for line in lines)


def test_lines_not_written_when_the_process_ends_are_counted(tmp_path):
    program = """
import atexit, sys
import logly._process.lifecycle
from logly import logger
sink = logger.add("/dev/full")
atexit.register(lambda: print(logger.stats()["sinks"][sink]["dropped"]["exit_timeout"]))
# Registered again after this, logly's own handler runs first.
logly._process.lifecycle.install()
for _ in range(7):
    logger.info("m")
"""

    assert child.output(program).splitlines()[-1] == "7"


def test_stats_keep_nothing_alive():
    class Stream(io.StringIO):
        pass

    owner = Logger()
    owner.add(Stream())
    owner.stats()
    del owner
    gc.collect()

    # `isinstance` would ask objects of other tests for their class. Lazy tasks of Celery would then be registered.
    assert not any(type(found) is Stream for found in gc.get_objects())

"""The helpers that `logly.testing` offers to tests of other programs."""

from __future__ import annotations

import datetime
import threading

import logly
import pytest
from logly import Logger, logger
from logly.testing import capture, freeze, reset


def test_capture_takes_records_from_every_sink(text):
    with capture() as records:
        logger.info("captured")
    logger.info("written")

    assert ([record["message"] for record in records], text.lines) == (["captured"], ["written"])


def test_capture_takes_all_levels():
    with capture() as records:
        logger.trace("low")
        logger.log(0, "lowest")

    assert [record["message"] for record in records] == ["low", "lowest"]


def test_capture_from_a_level_up():
    with capture("WARNING") as records:
        logger.info("below")
        logger.warning("at")

    assert [record["message"] for record in records] == ["at"]


def test_capture_refuses_unknown_levels(text):
    with pytest.raises(ValueError, match="LOUD"), capture("LOUD"):
        pass

    logger.info("still here")
    assert text.lines == ["still here"]


def test_inner_capture_takes_over_and_gives_back():
    with capture() as outer:
        logger.info("one")
        with capture() as inner:
            logger.info("two")
        logger.info("three")

    assert ([r["message"] for r in outer], [r["message"] for r in inner]) == (["one", "three"], ["two"])


def test_capture_ends_with_an_exception(text):
    with pytest.raises(ValueError, match="out"), capture():
        raise ValueError("out")

    logger.info("written")

    assert text.lines == ["written"]


def test_capture_takes_records_of_other_threads():
    with capture() as records:
        thread = threading.Thread(target=logger.info, args=("m",), name="worker-7")
        thread.start()
        thread.join()

    assert records[0]["thread"].name == "worker-7"


def test_capture_of_one_logger_leaves_others_alone(text):
    other = Logger()

    with capture(logger=other) as records:
        other.info("captured")
        logger.info("written")

    assert ([record["message"] for record in records], text.lines) == (["captured"], ["written"])


def test_capture_leaves_sinks_added_within(tmp_path):
    path = tmp_path / "app.log"
    with capture():
        sink = logger.add(path, format="{message}")
        logger.info("captured")

    logger.info("written")
    logger.remove(sink)

    assert path.read_text() == "written\n"


def test_captures_are_no_sinks():
    before = logger.list_sinks()

    with capture():
        assert logger.list_sinks() == before


def test_disabled_logger_is_captured_all_the_same():
    logger.disable()

    with capture() as records:
        logger.info("m")

    assert len(records) == 1


def test_captured_record_has_every_key(records):
    logger.info("m", user="ada")

    assert set(records[0]) == {
        "timestamp", "level", "message", "filename", "lineno", "function", "module", "extra", "user",
        "time", "name", "line", "file", "process", "thread", "elapsed", "exception",
    }  # fmt: skip


INSTANTS = [
    "2025-01-15T10:30:45.999999Z",
    "2025-12-31T23:59:59.000999Z",
    "2024-02-29T00:00:00.050Z",
    "1970-01-01T00:00:00Z",
    "1969-12-31T23:59:59.999400Z",
    "1701-03-04T05:06:07.008Z",
    "2262-04-11T23:47:16Z",
]


@pytest.mark.parametrize("instant", INSTANTS)
def test_time_and_timestamp_are_one_instant(records, instant):
    with freeze(instant):
        logger.info("m")

    time = records[0]["time"]
    utc = time.astimezone(datetime.timezone.utc)
    assert time.tzinfo is not None
    assert records[0]["timestamp"] == utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert records[0]["timestamp"][:19] == instant[:19]


def test_reset_restores_the_state_at_import(tmp_path, capsys):
    logger.configure(level="ERROR", extra={"a": 1})
    logger.level("AUDIT", no=35)
    logger.add(tmp_path / "app.log")
    logger.disable()

    reset()
    logger.info("hello")

    assert capsys.readouterr().out.endswith("| INFO | hello\n")
    assert logger.sink_count == 1
    with pytest.raises(ValueError, match="AUDIT"):
        logger.level("AUDIT")


def test_reset_starts_the_clock_again(records):
    with freeze("2001-01-01T00:00:00Z"):
        reset()
        with capture() as captured:
            logger.info("m")

    assert captured[0]["time"].year > 2001


def test_reset_has_troubles_told_again(capfd):
    class Broken:
        def __str__(self):
            raise ValueError

    with capture():
        logger.info(Broken())
    reset()
    with capture():
        logger.info(Broken())

    assert capfd.readouterr().err.count("Broken") == 2


def test_frozen_clock_stops_and_ticks(records):
    with freeze("2025-01-15T10:30:45.123Z") as clock:
        logger.info("one")
        logger.info("two")
        clock.tick(0.5)
        logger.info("three")
        clock.tick(datetime.timedelta(days=-1))
        logger.info("four")

    assert [record["timestamp"] for record in records] == [
        "2025-01-15T10:30:45.123Z",
        "2025-01-15T10:30:45.123Z",
        "2025-01-15T10:30:45.623Z",
        "2025-01-14T10:30:45.623Z",
    ]


def test_frozen_clock_holds_for_files(json_file):
    with freeze("2025-01-15T10:30:45.123Z"):
        logger.info("m")

    assert json_file.read()[0]["timestamp"] == "2025-01-15T10:30:45.123Z"


def test_frozen_clock_moves_to_an_instant():
    with freeze("2025-01-15T10:30:45Z") as clock:
        clock.move_to(datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc))

        assert clock.now == datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)


def test_naive_time_is_local(records):
    when = datetime.datetime(2025, 6, 15, 12, 0)

    with freeze(when):
        logger.info("m")

    assert records[0]["time"] == when.astimezone()


def test_inner_freeze_gives_back_the_outer_instant():
    with freeze("2025-01-01T00:00:00Z") as outer:
        with freeze("2026-01-01T00:00:00Z"):
            pass

        assert outer.now.year == 2025


def test_clock_runs_after_the_block(records):
    with pytest.raises(ValueError, match="out"), freeze("2001-01-01T00:00:00Z"):
        raise ValueError("out")

    logger.info("m")

    assert records[0]["time"].year > 2001


@pytest.mark.parametrize(("when", "error"), [("yesterday", ValueError), (5, TypeError), (None, TypeError)])
def test_freeze_refuses_what_is_no_time(when, error):
    with pytest.raises(error), freeze(when):
        pass


def test_testing_is_an_attribute_of_the_package():
    assert logly.testing.capture is capture

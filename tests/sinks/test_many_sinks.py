"""Many sinks: each keeps its own settings while others are added and removed, and never has outdated ones."""

from __future__ import annotations

import io

import pytest
from logly import Logger


@pytest.fixture
def log():
    own = Logger()
    own.remove_all()
    return own


def test_settings_after_refused_ones_hold_for_sinks_of_before(log):
    stream = io.StringIO()
    log.add(stream)

    with pytest.raises(ValueError, match="format"):
        log.configure(format="{message:q}")
    log.configure(format="{message}")
    log.info("paid")

    assert stream.getvalue() == "paid\n"


def test_settings_before_a_refused_sink_hold_on(log):
    stream = io.StringIO()
    log.configure(format="{level} {message}")
    log.add(stream)

    with pytest.raises(ValueError, match="format"):
        log.add(io.StringIO(), format="{message:q}")
    log.info("paid")

    assert stream.getvalue() == "INFO paid\n"


@pytest.mark.parametrize("options", [{}, {"buffer_size": 65536}, {"async_write": False}], ids=str)
def test_files_follow_what_changes_between_their_records(log, tmp_path, options):
    path, other = tmp_path / "app.log", tmp_path / "other.log"
    sink = log.add(path, format="{message}", **options)
    log.info("first")
    added = log.add(other, format="{message}", **options)
    log.info("both")
    log.set_level("ERROR", sink)
    log.info("other alone")
    log.disable_sink(added)
    log.set_level("INFO", sink)
    log.info("one alone")
    log.remove(added)
    log.configure(level="DEBUG")
    log.info("last")
    log.complete()

    assert path.read_text().split("\n") == ["first", "both", "one alone", "last", ""]
    assert other.read_text().split("\n") == ["both", "other alone", ""]


def test_files_of_sinks_that_came_and_went_without_a_record_between_get_none(log, tmp_path):
    stays = log.add(tmp_path / "stays.log", format="{message}")
    log.info("first")
    for number in range(50):
        log.remove(log.add(tmp_path / f"{number}.log"))
        log.add(tmp_path / f"later {number}.log", format="{message}")
    log.info("second")
    log.remove(stays)
    log.complete()

    assert (tmp_path / "stays.log").read_text() == "first\nsecond\n"
    assert {(tmp_path / f"{number}.log").read_text() for number in range(50)} == {""}
    assert {(tmp_path / f"later {number}.log").read_text() for number in range(50)} == {"second\n"}


def test_each_of_many_queues_gets_what_was_logged_since_its_file_was_added(log, tmp_path):
    for number in range(40):
        log.add(tmp_path / f"{number}.log", format="{message}", buffer_size=8_192 * (number + 1))
        log.info(str(number))
    log.complete()

    for number in range(40):
        lines = (tmp_path / f"{number}.log").read_text().split()
        assert lines == [str(later) for later in range(number, 40)]

"""Records share the objects of their parts only where no program can see that they do."""

from __future__ import annotations

import io
import threading
from datetime import datetime, timedelta, timezone

import logly
import logly.testing
from hypothesis import given, strategies as st
from logly import logger
from logly._logly import _freeze

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
PARTS = ("level", "file", "thread", "process")


def log_some() -> None:
    """Log four records from one place."""
    for number in range(4):
        logger.info("message {number}", number=number)


def test_records_that_are_kept_have_parts_of_their_own():
    kept = []
    logger.add(lambda message: kept.append(message.record))

    log_some()

    assert all(len({id(record[part]) for record in kept}) == 4 for part in PARTS)
    kept[1]["level"].icon = kept[1]["file"].path = kept[1]["thread"].name = kept[1]["process"].name = "mine"
    others = [kept[0], *kept[2:]]
    assert {record["level"].icon for record in others} == {kept[0]["level"].icon} != {"mine"}
    assert {record["file"].path for record in others} == {__file__}
    assert {record["thread"].name for record in others} == {"MainThread"}
    assert {record["process"].name for record in others} == {"MainProcess"}


def test_a_part_that_is_kept_alone_is_not_given_to_later_records():
    kept = []
    logger.add(lambda message: kept.append(message.record["level"]))

    log_some()

    assert len({id(level) for level in kept}) == 4


def test_changes_of_a_part_end_with_their_record():
    seen = []

    def change(record):
        seen.append((record["level"].icon, record["file"].name, record["thread"].name))
        record["level"].icon = "mine"
        record["file"].name = "other.py"
        record["thread"].name = "other"
        return True

    logger.add(lambda _message: None, filter=change)
    log_some()

    assert len(set(seen)) == 1
    assert "mine" not in seen[0]


def test_deleted_attributes_of_a_part_are_missing_in_its_record_alone():
    seen = []

    def change(record):
        level, file, thread = record["level"], record["file"], record["thread"]
        seen.append((level.no, level.icon, file.path, thread.name))
        level.icon = "mine"
        del level.no, level.icon, file.path, thread.name
        record["extra"]["changed"] = True

    out = io.StringIO()
    logger.add(out, format="{level} {message} {changed}", filter=lambda record: change(record) is None)
    log_some()
    logger.complete()

    assert len(seen) == 4
    assert len(set(seen)) == 1
    assert out.getvalue() == "".join(f"INFO message {number} True\n" for number in range(4))


def test_extra_fields_of_a_record_are_its_own():
    kept = []
    logger.add(lambda message: kept.append(message.record))

    log_some()
    kept[0]["extra"]["new"] = kept[0]["new"] = 1

    assert [record["extra"] for record in kept[1:]] == [{"number": number} for number in (1, 2, 3)]
    assert list(kept[1]) == [
        *("number", "timestamp", "level", "message", "filename", "lineno", "function", "module", "extra", "time"),
        *("name", "line", "file", "process", "thread", "elapsed", "exception"),
    ]


def test_a_thread_that_gets_another_name_shows_it(records):
    thread = threading.current_thread()
    before = thread.name
    try:
        for name in ("one", "two", "one"):
            thread.name = name
            logger.info("m")
    finally:
        thread.name = before

    assert [record["thread"].name for record in records] == ["one", "two", "one"]


def test_a_level_that_changes_shows_it(records):
    logger.level("MINE", no=27, icon="a")
    logger.log("MINE", "m")
    logger.level("MINE", icon="b")
    logger.log("MINE", "m")

    assert [record["level"].icon for record in records] == ["a", "b"]


@given(nanoseconds=st.integers(0, 2**62))
def test_times_are_those_of_python(nanoseconds):
    _freeze(nanoseconds)
    try:
        with logly.testing.capture() as records:
            logger.info("m")
            logger.info("m")
    finally:
        _freeze(None)

    expected = (EPOCH + timedelta(microseconds=nanoseconds // 1000)).astimezone()
    for record in records:
        assert record["time"] == expected
        assert str(record["time"]) == str(expected)
        assert record["time"].tzname() == expected.tzname()
        assert datetime.fromisoformat(record["timestamp"][:-1] + "+00:00") == expected.replace(
            microsecond=expected.microsecond // 1000 * 1000
        )

"""`once`, `every` and `limit`: the records that are logged, and the counts of suppressed ones."""

from __future__ import annotations

import itertools
import threading

import logly.testing
import pytest
from logly import Logger, logger

from tests.support.threads import together


@pytest.fixture
def clock():
    """Stop the clock."""
    with logly.testing.freeze("2025-01-15T10:30:00Z") as stopped:
        yield stopped


def numbers(records) -> list[tuple[int, int | None]]:
    """Return the number of each record, and the count of records suppressed before it."""
    return [(record["n"], record.get("suppressed")) for record in records]


def test_once_logs_the_first_record_of_a_place(records):
    for number in range(5):
        logger.once().info("x", n=number)
        logger.once().info("y", n=number)

    assert numbers(records) == [(0, None), (0, None)]


def test_once_logs_the_first_record_of_each_key(records):
    for number, key in enumerate(["a", "b", "a", ("a", 1), 1, "1", 1, ("a", 1)]):
        logger.once(key).info("x", n=number)

    assert [record["n"] for record in records] == [0, 1, 3, 4, 5]


def test_once_counts_over_all_loggers_that_share_their_sinks(records):
    for one in (logger, logger.bind(a=1), logger.opt(raw=True)):
        one.once("key").info("x")

    assert len(records) == 1


def test_once_counts_for_independent_loggers_apart(records):
    for one in (logger, Logger()):
        one.configure(console=False)
        with logly.testing.capture(logger=one) as captured:
            one.once("key").info("x")

        assert len(captured) == 1


def test_place_is_the_callers_where_depth_says_so(records):
    def warn(number):
        logger.opt(depth=1).once().warning("x", n=number)

    for number in range(3):
        warn(number)
        warn(number)

    assert numbers(records) == [(0, None), (0, None)]


def test_every_logs_one_of_so_many(records):
    for number in range(8):
        logger.every(3).info("x", n=number)

    assert numbers(records) == [(0, None), (3, 2), (6, 2)]


def test_every_logs_one_an_interval(records, clock):
    for number in range(6):
        logger.every("5s").info("x", n=number)
        clock.tick(2)

    assert numbers(records) == [(0, None), (3, 2)]


def test_limit_never_logs_more_within_any_interval(records, clock):
    for number in range(8):
        logger.limit("2/10 s").info("x", n=number)
        clock.tick(4)

    assert numbers(records) == [(0, None), (1, None), (3, 1), (4, None), (6, 1), (7, None)]


def test_clock_that_is_put_back_does_not_silence_for_long(records, clock):
    logger.every("5s", "key").info("x", n=0)

    clock.move_to("2025-01-15T09:00:00Z")
    logger.every("5s", "key").info("x", n=1)

    assert numbers(records) == [(0, None), (1, None)]


def test_several_rules_must_all_let_a_record_through(records):
    throttled = logger.every(2, "a").every(3, "b")

    for number in range(13):
        throttled.info("x", n=number)

    assert numbers(records) == [(0, None), (6, 5), (12, 5)]


def test_counts_are_in_every_sink(text, json_file, records):
    for _ in range(3):
        logger.every(2, "key").info("x")

    assert records[1]["extra"] == {"suppressed": 1}


def test_counts_are_fields_of_text_and_json(text, json_file):
    for number in range(3):
        logger.every(2, "key").opt(capture=False).info("{n}", n=number)

    assert text.lines == ["0", "2 suppressed=1"]
    assert json_file.fields() == {"suppressed": 1}


def test_patchers_see_counts(records):
    for _ in range(3):
        logger.every(2, "key").patch(lambda record: record["extra"].update(seen=list(record["extra"]))).info("x")

    assert records[1]["seen"] == ["suppressed"]


def test_suppressed_records_cost_no_evaluation(text):
    throttled = logger.once("key").opt(lazy=True)
    throttled.info("first")

    throttled.info("{}", lambda: 1 / 0)

    assert text.lines == ["first"]


def test_records_below_every_level_are_not_counted(text):
    logger.set_level("INFO", text.sink)

    logger.once("key").debug("x")
    logger.once("key").info("y")

    assert text.lines == ["y"]


def test_counts_are_exact_with_many_threads(records):
    barrier = threading.Barrier(4)
    numbering = itertools.count()

    def log():
        throttled = logger.every(7, "key")
        barrier.wait(30)
        for _ in range(700):
            throttled.info("x", n=next(numbering))

    together(*[log] * 4)

    assert len(records) == 400
    assert sum(record.get("suppressed", 0) for record in records) == 400 * 7 - 400 - 6


def test_reset_forgets_what_was_logged():
    with logly.testing.capture() as first:
        logger.once("key").info("x")
    logly.testing.reset()
    with logly.testing.capture() as second:
        logger.once("key").info("x")

    assert len(first) == len(second) == 1


@pytest.mark.parametrize("value", [0, -1, "0 s", "5 parsecs", "", "1 month", "0.1 ms"])
def test_interval_that_is_none_is_refused(value):
    with pytest.raises(ValueError, match="^interval: expected"):
        logger.every(value)


@pytest.mark.parametrize("value", ["10", "0/min", "10001/min", "10/parsec", "-1/s", "min/10"])
def test_rate_that_is_none_is_refused(value):
    with pytest.raises(ValueError, match="^rate: expected a rate such as"):
        logger.limit(value)


@pytest.mark.parametrize("value", [None, 1.5, True])
def test_rule_of_a_wrong_type_is_refused(value):
    with pytest.raises(TypeError, match="interval: expected"):
        logger.every(value)
    with pytest.raises(TypeError, match="rate: expected"):
        logger.limit(value)


def test_keys_that_cannot_be_shown_count_together(records):
    class Broken:
        def __repr__(self):
            raise ValueError

    for number in range(3):
        logger.once(Broken()).info("x", n=number)

    assert numbers(records) == [(0, None)]

"""Bound loggers: immutable, cheap copies that share the sinks."""

from __future__ import annotations

import logly.testing
import pytest
from logly import Logger, logger


def test_bound_fields_are_in_every_record(records):
    bound = logger.bind(user="ada", n=1)

    bound.info("one")
    bound.error("two", x=2)

    assert [record["extra"] for record in records] == [{"user": "ada", "n": 1}, {"user": "ada", "n": 1, "x": 2}]


def test_binding_leaves_the_original_unchanged(records):
    bound = logger.bind(user="ada")

    bound.bind(more=1).info("m")
    bound.info("m")
    logger.info("m")

    assert [record["extra"] for record in records] == [{"user": "ada", "more": 1}, {"user": "ada"}, {}]


def test_binding_again_replaces(records):
    logger.bind(a=1, b=1).bind(a=2).info("m")

    assert records[0]["extra"] == {"a": 2, "b": 1}


def test_unbind_takes_fields_away(records):
    logger.bind(a=1, b=2, c=3).unbind("a", "c", "unknown").info("m")

    assert records[0]["extra"] == {"b": 2}


def test_unbind_leaves_the_original_unchanged(records):
    bound = logger.bind(a=1)

    bound.unbind("a")
    bound.info("m")

    assert records[0]["extra"] == {"a": 1}


def test_binding_nothing_gives_an_equal_logger(records):
    logger.bind(a=1).bind().info("m")

    assert records[0]["extra"] == {"a": 1}


def test_bound_logger_shares_sinks_both_ways(text):
    bound = logger.bind(a=1)

    added = bound.add(print)

    assert bound.list_sinks() == logger.list_sinks()
    assert logger.remove(added)


def test_bound_logger_follows_settings_made_later(text):
    bound = logger.bind(a=1)

    logger.level("AUDIT", no=35)
    bound.log("AUDIT", "m")

    assert text.lines == ["m a=1"]


def test_bound_logger_is_a_logger_of_the_same_class():
    class Special(Logger):
        pass

    assert type(Special().bind(a=1)) is Special
    assert type(logger.bind(a=1)) is Logger


def test_subclass_init_is_not_run_by_bind():
    class Special(Logger):
        def __init__(self):
            self.add(print)

    special = Special()
    count = special.sink_count

    special.bind(a=1)

    assert special.sink_count == count


def test_attribute_that_is_set_is_no_field(records):
    bound = logger.bind(a=1)

    bound.a = 2
    bound.info("hello")

    assert records[0]["extra"] == {"a": 1}


def test_message_may_use_bound_fields(text):
    logger.bind(user="ada").info("{user} paid {n}", n=1)

    assert text.lines == ["ada paid 1"]


def test_bound_value_of_any_kind_keeps_its_json_form(json_file):
    logger.bind(values={"a": [1, None]}, number=10**30).info("m")

    assert json_file.fields() == {"values": {"a": [1, None]}, "number": 10**30}


def test_value_that_cannot_be_rendered_is_bound_as_a_marker(text):
    class Broken:
        def __str__(self):
            raise ValueError

    logger.bind(value=Broken()).info("m")

    assert text.lines == ['m value="<unprintable Broken: ValueError>"']


def test_interrupt_while_binding_is_raised():
    class Interrupting:
        def __str__(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        logger.bind(value=Interrupting())


def test_bound_logger_of_an_independent_one_keeps_it_alive():
    bound = Logger().bind(a=1)

    with logly.testing.capture(logger=bound) as records:
        bound.info("m")

    assert records[0]["extra"] == {"a": 1}

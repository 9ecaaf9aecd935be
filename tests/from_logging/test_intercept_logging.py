"""The start and the end of an interception of `logging`: handlers, levels, and several at once."""

from __future__ import annotations

import logging

import logly
import logly.testing
import pytest
from logly import Logger

from tests.support import standard


def test_undo_restores_handlers_and_level():
    own = standard.Collector()
    logging.root.handlers[:] = [own]
    logging.root.setLevel(33)

    interception = logly.intercept_logging("INFO")
    between = [type(handler) for handler in logging.root.handlers], logging.root.level
    interception.undo()
    interception.undo()

    assert between == ([logly.LoglyHandler], 20)
    assert (logging.root.handlers, logging.root.level) == ([own], 33)


def test_undo_keeps_what_others_added():
    interception = logly.intercept_logging()
    late = standard.Collector()
    logging.root.addHandler(late)

    interception.undo()

    assert late in logging.root.handlers


def test_interceptions_can_be_undone_in_any_order(records):
    handler = logging.NullHandler()
    logging.root.handlers[:] = [handler]
    logging.root.setLevel("INFO")
    first, second = logly.intercept_logging(), logly.intercept_logging("ERROR")

    first.undo()
    logging.getLogger("app").warning("below")
    logging.getLogger("app").error("still here")
    second.undo()
    logging.getLogger("app").error("no more")

    assert [record["message"] for record in records] == ["still here"]
    assert (logging.root.handlers, logging.root.level) == ([handler], logging.INFO)


def test_interception_for_another_logger_outlives_the_first(records):
    handler = logging.NullHandler()
    logging.root.handlers[:] = [handler]
    other = Logger()
    first, second = logly.intercept_logging(), logly.intercept_logging(logger=other)

    with logly.testing.capture(logger=other) as others:
        first.undo()
        logging.getLogger("app").error("for the other")
        second.undo()

    assert (records, [record["message"] for record in others]) == ([], ["for the other"])
    assert logging.root.handlers == [handler]


def test_intercepting_twice_gives_each_record_once(records):
    with logly.intercept_logging(), logly.intercept_logging():
        logging.getLogger("app").info("once")

    assert [record["message"] for record in records] == ["once"]


def test_level_spares_records_below_it(records):
    with logly.intercept_logging("WARNING"):
        logging.getLogger("app").info("no")
        logging.getLogger("app").warning("yes")

    assert [record["message"] for record in records] == ["yes"]


def test_logger_apart_from_the_root_is_intercepted_with_its_own_level(records):
    apart, own = logging.getLogger("apart"), standard.Collector()
    apart.propagate, apart.handlers = False, [own]
    apart.setLevel(logging.WARNING)

    with logly.intercept_logging():
        apart.info("no")
        apart.error("yes")

    assert [record["message"] for record in records] == ["yes"]
    assert (own.records, apart.handlers, apart.propagate) == ([], [own], False)


def test_named_loggers_alone_are_intercepted(records):
    root = standard.Collector()
    logging.root.addHandler(root)

    with logly.intercept_logging(loggers=["app"]):
        logging.getLogger("app.db").debug("taken")
        logging.getLogger("apart").error("left")

    assert [record["message"] for record in records] == ["taken"]
    assert [record.getMessage() for record in root.records] == ["left"]
    assert logging.getLogger("app").propagate


def test_name_of_no_logger_is_refused():
    with pytest.raises(TypeError, match="loggers: expected names"):
        logly.intercept_logging(loggers=["app", 3])


def test_unknown_level_is_refused_before_anything_changes():
    before = logging.root.handlers[:]

    with pytest.raises(ValueError, match='did you mean "WARNING"'):
        logly.intercept_logging("WARNNG")

    assert logging.root.handlers == before


def test_independent_logger_gets_the_records(records):
    audit = Logger()

    with logly.testing.capture(logger=audit) as own, logly.intercept_logging(logger=audit):
        logging.getLogger("app").info("hello")

    assert (len(own), len(records)) == (1, 0)

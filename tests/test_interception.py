"""Loggers that `intercept_logging` leaves silent, and those that a configuration of `logging` has switched off."""

from __future__ import annotations

import logging
import logging.config

import logly
import pytest

from tests import standard


@pytest.fixture(autouse=True)
def _standard_loggers():
    with standard.restored():
        yield


def _no_handler(logger):
    logger.propagate, logger.handlers = False, []


def _null_handler(logger):
    logger.propagate, logger.handlers = False, [logging.NullHandler()]


def _disabled(logger):
    logger.disabled = True


def _level_above_all(logger):
    logger.setLevel(logging.CRITICAL + 1)


def _level_above_all_apart(logger):
    logger.propagate, logger.handlers = False, [logging.StreamHandler()]
    logger.setLevel(logging.CRITICAL + 1)


def _filter(logger):
    logger.addFilter(lambda record: False)


SILENCED = [_no_handler, _null_handler, _disabled, _level_above_all, _level_above_all_apart, _filter]


@pytest.mark.parametrize("silence", SILENCED)
def test_logger_that_was_silenced_stays_silent(records, silence):
    silence(logging.getLogger("app"))

    with logly.intercept_logging(), logly.intercept_logging():
        logging.getLogger("app").error("no")
        logging.getLogger("app.db").info("no" if silence in {_no_handler, _null_handler} else "child")

    assert {record["message"] for record in records} <= {"child"}


def test_logger_that_was_silenced_is_taken_by_its_name(records):
    _no_handler(logging.getLogger("app"))

    with logly.intercept_logging(loggers=["app"]):
        logging.getLogger("app").error("yes")

    assert [record["message"] for record in records] == ["yes"]

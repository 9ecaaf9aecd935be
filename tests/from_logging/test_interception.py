"""Loggers that `intercept_logging` leaves silent, and loggers that a configuration of `logging` disabled."""

from __future__ import annotations

import io
import logging
import logging.config

import logly
import pytest
from logly.integrations import _switched_off

from tests.support import standard


@pytest.fixture(autouse=True)
def _standard_loggers():
    with standard.restored():
        yield
    # Loggers live as long as the process, and so does the list of loggers that a configuration disabled.
    _switched_off._switched_off.clear()


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


# Loggers that a configuration of `logging` disabled


def _dict_config(*names):
    loggers = {name: {"level": "DEBUG"} for name in names}
    logging.config.dictConfig({"version": 1, "root": {"level": "WARNING", "handlers": []}, "loggers": loggers})


def _file_config(*_names):
    logging.config.fileConfig(
        io.StringIO(
            "[loggers]\nkeys=root\n[handlers]\nkeys=c\n[formatters]\nkeys=\n"
            "[logger_root]\nlevel=WARN\nhandlers=c\n[handler_c]\nclass=StreamHandler\nargs=(sys.stderr,)\n"
        )
    )


CONFIGURATIONS = [_dict_config, _file_config]


@pytest.mark.parametrize("configure", CONFIGURATIONS)
def test_loggers_are_on_again_when_logging_is_intercepted_again(records, configure):
    app = logging.getLogger("app")
    first = logly.intercept_logging()
    configure()
    app.warning("lost")

    second = logly.intercept_logging()
    app.info("taken")
    second.undo()
    first.undo()

    assert [record["message"] for record in records] == ["taken"]


@pytest.mark.parametrize("configure", CONFIGURATIONS)
def test_loggers_made_between_two_configurations_are_on_again(records, configure):
    interception = logly.intercept_logging()
    configure()
    logging.getLogger(f"app.late.{configure.__name__}")
    configure()

    with logly.intercept_logging():
        logging.getLogger(f"app.late.{configure.__name__}").info("taken")
    interception.undo()

    assert [record["message"] for record in records] == ["taken"]


@pytest.mark.parametrize("configure", CONFIGURATIONS)
def test_logger_that_the_program_disabled_stays_off(records, configure):
    logging.getLogger("app.db").disabled = True
    interception = logly.intercept_logging()
    logging.getLogger("apart").disabled = True
    configure()

    with logly.intercept_logging():
        for name in ("app", "app.db", "apart"):
            logging.getLogger(name).error("%s", name)
    interception.undo()

    assert [record["message"] for record in records] == ["app"]


def test_logger_disabled_after_a_configuration_that_disables_none_stays_off(records):
    interception = logly.intercept_logging()
    logging.config.dictConfig({"version": 1, "disable_existing_loggers": False})
    logging.getLogger("app").disabled = True

    with logly.intercept_logging():
        logging.getLogger("app").error("no")
    interception.undo()

    assert list(records) == []


def test_named_loggers_and_those_below_are_on_again(records):
    interception = logly.intercept_logging()
    for name in ("app.db", "apart"):
        logging.getLogger(name)
    _dict_config()

    with logly.intercept_logging(loggers=["app"]):
        logging.getLogger("app.db").error("taken")
        between = logging.getLogger("apart").disabled
    interception.undo()

    assert ([record["message"] for record in records], between) == (["taken"], True)


def test_undo_has_loggers_as_the_configuration_had_them():
    interception = logly.intercept_logging()
    logging.getLogger("app")
    _dict_config()

    second = logly.intercept_logging()
    between = logging.getLogger("app").disabled
    second.undo()
    interception.undo()

    assert (between, logging.getLogger("app").disabled) == (False, True)


def test_loggers_that_a_configuration_names_are_its_own():
    logger = logging.getLogger("app")
    logger.disabled = True
    _dict_config("app")
    expected = logger.disabled  # Some releases of Python leave it disabled.
    interception = logly.intercept_logging()
    logger.disabled = True
    _dict_config("app")

    with logly.intercept_logging():
        assert logger.disabled == expected
    interception.undo()

    assert logger.disabled == expected

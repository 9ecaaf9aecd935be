"""SQLAlchemy: `intercept_logging` logs each statement once, with its level, place and context."""

from __future__ import annotations

import logging

import logly
import pytest
import sqlalchemy
from logly import logger

ENGINE = "sqlalchemy.engine.Engine"


@pytest.fixture(autouse=True)
def _fresh_loggers():
    """Remove the handlers that `echo` adds."""
    yield
    logging.getLogger(ENGINE).handlers.clear()


def run(**options) -> None:
    """Run a statement with a parameter."""
    engine = sqlalchemy.create_engine("sqlite://", **options)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("select :word"), {"word": "hunter2"}).all()
    engine.dispose()


def test_statements_are_records_of_their_logger_with_place_and_context(records) -> None:
    with logly.intercept_logging("INFO", ["sqlalchemy.engine"]), logger.contextualize(request_id="r-1"):
        run()

    (statement,) = [record for record in records if record["message"] == "select ?"]
    assert (statement["level"], statement["name"], statement["request_id"]) == ("INFO", ENGINE, "r-1")
    assert (statement["file"].name, statement["function"][:5]) == ("base.py", "_exec")


def test_statements_are_silent_by_default(records) -> None:
    with logly.intercept_logging():
        run()

    assert records == []


def test_rows_are_there_at_debug(records) -> None:
    with logly.intercept_logging("DEBUG", ["sqlalchemy.engine"]):
        run()

    rows = [record["message"] for record in records if record["level"] == "DEBUG"]
    assert "Row ('hunter2',)" in rows


@pytest.mark.parametrize("is_hidden", [False, True])
def test_parameters_are_hidden_where_the_engine_says_so(records, is_hidden: bool) -> None:
    with logly.intercept_logging("INFO", ["sqlalchemy.engine"]):
        run(hide_parameters=is_hidden)

    assert any("hunter2" in record["message"] for record in records) != is_hidden


def test_echo_logs_once_where_its_logger_is_intercepted(records, capsys) -> None:
    with logly.intercept_logging("WARNING", [ENGINE]):
        run(echo=True)

    assert [record["message"] for record in records].count("select ?") == 1
    assert capsys.readouterr().out == ""


def test_echo_has_a_handler_of_its_own_where_it_is_not(records, capsys) -> None:
    with logly.intercept_logging():
        run(echo=True)

    assert [record["message"] for record in records].count("select ?") == 1
    assert "select ?" in capsys.readouterr().out


def test_statements_of_several_lines_stay_one_line_of_text(text) -> None:
    engine = sqlalchemy.create_engine("sqlite://")

    with logly.intercept_logging("INFO", ["sqlalchemy.engine"]), engine.connect() as connection:
        connection.execute(sqlalchemy.text("select\n1"))

    engine.dispose()
    assert "select\\n1" in text.lines

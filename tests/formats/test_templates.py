"""`logly.template`: format functions that return a template for each record, as Loguru's do."""

from __future__ import annotations

import json
import logging

import logly
import pytest
from logly import logger

pytestmark = pytest.mark.usefixtures("no_console")


def serialized(record):
    record["extra"]["serialized"] = json.dumps({"text": record["message"]})
    return "{extra[serialized]}\n"


@pytest.mark.parametrize("is_background", [False, True])
def test_template_is_filled_in_with_what_the_function_changed(is_background):
    lines = []
    logger.add(lines.append, format=logly.template(serialized), async_write=is_background)

    logger.info("a {brace}")

    assert logger.complete(timeout=30)
    assert lines == ['{"text": "a {brace}"}\n']


@pytest.mark.parametrize("options", [{}, {"async_write": False}])
def test_files_and_handlers_take_templates(tmp_path, options):
    handled = []

    class Handler(logging.Handler):
        def emit(self, record):
            handled.append(record.getMessage())

    logger.add(tmp_path / "log", format=logly.template(serialized), **options)
    logger.add(Handler(), format=logly.template(lambda _: "{level} {thread.name}"))

    logger.info("x")

    assert logger.complete(timeout=30)
    assert (tmp_path / "log").read_text() == '{"text": "x"}\n'
    assert handled == ["INFO MainThread"]


def test_traceback_stands_where_the_template_has_it():
    lines = []
    logger.add(lines.append, format=logly.template(lambda _: "{message}\n{exception}"))
    logger.add(lines.append, format=logly.template(lambda _: "{message}\n"))

    logger.info("fine")
    logger.error("failed", exc_info=ValueError("bad"))

    assert lines == ["fine\n", "fine\n", "failed\nValueError: bad\n", "failed\n"]


def test_template_may_be_another_for_each_record():
    lines = []
    logger.add(lines.append, format=logly.template(lambda record: f"{record['extra']['n']} {{message}}"))

    for number in range(200):
        logger.info("x", n=number)

    assert lines == [f"{number} x\n" for number in range(200)]


def test_colours_of_a_template_are_shown():
    lines = []
    logger.add(lines.append, format=logly.template(lambda _: "<red>{message}</red>"), colorize=True)

    logger.info("x")

    assert lines == ["\x1b[31mx\x1b[0m\n"]


def test_template_of_no_use_is_told_and_the_line_written_by_the_usual_pattern(capsys):
    lines = []
    logger.configure(show_time=False)
    logger.add(lines.append, format=logly.template(lambda _: "{message!r}"))

    logger.info("x")

    assert lines == ["INFO | x\n"]
    assert "a template raised ValueError" in capsys.readouterr().err


def test_template_without_the_word_names_both_ways_out(capsys):
    logger.add(lambda _: None, format=lambda _: "{message}\n{exception}")

    logger.info("x")

    told = capsys.readouterr().err
    assert "return the finished line, or give format=logly.template(function)" in told


def test_what_cannot_be_called_is_no_template():
    with pytest.raises(TypeError, match="function: expected a function of the record, got 1"):
        logly.template(1)

"""Lines of the dialect: formats, what functions return, control characters, colours and JSON."""

# ruff: noqa: LOG004, PLE1205, RUF001 - the messages are not those of `logging`

from __future__ import annotations

import datetime
import decimal
import json

import pytest


def test_function_returns_a_template_that_is_the_whole_line(logger, lines):
    logger.add(lines.append, format=lambda record: "[{level}] {message};")

    logger.info("{}", "{braces} <red>")

    assert lines == ["[INFO] {braces} <red>;"]


def test_module_is_the_stem_of_the_file(logger, lines):
    logger.add(lines.append, format="{name} {module} {file}")

    logger.info("")

    assert lines == [f"{__name__} test_logger_lines test_logger_lines.py\n"]


def test_formats_may_name_attributes_and_convert(logger, lines):
    form = "{time.year:>6} {extra[user][name]!r} {message!r} {level.name[0]} {level.name:*^{extra[width]}}"
    logger.add(lines.append, format=form)

    logger.bind(user={"name": "<red>{x}"}, width=6).info("it's")

    assert lines == [f"{datetime.datetime.now().year:>6} '<red>{{x}}' \"it's\" I *INFO*\n"]


@pytest.mark.parametrize(
    "form", ["<red>{message}", "{message}</red>", "<nope>{message}</nope>", "<b><i>x</b></>", "<>"]
)
def test_markup_that_does_not_fit_is_refused(logger, form):
    with pytest.raises(ValueError, match="color markups could not be parsed"):
        logger.add(print, format=form)


def test_line_breaks_stay_and_other_control_characters_are_escaped(logger, lines):
    logger.add(lines.append, format="{message}")

    logger.info("a\n\tb \x1b[31m\x00")

    assert lines == ["a\n\tb \\x1b[31m\\x00\n"]


def test_colours_are_those_of_the_levels(logger, lines):
    logger.add(lines.append, format="<level>{message}</level>", colorize=True)

    logger.info("i")
    logger.critical("c")

    assert lines == ["\x1b[1mi\x1b[0m\n", "\x1b[41m\x1b[1mc\x1b[0m\n"]


def test_serialized_line_has_the_text_and_the_record(logger, lines):
    logger.add(lines.append, format="{level}: {message}", serialize=True)

    logger.bind(n=1.5, when=datetime.date(2024, 2, 29), price=decimal.Decimal("1.50"), tags=("a", 1)).info("x {}", "é")

    line = json.loads(lines[0])
    record = line["record"]
    assert lines[0].endswith("}}}\n")
    assert line["text"] == "INFO: x é\n"
    assert list(record) == [
        "elapsed", "exception", "extra", "file", "function", "level", "line", "message", "module", "name", "process",
        "thread", "time",
    ]  # fmt: skip
    assert record["extra"] == {"n": 1.5, "when": "2024-02-29", "price": "1.50", "tags": ["a", 1]}
    assert record["level"] == {"icon": "ℹ️", "name": "INFO", "no": 20}
    assert record["file"] == {"name": "test_logger_lines.py", "path": __file__}
    assert set(record["time"]) == {"repr", "timestamp"}
    assert set(record["elapsed"]) == {"repr", "seconds"}


def test_serialized_exception_has_type_value_and_traceback(logger, lines):
    logger.add(lines.append, format="{message}", serialize=True)

    try:
        raise KeyError("k")
    except KeyError:
        logger.exception("caught")
    logger.exception("none")

    caught, none = (json.loads(line)["record"]["exception"] for line in lines)
    assert caught == {"type": "KeyError", "value": "'k'", "traceback": True}
    assert none == {"type": None, "value": None, "traceback": False}

"""Calls of the dialect: levels, messages, options, fields and their order."""

# ruff: noqa: LOG014, PLE1205 - the messages are not those of `logging`

from __future__ import annotations

import datetime
import decimal
import functools
import pathlib

import pytest


def test_message_is_filled_in_by_braces_alone(logger, lines):
    logger.add(lines.append, format="{message}")

    logger.info("{} of {n}, 100% and %s", 1, n=2)
    logger.info("%d", 3)
    logger.info("{as} {it} {is}")

    assert lines == ["1 of 2, 100% and %s\n", "%d\n", "{as} {it} {is}\n"]


def test_arguments_without_a_place_are_left_out(logger, lines):
    logger.add(lines.append, format="{message}|{extra}")

    logger.info("two", 1, 2)

    assert lines == ["two|{}\n"]


def test_exc_info_is_a_field_like_others(logger, lines):
    logger.add(lines.append, format="{message}|{extra}")

    logger.info("call", exc_info=True, level=3)

    assert lines == ["call|{'exc_info': True, 'level': 3}\n"]


def test_fields_of_the_call_win_over_bound_ones_and_those_over_the_context(logger, lines):
    logger.add(lines.append, format="{extra}")
    logger.configure(extra={"a": "configured", "b": "configured", "c": "configured", "d": "configured"})

    with logger.contextualize(b="context", c="context", d="context", e="context"):
        logger.bind(c="bound", d="bound", f="bound").info("", d="call", g="call")

    expected = {"a": "configured", "b": "context", "c": "bound", "d": "call", "e": "context", "f": "bound", "g": "call"}
    assert lines == [f"{expected}\n"]


def test_fields_are_shown_as_python_shows_a_dict(logger, lines):
    values = {"quoted": "it's", "both": 'it\'s "so"', "slash": "a\\b", "lines": "a\nb", "none": None, "list": ["x", 1]}
    logger.add(lines.append, format="{extra}")

    logger.bind(**values).info("")

    assert lines == [f"{values}\n"]


def test_values_of_other_classes_are_shown_by_their_repr(logger, lines):
    values = {"day": datetime.date(2024, 2, 29), "price": decimal.Decimal("1.50"), "path": pathlib.PurePosixPath("/x")}
    logger.add(lines.append, format="{extra[day]} {extra}")

    logger.bind(day=values["day"]).info("", price=values["price"], path=values["path"])

    assert lines == [f"2024-02-29 {values}\n"]


def test_options_begin_anew_with_each_call_of_opt(logger, lines):
    logger.add(lines.append, format="{message}")

    logger.opt(lazy=True).opt(colors=True).info("<red>{}</red>", len)

    assert lines == [f"{len}\n"]


def test_patchers_stay_when_options_are_given(logger, lines):
    logger.add(lines.append, format="{message} {extra[by]}")

    logger.patch(lambda record: record["extra"].update(by="patcher")).opt(lazy=True).info("{}", lambda: "value")

    assert lines == ["value patcher\n"]


def test_number_is_no_name_of_a_level(logger, lines):
    logger.add(lines.append, format="{level} {level.no}|{level.icon}|")

    logger.log(30, "")
    logger.log("WARNING", "")

    assert lines == ["Level 30 30| |\n", "WARNING 30|⚠️|\n"]


@pytest.mark.parametrize("name", ["warning", "NOTICE", "WARN", "Fatal"])
def test_unknown_name_of_a_level_raises(logger, lines, name):
    logger.add(lines.append)

    with pytest.raises(ValueError, match=f"Level '{name}' does not exist"):
        logger.log(name, "")


@pytest.mark.parametrize("name", ["notice", "fail", "warn", "fatal", "unbind", "is_enabled"])
def test_methods_of_other_loggers_are_missing(logger, name):
    assert not hasattr(logger, name)
    assert name not in dir(logger)


def test_method_for_a_level_can_be_added_to_the_class(logger, lines):
    logger.add(lines.append, format="{level} {function} {message}")
    kind = logger.__class__
    logger.level("AUDIT", no=33)

    kind.audit = functools.partialmethod(kind.log, "AUDIT")
    try:
        logger.audit("by {}", "ada")
    finally:
        del kind.audit

    assert lines == ["AUDIT test_method_for_a_level_can_be_added_to_the_class by ada\n"]


def test_raw_message_is_written_alone(logger, lines):
    logger.add(lines.append, format="{level} {message}")

    logger.opt(raw=True, exception=ValueError("not shown")).error("raw {}", 1)

    assert lines == ["raw 1"]


def test_attributes_of_a_record_can_be_set_by_a_patcher(logger, lines):
    form = "{level} {level.no} {level.icon} {file.name} {file.path} {name} {module} {function} {line} "
    logger.add(lines.append, format=form + "{process.name} {thread.name}")

    def patcher(record):
        record["level"].name, record["level"].no, record["level"].icon = "L", 99, "I"
        record["file"].name, record["file"].path = "f.py", "/p/f.py"
        record.update(name="n", module="m", function="fn", line=7)
        record["process"].name, record["thread"].name = "P", "T"

    logger.patch(patcher).info("")

    assert lines == ["L 99 I f.py /p/f.py n m fn 7 P T\n"]


def test_filter_that_raises_drops_the_record(logger, lines, capsys):
    logger.add(lines.append, format="{message}", filter=lambda record: record["extra"]["missing"])

    logger.info("dropped")
    logger.bind(missing=True).info("kept")

    assert lines == ["kept\n"]
    assert "KeyError" in capsys.readouterr().err


def test_sink_that_raises_with_catch_off_raises_from_the_call(logger):
    def sink(line):
        raise ZeroDivisionError

    logger.add(sink, catch=False)

    with pytest.raises(ZeroDivisionError):
        logger.info("")


def test_level_is_not_looked_at_without_a_sink(logger):
    assert logger.log("nope", "") is None
    assert logger.log(-1, "") is None

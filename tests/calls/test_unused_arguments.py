"""Positional arguments without a placeholder in the message: they are kept as the field `args`."""

from __future__ import annotations

import json
import logging

import logly
import pytest
from logly import logger

CASES = [
    (("value:", 5), "value: args=[5]", [5]),
    (("value: %s", 1, 2), 'value: %s args="[1, 2]"', [1, 2]),
    (("%s %s", 1), "%s %s args=[1]", [1]),
    (("%d items", "many"), "%d items args=['many']", ["many"]),
    (("{} x", 1, 2), "1 x args=[2]", [2]),
    (("{1} x", "a", "b"), "b x args=['a']", ["a"]),
    (("{0} {5}", 1), "1 {5}", None),
    (("{:>{1}}", "a", 3), "  a", None),
    (("100%", 1), "100% args=[1]", [1]),
    (("%(a)s", 1), "%(a)s args=[1]", [1]),
    (("", 1), " args=[1]", [1]),
    (({"a": 1}, 2), "{'a': 1} args=[2]", [2]),
    ((ValueError("{}"), 2), "{} args=[2]", [2]),
    (("m", None), "m args=[None]", [None]),
    (("m", [0.25, 0.75]), 'm args="[[0.25, 0.75]]"', [[0.25, 0.75]]),
    (("m", *range(40)), f'm args="{list(range(40))}"', list(range(40))),
    (("{} {}", 1, 2), "1 2", None),
    (("%s", 1), "1", None),
    (("%(a)s", {"a": 1}), "1", None),
    (("m",), "m", None),
]


@pytest.mark.parametrize(("arguments", "line", "kept"), CASES, ids=lambda value: str(value)[:30])
def test_argument_without_a_place_is_a_field(text, json_file, arguments, line, kept):
    for _ in range(2):
        logger.info(*arguments)

    assert text.lines == [line, line]
    assert json_file.fields() == ({} if kept is None else {"args": kept})


@pytest.mark.parametrize(
    "log",
    [
        lambda: logger.log("INFO", "m", 1),
        lambda: logger.exception("m", 1),
        lambda: logger.opt(lazy=True).info("m", lambda: 1),
        lambda: logger.opt(record=True).info("m", 1),
        lambda: logger.opt(capture=False).info("m", 1),
        lambda: logger.opt(colors=True).info("m", 1),
        lambda: logger.opt(depth=1).info("m", 1),
        lambda: logger.bind(user="ada").info("m", 1),
        lambda: logger.info("m", logly.lazy(lambda: 1)),
        lambda: logger.patch(lambda record: None).info("m", 1),
    ],
)
def test_argument_is_kept_by_every_way_to_log(json_file, records, log):
    log()

    assert records[0]["args"] == records[0]["extra"]["args"] == [1]


def test_argument_reaches_files_functions_and_callbacks(json_file, text):
    lines, called = [], []
    logger.add(lines.append, format="{message} {args} {extra[args]}")
    logger.add_callback(called.append)

    logger.info("m", 1)

    assert logger.complete(timeout=30)
    assert lines == ["m [1] [1]\n"]
    assert lines[0].record["args"] == [1]
    assert called[0]["args"] == [1]
    assert json_file.fields() == {"args": [1]}


def test_record_message_keeps_what_it_does_not_show(text):
    logger.opt(record=True).info("{record[level]} {1}", "a", "b")
    logger.opt(record=True).info("{record[nothing]}", "a")

    assert text.lines == ["INFO b args=['a']", "{record[nothing]} args=['a']"]


def test_mapping_that_fills_in_nothing_is_kept(json_file):
    logger.info("%(a)s", {"b": 1})
    logger.info("%(b)d", {"b": "text"})
    logger.info("%(a)s %(b)s", {"b": 1, "c": 2})

    lines = [(line["message"], line["fields"]) for line in json_file.read()]
    assert lines == [("%(a)s", {"args": [{"b": 1}]}), ("%(b)d", {"args": [{"b": "text"}]}), ("%(a)s 1", {})]


def test_keyword_of_that_name_stays(json_file):
    logger.info("m", 1, args="own", args_=2)

    assert json_file.fields() == {"args": "own", "args_": 2, "args__": [1]}


@pytest.mark.parametrize("scope", [lambda: logger.bind(args="bound"), lambda: logger])
def test_argument_of_the_call_wins_over_the_context(json_file, scope):
    with logger.contextualize(args="context"):
        scope().info("m", 1)

    assert json_file.fields() == {"args": [1]}


def test_argument_that_fails_is_a_marker(json_file):
    logger.info("m", logly.lazy(lambda: 1 / 0), 2)

    assert json_file.fields() == {"args": ["<unprintable lazy: ZeroDivisionError>", 2]}


def test_arguments_beside_an_exception_are_kept(json_file):
    logger.info("m", 1, exc_info=ValueError("x"), user="ada")

    line = json_file.read()[-1]
    assert line["fields"] == {"user": "ada", "args": [1]}
    assert line["exception"]["type"] == "ValueError"


def test_record_of_logging_keeps_arguments_that_do_not_fit(json_file):
    handler = logly.LoglyHandler()

    handler.handle(logging.LogRecord("other", logging.WARNING, __file__, 1, "value: %s", (1, 2), None))

    assert json_file.read()[-1]["message"] == "value: %s"
    assert json.loads(json.dumps(json_file.fields()["args"])) == [1, 2]


class Translated:
    """A translation that is looked up when it is shown."""

    def __str__(self):
        return "hallo {name} %s"

    def format_map(self, _values):
        raise AssertionError


class Loud(str):
    __slots__ = ()

    def __str__(self):
        return self.upper()


def test_text_that_is_made_late_is_a_template(text):
    logger.info(Translated(), 1)
    logger.info(Translated(), name="ada")

    assert text.lines == ["hallo {name} 1", "hallo ada %s"]


def test_subclass_of_str_is_written_by_its_str(text, json_file):
    logger.info(Loud("quiet"))
    logger.info(Loud("quiet {x}"), X=1)
    logger.info(Loud("quiet %s"), 1)

    assert text.lines == ["QUIET", "QUIET 1", "QUIET %S args=[1]"]
    assert json_file.read()[0]["message"] == "QUIET"

"""The text of a field that is not a plain value: made only where a sink or the message shows it."""

from __future__ import annotations

import dataclasses
import io
import json
import sys

import pytest
from logly import logger


@dataclasses.dataclass
class Counted:
    """Counts the requests for its text; its JSON form is made from its fields."""

    number: int = 1
    texts: int = dataclasses.field(default=0, repr=False)

    def __str__(self):
        self.texts += 1
        return "its text"


def fields_with(value):
    """Return keywords whose tuple of names differs at each call."""
    return {"value": value, f"b{id(value)}": 1}


LOGS_WITHOUT_TEXT = {
    "plain message": lambda value: logger.info("m", value=value),
    "other field shown": lambda value: logger.info("{a}", a=1, value=value),
    "names of a dict": lambda value: logger.info("m", **fields_with(value)),
    "options": lambda value: logger.opt(depth=0).info("m", value=value),
    "exc_info": lambda value: logger.info("m", value=value, exc_info=False),
    "surplus argument": lambda value: logger.info("m", value),
}


@pytest.mark.parametrize("log", LOGS_WITHOUT_TEXT.values(), ids=LOGS_WITHOUT_TEXT)
def test_no_text_is_made_where_all_lines_are_json(json_file, log):
    value = Counted()

    for _ in range(2):
        log(value)

    assert value.texts == 0
    kept = json_file.fields()
    assert {"number": 1} in (kept.get("value"), *kept.get("args", []))


def test_json_console_makes_no_text(no_console, monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    logger.add("stderr", json=True)
    value = Counted()

    logger.info("m", value=value)

    assert value.texts == 0
    assert json.loads(stream.getvalue())["fields"] == {"value": {"number": 1}}


LOGS_WITH_TEXT = {
    "template": lambda value: logger.info("a {value}", value=value),
    "names of a dict": lambda value: logger.info("a {value}", **fields_with(value)),
    "object given twice": lambda value: logger.info("a {value}", other=value, value=value),
    "message that varies": lambda value: logger.info("{} {value}", "a", value=value),
    "percent": lambda value: logger.info("%s {value}", "a", value=value),
    "options": lambda value: logger.opt(depth=0).info("a {value}", value=value),
    "lazy": lambda value: logger.opt(lazy=True).info("a {value}", value=lambda: value),
    "colors": lambda value: logger.opt(colors=True).info("a {value}", value=value),
    "not captured": lambda value: logger.opt(capture=False).info("a {value}", value=value),
    "record": lambda value: logger.opt(record=True).info("a {value}", value=value),
    "patcher": lambda value: logger.patch(lambda record: None).info("a {value}", value=value),
    "exc_info": lambda value: logger.info("a {value}", value=value, exc_info=False),
    "bound": lambda value: logger.bind(value=value).info("a {value}", b=1),
    "surplus argument": lambda value: logger.info("a {args}", value),
}


@pytest.mark.parametrize("log", LOGS_WITH_TEXT.values(), ids=LOGS_WITH_TEXT)
def test_json_message_shows_the_text_of_the_fields_it_names(json_file, log):
    for _ in range(2):
        log(Counted())

    logger.complete()
    assert {record["message"] for record in json_file.read()} <= {"a its text", "a [Counted(number=1)]"}


SINKS_OF_TEXT = {
    "file": lambda path: logger.add(path, format="{message}{fields}"),
    "stream": lambda path: logger.add(sys.stderr, format="{message}{fields}"),
    "callback": lambda path: logger.add_callback(lambda record: None),
    "function": lambda path: logger.add(lambda message: None, json=True),
    "filter": lambda path: logger.add(path, json=True, filter=lambda record: True),
}


@pytest.mark.parametrize("add", SINKS_OF_TEXT.values(), ids=SINKS_OF_TEXT)
def test_sink_added_later_has_the_text_of_later_records(json_file, tmp_path, add):
    early, late = Counted(), Counted()
    logger.info("m", value=early)

    add(tmp_path / "text.log")
    logger.info("m", value=late)

    assert (early.texts, late.texts) == (0, 1)


def test_file_added_while_a_value_is_taken_shows_its_json_form(json_file, tmp_path):
    path = tmp_path / "text.log"

    class Adds(dict):
        def items(self):
            logger.add(path, format="{message}{fields}")
            return super().items()

    logger.info("m", value=Adds(a=1))

    logger.complete()
    assert path.read_text() == 'm value="{\\"a\\": 1}"\n'
    assert json_file.fields() == {"value": {"a": 1}}

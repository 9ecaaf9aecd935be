"""Programs written for Loguru: the record that sinks get, and `parse`."""

from __future__ import annotations

import os
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import logly.testing
import pytest
from logly import logger

pytestmark = pytest.mark.usefixtures("no_console")


# Parsing


def test_parse_gives_groups_and_casts_them(tmp_path):
    (tmp_path / "file.log").write_text("10 - hello\n20 - ada\n", "utf-8")

    with (tmp_path / "file.log").open(encoding="utf-8") as file:
        found = list(logger.parse(file, r"(?P<level>\d+) - (?P<message>.*)", cast={"level": int}, chunk=3))

    assert found == [{"level": 10, "message": "hello"}, {"level": 20, "message": "ada"}]


def test_parse_takes_a_path_and_a_function(tmp_path):
    (tmp_path / "file.log").write_text("10 - hello\n", "utf-8")

    found = list(logger.parse(tmp_path / "file.log", r"(?P<level>\d+)", cast=lambda groups: groups.update(n=1)))

    assert found == [{"level": "10", "n": 1}]


# The record


def test_record_has_loguru_s_keys_and_attributes():
    messages = []
    logger.add(messages.append)

    logger.bind(user="ada").info("hello {}", 1)

    record = messages[0].record
    assert (record["message"], record["extra"], record["exception"]) == ("hello 1", {"user": "ada"}, None)
    assert (record["level"].name, record["level"].no, record["level"].icon) == ("INFO", 20, logger.level("INFO").icon)
    assert (record["file"].name, record["file"].path) == (Path(__file__).name, __file__)
    assert (record["process"].id, record["process"].name) == (os.getpid(), "MainProcess")
    assert (record["thread"].id, record["thread"].name) == (threading.get_ident(), "MainThread")
    assert (record["name"], record["function"]) == (__name__, "test_record_has_loguru_s_keys_and_attributes")
    assert isinstance(record["line"], int)
    assert isinstance(record["elapsed"], timedelta)
    assert isinstance(record["time"], datetime)
    assert record["time"].tzinfo is not None


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ("HH:mm:ss.SSS", "10:30:45.123"),
        ("dddd, D MMMM YYYY", "Wednesday, 15 January 2025"),
        ("%d.%m.", "15.01."),
        ("X", None),
    ],
)
def test_time_of_a_record_is_formatted_by_tokens(spec, text):
    messages = []
    logger.add(messages.append)

    with logly.testing.freeze("2025-01-15T10:30:45.123"):
        logger.info("hello")

    time = messages[0].record["time"]
    assert format(time, spec) == (text or str(int(time.timestamp())))


def test_time_keeps_its_zone_when_it_is_formatted():
    messages = []
    logger.add(messages.append)

    with logly.testing.freeze("2025-01-15T10:30:45Z"):
        logger.info("hello")

    elsewhere = messages[0].record["time"].astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert f"{elsewhere:HH:mm ZZ}" == "16:00 +0530"
    assert f"{elsewhere}" == "2025-01-15 16:00:45+05:30"
    assert f"{elsewhere.replace(tzinfo=None):%H}" == "16"


def test_exception_of_a_record_has_type_value_and_traceback():
    messages = []
    logger.add(messages.append)

    try:
        raise KeyError("port")
    except KeyError as error:
        logger.exception("failed")
        raised = error

    kind, value, traceback = messages[0].record["exception"]
    assert (kind, value) == (KeyError, raised)
    assert traceback.tb_frame.f_code.co_name == "test_exception_of_a_record_has_type_value_and_traceback"

"""`json="gelf"`: Graylog Extended Log Format 1.1, compared with graypy."""

from __future__ import annotations

import logging
import re
import socket
import sys

import graypy
import pytest
from logly import logger

from tests.formats.shaping import FIELDS, SECONDS, failing, line, record_of

# https://go2docs.graylog.org/current/getting_in_log_data/gelf_format.html
OWN = {"version": str, "host": str, "short_message": str, "full_message": str, "timestamp": float, "level": int}
ADDITIONAL = re.compile(r"_[\w.\-]*", re.ASCII)


def check(members):
    """Assert the rules of the specification for every message."""
    for key, value in members.items():
        if key in OWN:
            assert type(value) is OWN[key]
        else:
            assert ADDITIONAL.fullmatch(key)
            assert type(value) in (str, int, float)
    assert {"version", "host", "short_message"} <= set(members)
    assert "_id" not in members
    assert members["short_message"].strip()
    return members


def of_graypy(record):
    return graypy.GELFUDPHandler("127.0.0.1", 12201, debugging_fields=False)._make_gelf_dict(record)


def test_record_is_that_of_graypy():
    def log():
        logger.warning("hello", n=1, ratio=0.5, who="ada")
        return record_of(logging.WARNING, "hello", extra={"n": 1, "ratio": 0.5, "who": "ada"})

    records = []
    got = check(line(lambda: records.append(log()), json="gelf"))

    expected = of_graypy(records[0])
    # Version 1.1 has no facility any more.
    assert (expected.pop("version"), got.pop("version")) == ("1.0", "1.1")
    assert expected.pop("facility") == got.pop("_logger") == __name__
    assert {key: expected[key] for key in got} == got


def test_exception_is_the_full_message():
    def log():
        try:
            raise ValueError("no")
        except ValueError:
            logger.exception("failed")
            return record_of(logging.ERROR, "failed", exc_info=sys.exc_info())

    records = []
    got = check(line(lambda: records.append(log()), json="gelf"))

    # The line of the call differs, and graypy doubles the line breaks.
    assert got["full_message"].splitlines()[-1] == of_graypy(records[0])["full_message"].splitlines()[-1]
    assert (got["short_message"], got["level"]) == ("failed", 3)


def test_frames_are_a_text():
    assert '"cause": {"type": "KeyError"' in check(line(failing, json="gelf", exception="frames"))["_exception"]


def test_values_are_texts_and_numbers():
    fields = {**FIELDS, "none": None, "nan": float("nan"), "big": 10**30, "a b": 1, "": 2, "id": 3, "fields.id": 4}

    got = check(line(lambda: logger.info("m", **fields), json="gelf", static={"x y": True, "none": None}))

    own = {key: got[key] for key in got if key not in OWN and key != "_logger"}
    assert own == {
        "_x_y": "true", "_n": 1, "_ratio": 0.5, "_ok": "true", "_name": "ada",
        "_order": '{"id": 7, "tags": ["a", "b"]}',
        "_big": 10**30, "_a_b": 1, "_": 2, "_fields.id": 3, "_fields.fields.id": 4,
    }  # fmt: skip


def test_empty_message_has_a_text():
    assert check(line(lambda: logger.info(""), json="gelf"))["short_message"] == "-"


@pytest.mark.parametrize(
    ("level", "number"),
    [
        ("TRACE", 7),
        ("DEBUG", 7),
        ("INFO", 6),
        ("NOTICE", 5),
        ("SUCCESS", 5),
        ("WARNING", 4),
        ("ERROR", 3),
        ("CRITICAL", 2),
    ],
)
def test_level_is_that_of_syslog(level, number):
    assert line(lambda: logger.log(level, "m"), json="gelf")["level"] == number


def test_time_and_host_are_those_of_the_machine():
    got = line(lambda: logger.info("m"), json="gelf")

    assert (got["timestamp"], got["host"]) == (SECONDS, socket.gethostname())


def test_host_can_be_replaced():
    got = check(line(lambda: logger.info("m"), json="gelf", keys={"host": None}, static={"host": "web-1"}))

    assert got["host"] == "web-1"

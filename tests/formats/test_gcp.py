"""`json="gcp"`: structured lines of Google Cloud Logging, compared with Google's own handler."""

from __future__ import annotations

import json
import logging

import pytest
from logly import logger

from tests.formats.shaping import TRACE, failing, line, record_of
from tests.support.child import output

# https://docs.cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#LogSeverity
SEVERITIES = {
    "TRACE": "DEBUG", "DEBUG": "DEBUG", "INFO": "INFO", "NOTICE": "NOTICE", "SUCCESS": "NOTICE", "WARNING": "WARNING",
    "ERROR": "ERROR", "FAIL": "ERROR", "CRITICAL": "CRITICAL",
}  # fmt: skip
PROGRAM = """
from logly import logger
logger.add("console", json="gcp", include=[])
logger.info("m", trace_id="abc")
logger.info("m", trace_id="projects/other/traces/abc")
"""
REQUEST = {"requestMethod": "GET", "status": 200}


def of_google(record):
    handlers = pytest.importorskip("google.cloud.logging_v2.handlers")
    handler = handlers.StructuredLogHandler(project_id="shop")
    handler.filter(record)
    written = json.loads(handler.format(record))
    return {key: value for key, value in written.items() if value not in ("", {}, False)}


def test_record_is_that_of_googles_own_handler():
    def log():
        logger.warning("hello", **TRACE, labels={"shop": "a", "n": 1}, http_request=REQUEST)
        extra = {
            "trace": TRACE["trace_id"], "span_id": TRACE["span_id"], "trace_sampled": True,
            "labels": {"shop": "a", "n": "1"}, "http_request": REQUEST,
        }  # fmt: skip
        return record_of(logging.WARNING, "hello", extra=extra)

    records = []
    got = line(lambda: records.append(log()), json="gcp")

    expected = of_google(records[0])
    place, place_expected = (made["logging.googleapis.com/sourceLocation"] for made in (got, expected))
    # The API reads numbers of 64 bits from text, which is how it writes them.
    assert place.pop("line").isdigit()
    assert isinstance(place_expected.pop("line"), int)
    assert got.pop("time") == "2025-01-15T10:30:45.123456Z"
    assert got == expected


@pytest.mark.parametrize(("level", "severity"), SEVERITIES.items())
def test_levels_have_severities(level, severity):
    assert line(lambda: logger.log(level, "m"), json="gcp")["severity"] == severity


@pytest.mark.parametrize("name", ["ALERT", "EMERGENCY"])
def test_level_with_the_name_of_a_severity_has_it(name):
    logger.level(name, no=60)

    assert line(lambda: logger.log(name, "m"), json="gcp")["severity"] == name


@pytest.mark.parametrize(("flags", "sampled"), [("01", True), ("00", False), (1, True), (2, False)])
def test_flags_say_whether_the_trace_is_sampled(flags, sampled):
    got = line(lambda: logger.info("m", trace_flags=flags), json="gcp")

    assert got["logging.googleapis.com/trace_sampled"] is sampled


def test_fields_of_another_kind_stay_fields():
    got = line(lambda: logger.info("m", labels="a", httpRequest=1, trace_flags="on", severity="x", time=3), json="gcp")

    assert (got["labels"], got["trace_flags"]) == ("a", "on")
    assert got["fields"] == {"httpRequest": 1, "severity": "x", "time": 3}


def test_traces_belong_to_the_project_of_the_environment():
    lines = output(PROGRAM, environment={"GOOGLE_CLOUD_PROJECT": "shop"}).splitlines()

    traces = [json.loads(line)["logging.googleapis.com/trace"] for line in lines]
    assert traces == ["projects/shop/traces/abc", "projects/other/traces/abc"]


def test_stack_trace_is_the_text_that_error_reporting_reads():
    got = line(failing, json="gcp")

    assert got["stack_trace"].startswith("Traceback (most recent call last):\n")
    assert (got["severity"], got["message"]) == ("ERROR", "cannot start")


def test_place_and_labels_without_members_are_left_out():
    assert list(line(lambda: logger.info("m"), json="gcp", include=[])) == ["severity", "message", "time"]

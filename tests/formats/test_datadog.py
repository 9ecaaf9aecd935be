"""`json="datadog"`: the attributes that Datadog documents for logs."""

from __future__ import annotations

import pytest
from logly import logger

from tests.formats.shaping import FIELDS, TRACE, failing, line

# https://docs.datadoghq.com/logs/log_configuration/processors/#log-status-remapper
STATUS = {
    "TRACE": "debug", "DEBUG": "debug", "INFO": "info", "NOTICE": "notice", "SUCCESS": "ok", "WARNING": "warn",
    "ERROR": "error", "FAIL": "error", "CRITICAL": "critical",
}  # fmt: skip


def test_attributes_have_their_documented_names():
    def log():
        logger.info("hello", **FIELDS)

    got = line(log, json="datadog", include=["logger", "thread_name", "function", "host"])

    assert list(got)[:7] == [
        "timestamp", "status", "message", "logger.name", "logger.method_name", "logger.thread_name", "host"
    ]  # fmt: skip
    assert {key: got[key] for key in FIELDS} == FIELDS
    assert (got["timestamp"], got["message"], got["logger.name"]) == ("2025-01-15T10:30:45.123Z", "hello", __name__)


@pytest.mark.parametrize(("level", "status"), STATUS.items())
def test_levels_have_a_status(level, status):
    assert line(lambda: logger.log(level, "m"), json="datadog")["status"] == status


def test_ids_of_opentelemetry_are_numbers_of_64_bits():
    # https://docs.datadoghq.com/tracing/other_telemetry/connect_logs_and_traces/opentelemetry/
    got = line(lambda: logger.info("m", **TRACE), json="datadog")

    assert got["dd.trace_id"] == str(int(TRACE["trace_id"], 16) & 0xFFFF_FFFF_FFFF_FFFF)
    assert got["dd.span_id"] == str(int(TRACE["span_id"], 16))


@pytest.mark.parametrize("given", [{"dd.trace_id": "123"}, {"trace_id": 123}])
def test_ids_of_datadog_stay(given):
    assert line(lambda: logger.info("m", **given), json="datadog")["dd.trace_id"] == "123"


def test_id_that_is_none_stays_a_field():
    assert line(lambda: logger.info("m", trace_id="mine"), json="datadog")["trace_id"] == "mine"


def test_exception_is_an_error():
    got = line(failing, json="datadog")

    assert (got["error.kind"], got["error.message"]) == ("RuntimeError", "no settings")
    assert got["error.stack"].endswith("RuntimeError: no settings\n")


def test_field_named_like_an_object_moves():
    got = line(lambda: logger.info("m", error="E1", status=404), json="datadog")

    assert (got["status"], got["fields"]) == ("info", {"error": "E1", "status": 404})

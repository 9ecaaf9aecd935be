"""`json="otel"`: log records of OTLP/JSON, read by OpenTelemetry's own messages."""

from __future__ import annotations

import base64
import json
import os

import pytest
from google.protobuf import json_format
from hypothesis import given, strategies as st
from logly import logger
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, SeverityNumber

from tests.formats.shaping import FIELDS, TRACE, failing, line
from tests.support.collector import attributes

SEVERITIES = {
    "TRACE": "TRACE", "DEBUG": "DEBUG", "INFO": "INFO", "NOTICE": "INFO3", "SUCCESS": "INFO4", "WARNING": "WARN",
    "ERROR": "ERROR", "FAIL": "ERROR4", "CRITICAL": "FATAL",
}  # fmt: skip


def read(log, **options):
    """The record as OpenTelemetry reads it. OTLP has ids in hexadecimal digits where protobuf has base64."""
    members = line(log, json="otel", **options)
    for key in ("traceId", "spanId"):
        if key in members:
            members[key] = base64.urlsafe_b64encode(bytes.fromhex(members[key])).decode()
    return json_format.ParseDict(members, LogRecord())


def test_record_is_one_of_otlp():
    record = read(lambda: logger.info("hello", **FIELDS, **TRACE))

    assert record.time_unix_nano == 1736937045123456000
    assert (record.severity_number, record.severity_text) == (SeverityNumber.SEVERITY_NUMBER_INFO, "INFO")
    assert record.body.string_value == "hello"
    assert (record.trace_id.hex(), record.span_id.hex(), record.flags) == (TRACE["trace_id"], TRACE["span_id"], 1)
    assert attributes(record) == {"logger.name": __name__, **FIELDS}


@pytest.mark.parametrize(("level", "severity"), SEVERITIES.items())
def test_levels_have_severity_numbers(level, severity):
    number = read(lambda: logger.log(level, "m")).severity_number

    assert number == SeverityNumber.Value(f"SEVERITY_NUMBER_{severity}")


@pytest.mark.parametrize("wrong", [{"trace_id": "12"}, {"span_id": "g" * 16}, {"trace_flags": 256}, {"trace_id": None}])
def test_ids_that_are_none_are_attributes(wrong):
    record = read(lambda: logger.info("m", **wrong))

    assert (record.trace_id, record.span_id, record.flags) == (b"", b"", 0)
    assert {key: attributes(record)[key] for key in wrong} == wrong


def test_exception_has_the_attributes_of_the_conventions():
    record = read(failing)

    got = attributes(record)
    assert (got["exception.type"], got["exception.message"]) == ("RuntimeError", "no settings")
    assert got["exception.stacktrace"].startswith("Traceback (most recent call last):\n")


def test_type_of_an_exception_has_its_module():
    def log():
        try:
            json.loads("{")
        except ValueError:
            logger.exception("m")

    assert attributes(read(log))["exception.type"] == "json.decoder.JSONDecodeError"


def test_frames_are_typed_too():
    exception = attributes(read(failing, exception="frames"))["exception"]

    assert exception["cause"]["type"] == "KeyError"
    assert isinstance(exception["frames"][0]["line"], int)


def test_parts_and_static_members_are_attributes():
    def log():
        logger.info("m", n=1, **{"exception.type": "mine"})

    got = attributes(read(log, include=["function", "line", "process"], static={"service.name": "shop", "n": 0}))

    assert got == {
        "service.name": "shop", "n": 0, "code.function.name": "log",
        "code.line.number": log.__code__.co_firstlineno + 1, "process.pid": os.getpid(),
        "fields.n": 1, "fields.exception.type": "mine",
    }  # fmt: skip


def test_record_without_attributes_has_no_list():
    assert "attributes" not in line(lambda: logger.info("m"), json="otel", include=[])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(VALUES)
def test_values_keep_their_types(value):
    read_back = attributes(read(lambda: logger.info("m", value=value)))["value"]

    # JSON has no infinities within containers; there they are null.
    expected = (
        json.loads(json.dumps(value), parse_constant=lambda _: None) if isinstance(value, (list, dict)) else value
    )
    assert read_back == expected


def test_nesting_that_readers_refuse_is_a_text():
    value = []
    for _ in range(200):
        value = [value]

    assert attributes(read(lambda: logger.info("m", value=value)))["value"][0] != []

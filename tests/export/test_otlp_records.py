"""Records as a collector gets them: types, ids, scopes and the resource, read by the reference package."""

from __future__ import annotations

import math
import os
import threading

import logly
import pytest
from hypothesis import given, strategies as st
from logly import logger
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from tests.support.collector import Collector, attributes, value_of

TRACE = {"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7", "trace_flags": "01"}
OWN = {"code.function.name", "code.file.path", "code.line.number", "thread.id", "thread.name"}


def fields_of(record):
    """Return the attributes that are fields."""
    return {name: value for name, value in attributes(record).items() if name not in OWN}


def sent(collector, log):
    """Return the one record that *log* logs."""
    before = len(collector.logs)
    log()
    assert logger.complete(timeout=30)
    (record,) = collector.logs[before:]
    return record


def test_record_has_time_severity_body_and_place(collector):
    logger.add("otlp", endpoint=collector.url)

    with logly.testing.freeze("2025-01-15T10:30:45.123456Z"):
        record = sent(collector, lambda: logger.warning("paid {amount}", amount=12))

    assert record.time_unix_nano == record.observed_time_unix_nano == 1736937045123456000
    assert (record.severity_number, record.severity_text, record.body.string_value) == (13, "WARNING", "paid 12")
    found = attributes(record)
    assert found["amount"] == 12
    assert found["code.function.name"] == "<lambda>"
    assert found["code.file.path"] == __file__
    assert found["code.line.number"] > 0
    assert (found["thread.id"], found["thread.name"]) == (threading.get_ident(), threading.current_thread().name)


def test_values_keep_their_types(collector):
    logger.add("otlp", endpoint=collector.url)
    values = {
        "text": "é", "whole": -5, "real": 0.5, "flag": True, "nothing": None, "items": [1, "a", None, [2.5]],
        "map": {"a": {"b": [True]}}, "large": 10**30, "empty": {}, "blank": "",
    }  # fmt: skip

    record = sent(collector, lambda: logger.info("m", **values))

    assert fields_of(record) == {**values, "large": str(10**30)}


def test_floats_that_are_no_numbers_stay_floats(collector):
    logger.add("otlp", endpoint=collector.url)

    found = fields_of(sent(collector, lambda: logger.info("m", no=math.nan, most=math.inf)))

    assert math.isnan(found["no"])
    assert found["most"] == math.inf


def test_ids_of_a_trace_have_their_own_places(collector):
    logger.add("otlp", endpoint=collector.url)

    record = sent(collector, lambda: logger.info("m", **TRACE))

    assert (record.trace_id.hex(), record.span_id.hex(), record.flags) == (TRACE["trace_id"], TRACE["span_id"], 1)
    assert fields_of(record) == {}


def test_ids_that_do_not_fit_are_fields(collector):
    logger.add("otlp", endpoint=collector.url)

    record = sent(collector, lambda: logger.info("m", trace_id="short", span_id=5, trace_flags=-1))

    assert (record.trace_id, record.span_id, record.flags) == (b"", b"", 0)
    assert fields_of(record) == {"trace_id": "short", "span_id": 5, "trace_flags": -1}


def test_ids_of_zeros_are_fields(collector):
    logger.add("otlp", endpoint=collector.url)

    record = sent(collector, lambda: logger.info("m", trace_id="0" * 32, span_id="0" * 16))

    assert (record.trace_id, record.span_id) == (b"", b"")
    assert fields_of(record) == {"trace_id": "0" * 32, "span_id": "0" * 16}


@pytest.mark.parametrize("name", ["event_name", "event.name"])
def test_event_name_has_its_own_place(collector, name):
    logger.add("otlp", endpoint=collector.url)

    record = sent(collector, lambda: logger.info("m", **{name: "user.login"}))

    assert record.event_name == "user.login"
    assert fields_of(record) == {}


def test_exception_has_the_attributes_of_the_conventions(collector):
    logger.add("otlp", endpoint=collector.url)

    def fail():
        try:
            raise KeyError("gone")
        except KeyError:
            logger.exception("failed")

    found = attributes(sent(collector, fail))

    assert (found["exception.type"], found["exception.message"]) == ("KeyError", "'gone'")
    assert found["exception.stacktrace"].startswith("Traceback (most recent call last):\n")
    assert found["exception.stacktrace"].endswith("KeyError: 'gone'\n")


def test_fields_named_like_own_attributes_are_moved(collector):
    logger.add("otlp", endpoint=collector.url)

    found = attributes(sent(collector, lambda: logger.info("m", **{"thread.id": 1, "fields.x": 2})))

    assert found["thread.id"] == threading.get_ident()
    assert (found["fields.thread.id"], found["fields.fields.x"]) == (1, 2)


def test_scope_is_the_name_of_the_logger(collector):
    logger.add("otlp", endpoint=collector.url)
    for name in ("app.a", "app.b", "app.a"):
        exec("logger.info(name)", {"__name__": name, "logger": logger, "name": name})
    assert logger.complete(timeout=30)

    (resource,) = collector.requests[0].resource_logs
    found = {scope.scope.name: [log.body.string_value for log in scope.log_records] for scope in resource.scope_logs}

    assert found == {"app.a": ["app.a", "app.a"], "app.b": ["app.b"]}


def test_resource_describes_the_service(collector, monkeypatch):
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=env,team=a%20b,tier=web")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop")
    logger.add("otlp", endpoint=collector.url, resource={"tier": "api", "replicas": 3})
    sent(collector, lambda: logger.info("m"))

    found = attributes(collector.requests[0].resource_logs[0].resource)

    assert (found["service.name"], found["team"], found["tier"], found["replicas"]) == ("shop", "a b", "api", 3)
    assert (found["process.pid"], found["host.name"]) == (os.getpid(), os.uname().nodename)
    assert found["telemetry.sdk.name"] == "logly"
    assert found["telemetry.sdk.language"] == "python"
    assert found["telemetry.sdk.version"] == logly.__version__


def test_filters_levels_and_patchers_apply(collector):
    sink = logger.add(
        "otlp", endpoint=collector.url, level="INFO", where="amount > 1", filter=lambda record: record["extra"]["ok"]
    )
    logger.info("a", amount=2, ok=True)
    logger.info("b", amount=1, ok=True)
    logger.info("c", amount=2, ok=False)
    logger.debug("d", amount=2, ok=True)
    logger.patch(lambda record: record["extra"].update(amount=9)).info("e", amount=0, ok=True)
    assert logger.complete(timeout=30)

    counts = logger.stats()["sinks"][sink]

    assert collector.messages == ["a", "e"]
    assert (counts["written"], counts["filtered"], counts["pending"]) == (2, counts["accepted"] - 2, 0)


def test_filter_that_changes_a_record_changes_it_for_the_collector(collector):
    def mark(record):
        record["extra"]["seen"] = True
        return True

    logger.add("otlp", endpoint=collector.url, filter=mark)

    assert fields_of(sent(collector, lambda: logger.info("m"))) == {"seen": True}


@pytest.mark.parametrize("options", [{}, {"filter": lambda record: True}])
def test_secrets_are_masked(collector, options):
    logger.add("otlp", endpoint=collector.url, redact=True, **options)

    record = sent(collector, lambda: logger.info("{password}", password="hunter2", inner={"token": "abc"}))

    assert record.body.string_value == "***"
    assert fields_of(record) == {"password": "***", "inner": {"token": "***"}}


def test_lone_surrogates_become_replacement_characters(collector):
    logger.add("otlp", endpoint=collector.url)

    record = sent(collector, lambda: logger.info("a\ud800b", **{"k\udfff": "\ud83d", "list": ["\ud800"]}))

    assert record.body.string_value == "a\ufffdb"
    assert fields_of(record) == {"k\ufffd": "\ufffd", "list": ["\ufffd"]}


@pytest.fixture(scope="module")
def server():
    with Collector() as server:
        yield server


SIMPLE = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
)  # fmt: skip
VALUES = st.recursive(
    SIMPLE, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=8
)


def message_of(value):
    """Return a value as the reference package builds it."""
    if value is None:
        return AnyValue()
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    if isinstance(value, str):
        return AnyValue(string_value=value.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
    message = AnyValue()
    if isinstance(value, list):
        message.array_value.values.extend(map(message_of, value))
        message.array_value.SetInParent()
    else:
        message.kvlist_value.SetInParent()
        message.kvlist_value.values.extend(KeyValue(key=key, value=message_of(item)) for key, item in value.items())
    return message


TAKEN = {"trace_id", "span_id", "trace_flags", "event_name", "event.name", "exc_info", "stack", *OWN}


@given(
    message=st.text(max_size=300),
    fields=st.dictionaries(st.text(max_size=20).filter(lambda key: key not in TAKEN and "fields." not in key), VALUES),
    level=st.sampled_from(["TRACE", "INFO", "FAIL", "CRITICAL"]),
    ids=st.sampled_from([{}, TRACE]),
)
def test_bytes_are_those_of_the_reference_package(server, message, fields, level, ids):
    logly.testing.reset()
    logger.configure(console=False)
    logger.add("otlp", endpoint=server.url, level="TRACE")
    before = len(server.bodies)

    logger.bind(**fields).log(level, message, **ids)
    assert logger.complete(timeout=30)

    (body,) = server.bodies[before:]
    got = ExportLogsServiceRequest.FromString(body).resource_logs[0]
    record = got.scope_logs[0].log_records[0]
    place = {pair.key: value_of(pair.value) for pair in record.attributes if pair.key in OWN}
    known = {**place, **fields}
    expected = LogRecord(
        time_unix_nano=record.time_unix_nano,
        observed_time_unix_nano=record.time_unix_nano,
        severity_number={"TRACE": 1, "INFO": 9, "FAIL": 20, "CRITICAL": 21}[level],
        severity_text=level,
        body=message_of(message),
        attributes=[KeyValue(key=key, value=message_of(value)) for key, value in known.items()],
    )
    if ids:
        expected.trace_id, expected.span_id = bytes.fromhex(ids["trace_id"]), bytes.fromhex(ids["span_id"])
        expected.flags = 1
    resource = Resource(attributes=[KeyValue(key=pair.key, value=pair.value) for pair in got.resource.attributes])
    scope = ScopeLogs(scope=InstrumentationScope(name=__name__), log_records=[expected])
    request = ExportLogsServiceRequest(resource_logs=[ResourceLogs(resource=resource, scope_logs=[scope])])
    assert body == request.SerializeToString(deterministic=True)
    logger.remove()


def test_records_that_a_limit_holds_back_are_told(collector):
    sink = logger.add("otlp", endpoint=collector.url, limit="2/h")
    for _ in range(5):
        logger.info("m")
    assert logger.remove(sink)

    assert collector.messages[:2] == ["m", "m"]
    assert len(collector.messages) == 3


def test_sampled_records_show_their_rate(collector):
    sink = logger.add("otlp", endpoint=collector.url, sample=0.5)
    for _ in range(200):
        logger.info("m")
    assert logger.complete(timeout=30)

    counts = logger.stats()["sinks"][sink]
    assert 0 < counts["written"] < 200
    assert counts["pending"] == 0
    assert {fields_of(record)["sample_rate"] for record in collector.logs} == {0.5}

"""OpenTelemetry: records have the ids of the SDK's active span, in threads, tasks, processes and `logging`."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from logging.handlers import QueueHandler, QueueListener
from queue import SimpleQueue

import logly
import pytest
import sqlalchemy
from logly import Logger, logger
from logly.integrations.opentelemetry import install
from opentelemetry import context as otel_context, trace
from opentelemetry.instrumentation.logging import LoggingInstrumentor
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from tests.support import child

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
NAMES = ("trace_id", "span_id", "trace_flags")


@pytest.fixture(autouse=True)
def installed():
    """Give every record the ids of its span."""
    with install() as installation:
        yield installation


@pytest.fixture
def tracer():
    """Give a tracer that samples everything."""
    return TracerProvider().get_tracer("tests")


def ids(span) -> dict:
    """Return the fields that records within a span have."""
    found = span.get_span_context()
    flags = format(found.trace_flags, "02x")
    return {"trace_id": format(found.trace_id, "032x"), "span_id": format(found.span_id, "016x"), "trace_flags": flags}


def seen(records) -> list[dict]:
    """Return the fields of each record."""
    return [record["extra"] for record in records]


def remote(flags="01"):
    """Return the context of a span of another process."""
    return TraceContextTextMapPropagator().extract({"traceparent": f"00-{TRACE}-{SPAN}-{flags}"})


def test_records_have_the_ids_of_the_active_span(records, tracer):
    logger.info("outside")
    with tracer.start_as_current_span("outer") as outer:
        logger.info("m")
        with tracer.start_as_current_span("inner") as inner:
            logger.info("m", n=1)
        logger.info("m")
    logger.info("outside")

    assert seen(records) == [{}, ids(outer), {**ids(inner), "n": 1}, ids(outer), {}]
    assert [len(ids(outer)[name]) for name in NAMES] == [32, 16, 2]
    assert ids(outer)["trace_id"] == ids(inner)["trace_id"]


def test_unsampled_spans_and_remote_parents(records):
    tracer = TracerProvider(sampler=ALWAYS_OFF).get_tracer("tests")
    with tracer.start_as_current_span("unsampled") as span:
        logger.info("m")
        unsampled = ids(span)
    token = otel_context.attach(remote())
    logger.info("m")
    with trace.get_tracer("none").start_as_current_span("without a provider"):
        logger.info("m")
    otel_context.detach(token)

    assert int(unsampled["trace_flags"], 16) & 1 == 0
    parent = {"trace_id": TRACE, "span_id": SPAN, "trace_flags": "01"}
    assert seen(records) == [unsampled, parent, parent]


def test_child_of_a_remote_parent_has_its_trace(records, tracer):
    with tracer.start_as_current_span("served", context=remote()) as span:
        logger.info("m")

    assert seen(records) == [ids(span)]
    assert records[0]["trace_id"] == TRACE
    assert records[0]["span_id"] != SPAN


def test_invalid_and_missing_spans_have_no_ids(records):
    for span in (trace.INVALID_SPAN, trace.NonRecordingSpan(trace.SpanContext(0, 5, is_remote=False))):
        with trace.use_span(span):
            logger.info("m")

    assert seen(records) == [{}, {}]


def test_ids_are_small_numbers_with_leading_zeros(records):
    with trace.use_span(trace.NonRecordingSpan(trace.SpanContext(10, 11, is_remote=True))):
        logger.info("m")

    assert seen(records) == [{"trace_id": "0" * 31 + "a", "span_id": "0" * 15 + "b", "trace_flags": "00"}]


def test_order_of_precedence(records, tracer):
    with tracer.start_as_current_span("s") as span:
        logger.bind(trace_id="bound").info("m")
        with logger.contextualize(trace_id="block"):
            logger.info("m")
            logger.info("m", trace_id="call")
        logger.configure(extra={"trace_id": "extra"})
        logger.info("m")

    traces = [record["trace_id"] for record in records]
    assert traces == [ids(span)["trace_id"], "block", "call", ids(span)["trace_id"]]
    assert {record["span_id"] for record in records} == {ids(span)["span_id"]}


def test_all_loggers_that_share_the_sinks_and_no_others(records, tracer):
    other = Logger()
    with logly.testing.capture(logger=other) as others, tracer.start_as_current_span("s") as span:
        logger.bind(a=1).info("m")
        other.info("m")
        with install(other):
            other.info("m")
        other.info("m")

    assert seen(records) == [{"a": 1, **ids(span)}]
    assert seen(others) == [{}, ids(span), {}]


def test_undo_and_installing_twice(records, tracer, installed):
    second = install()
    with tracer.start_as_current_span("s") as span:
        second.undo()
        second.undo()
        logger.info("still")
        installed.undo()
        logger.info("m")
        with install():
            logger.info("again")

    assert seen(records) == [ids(span), {}, ids(span)]


def test_reset_leaves_the_installation(tracer):
    logger.reset()
    with logly.testing.capture() as records, tracer.start_as_current_span("s") as span:
        logger.info("m")

    assert seen(records) == [ids(span)]


def test_wrong_logger_is_refused():
    with pytest.raises(TypeError, match="logger"):
        install("logger")


def test_tasks_have_their_own_spans(records, tracer):
    async def request(number):
        with tracer.start_as_current_span(str(number)) as span:
            expected = {**ids(span), "number": number}
            for _ in range(3):
                logger.info("m", number=number)
                await asyncio.sleep(0)
            await asyncio.create_task(inner(number))
            await asyncio.to_thread(partial(logger.info, "m", number=number))
        return expected

    async def inner(number):
        logger.info("m", number=number)

    async def serve():
        return await asyncio.gather(*(request(number) for number in range(100)))

    expected = asyncio.run(serve())

    for number, fields in enumerate(expected):
        assert [found for found in seen(records) if found["number"] == number] == [fields] * 5


def test_threads_have_their_own_spans(records, tracer):
    def work(number):
        logger.info("m", number=number)
        with tracer.start_as_current_span("work") as span:
            for _ in range(20):
                logger.info("m", number=number)
            return ids(span)

    with tracer.start_as_current_span("main"), ThreadPoolExecutor(4) as pool:
        expected = list(pool.map(work, range(8)))

    for number, fields in enumerate(expected):
        found = [fields for fields in seen(records) if fields["number"] == number]
        assert found == [{"number": number}, *[{**fields, "number": number}] * 20]


def test_copied_context_carries_the_span(records, tracer):
    with tracer.start_as_current_span("s") as span:
        carried = logly.copy_context(logger.info)
    carried("m")

    assert seen(records) == [ids(span)]


def test_many_short_spans(records, tracer):
    expected = []
    for _ in range(2_000):
        with tracer.start_as_current_span("s") as span:
            logger.info("m")
            expected.append(ids(span))

    assert seen(records) == expected


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")
def test_forked_child_has_the_span_of_its_parent_and_its_own(tmp_path, tracer, no_console):
    path = tmp_path / "app.log"
    logger.add(path, json=True)
    with tracer.start_as_current_span("parent") as parent:
        logger.info("parent")
        child_of_fork = os.fork()
        if child_of_fork == 0:
            logger.info("inherited")
            with tracer.start_as_current_span("child") as span:
                logger.info("child", own=ids(span)["span_id"])
            logger.complete()
            os._exit(0)
        os.waitpid(child_of_fork, 0)
    logger.complete()

    found = {line["message"]: line["fields"] for line in map(json.loads, path.read_text().splitlines())}
    assert found["parent"] == found["inherited"] == ids(parent)
    assert found["child"]["trace_id"] == ids(parent)["trace_id"]
    assert found["child"]["span_id"] == found["child"]["own"] != ids(parent)["span_id"]


def test_records_of_logging_have_the_ids(records, tracer):
    with logly.intercept_logging("INFO"), tracer.start_as_current_span("s") as span:
        logging.getLogger("library").info("m", extra={"shelf": "A"})

    assert seen(records) == [{**ids(span), "shelf": "A"}]


@pytest.fixture
def injecting():
    """Have OpenTelemetry give its own attributes to the records of `logging`."""
    # The last release for Python 3.9 gives them with its own format alone.
    LoggingInstrumentor().instrument(inject_trace_context=True, set_logging_format=sys.version_info < (3, 10))
    yield
    LoggingInstrumentor().uninstrument()


@pytest.mark.usefixtures("injecting")
def test_attributes_of_the_instrumentation_become_the_ids(records, tracer):
    queue = SimpleQueue()
    library = logging.getLogger("library")
    handler = QueueHandler(queue)
    library.addHandler(handler)
    try:
        with tracer.start_as_current_span("s") as span:
            library.warning("m")
        library.warning("outside")
    finally:
        library.removeHandler(handler)
    listener = QueueListener(queue, logly.LoglyHandler())
    listener.start()
    listener.stop()

    found = [{name: fields[name] for name in fields if name != "otelServiceName"} for fields in seen(records)]
    expected = ids(span)
    assert found == [{**expected, "trace_flags": "01"}, {}]


@pytest.mark.usefixtures("injecting")
def test_attributes_of_the_instrumentation_are_not_shown_twice(records, tracer):
    with logly.intercept_logging("INFO"), tracer.start_as_current_span("s") as span:
        logging.getLogger("library").info("m")

    assert {name: value for name, value in seen(records)[0].items() if name != "otelServiceName"} == ids(span)


def test_statements_of_sqlalchemy_have_the_ids_of_the_span_around_them(records):
    provider = TracerProvider()
    engine = sqlalchemy.create_engine("sqlite://")
    SQLAlchemyInstrumentor().instrument(engine=engine, tracer_provider=provider)
    try:
        with (
            logly.intercept_logging("INFO", ["sqlalchemy.engine"]),
            provider.get_tracer("tests").start_as_current_span("request") as span,
            engine.begin() as connection,
        ):
            connection.execute(sqlalchemy.text("select 1")).all()
            logger.info("after")
    finally:
        SQLAlchemyInstrumentor().uninstrument()
        engine.dispose()

    statement = next(record for record in records if record["message"] == "select 1")
    assert statement["trace_id"] == records[-1]["trace_id"] == ids(span)["trace_id"]
    assert records[-1]["span_id"] == ids(span)["span_id"]


@pytest.mark.parametrize(
    ("shape", "place"),
    [
        (True, lambda line: [line["fields"][name] for name in NAMES]),
        ("flat", lambda line: [line[name] for name in NAMES]),
        ("ecs", lambda line: [line["trace.id"], line["span.id"], line["trace_flags"]]),
        (
            "gcp",
            lambda line: [
                line["logging.googleapis.com/trace"],
                line["logging.googleapis.com/spanId"],
                "01" if line["logging.googleapis.com/trace_sampled"] else "00",
            ],
        ),
        (
            "datadog",
            lambda line: [
                TRACE[:16] + format(int(line["dd.trace_id"]), "016x"),
                format(int(line["dd.span_id"]), "016x"),
                line["trace_flags"],
            ],
        ),
        ("otel", lambda line: [line["traceId"], line["spanId"], format(line["flags"], "02x")]),
        ("gelf", lambda line: [line["_" + name] for name in NAMES]),
    ],
)
def test_each_shape_has_the_ids_in_their_place(tmp_path, no_console, shape, place):
    path = tmp_path / "app.log"
    logger.add(path, json=shape)
    token = otel_context.attach(remote())
    logger.info("m")
    otel_context.detach(token)
    logger.complete()

    assert place(json.loads(path.read_text())) == [TRACE, SPAN, "01"]


def test_other_ways_to_keep_the_context(records, tracer, monkeypatch):
    class Threads(otel_context._RuntimeContext):
        """A context of the whole process."""

        current = otel_context.Context()

        def attach(self, context):
            before, type(self).current = self.current, context
            return before

        def get_current(self):
            return self.current

        def detach(self, token):
            type(self).current = token

    monkeypatch.setattr(otel_context, "_RUNTIME_CONTEXT", Threads())
    with install():
        logger.info("outside")
        with tracer.start_as_current_span("outer") as outer:
            logger.info("m")
            with tracer.start_as_current_span("inner") as inner:
                logger.info("m")
            logger.info("m")

    assert seen(records) == [{}, ids(outer), ids(inner), ids(outer)]


def test_span_of_another_library_that_raises_is_told_once(records, capfd):
    class Broken(trace.NonRecordingSpan):
        def get_span_context(self):
            raise RuntimeError("no ids")

    with trace.use_span(Broken(trace.INVALID_SPAN_CONTEXT), record_exception=False, set_status_on_exception=False):
        logger.info("m")
        logger.info("m")

    assert seen(records) == [{}, {}]
    assert capfd.readouterr().err.count("no ids") == 1


def test_missing_package_is_named(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "opentelemetry"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)

    with pytest.raises(ImportError, match="pip install opentelemetry-api"):
        install()


def test_importing_logly_does_not_import_opentelemetry():
    program = "import sys, logly; print(any(name.startswith('opentelemetry') for name in sys.modules))"

    assert child.output(program) == "False\n"

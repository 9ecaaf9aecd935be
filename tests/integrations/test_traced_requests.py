"""Requests with OpenTelemetry: records and access records have the ids of the server's span, wherever it begins."""

from __future__ import annotations

import asyncio
import logging
import re

import logly
import pytest
import sqlalchemy
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from logly import logger
from logly.integrations import asgi, wsgi
from logly.integrations.opentelemetry import install
from opentelemetry import trace
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from tests.integrations.called import REQUEST, scope_of

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
HEADER = f"00-{TRACE}-{SPAN}-01"
PLACES = ["inside", "outside"]


@pytest.fixture(autouse=True)
def installed():
    """Give every record the ids of its span."""
    with install() as installation:
        yield installation


@pytest.fixture
def spans():
    """Collect the finished spans."""
    return InMemorySpanExporter()


@pytest.fixture
def provider(spans):
    """Give a provider of spans."""
    made = TracerProvider()
    made.add_span_processor(SimpleSpanProcessor(spans))
    return made


def application(provider, place):
    """Return an instrumented application, with the middleware of logly inside or outside of OpenTelemetry's."""
    app = FastAPI()

    @app.get("/orders")
    async def orders():
        logger.info("handler")
        with provider.get_tracer("app").start_as_current_span("inner"):
            logger.info("inner")
        await asyncio.to_thread(logger.info, "thread")
        logging.getLogger("library").info("library")
        return {}

    @app.get("/stream")
    async def stream():
        async def parts():
            for number in range(2):
                logger.info("part")
                yield str(number)

        return StreamingResponse(parts())

    @app.get("/broken")
    async def broken():
        raise ValueError("broken on purpose")

    if place == "inside":
        app.add_middleware(asgi.LoglyMiddleware)
    FastAPIInstrumentor.instrument_app(app, tracer_provider=provider)
    return app if place == "inside" else asgi.LoglyMiddleware(app)


def ask(app, path="/orders", **headers):
    """Call an application as a server does."""
    waiting = [REQUEST]

    async def receive():
        return waiting.pop(0) if waiting else await asyncio.Event().wait()

    async def send(message):
        pass

    scope = {**scope_of(path=path, **headers), "server": ("127.0.0.1", 80), "scheme": "http", "http_version": "1.1"}
    asyncio.run(app(scope, receive, send))


def served(spans):
    """Return the ids of the server's span."""
    server = next(span for span in spans.get_finished_spans() if span.kind is trace.SpanKind.SERVER)
    return format(server.context.trace_id, "032x"), format(server.context.span_id, "016x")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("headers", [{}, {"traceparent": HEADER}])
def test_records_of_a_request_have_the_ids_of_its_span(records, provider, spans, place, headers):
    with logly.intercept_logging("INFO", ["library"]):
        ask(application(provider, place), **headers)

    trace_id, span_id = served(spans)
    assert [record["message"] for record in records] == ["handler", "inner", "thread", "library", "GET /orders 200"]
    assert {record["trace_id"] for record in records} == {trace_id}
    assert {record["request_id"] for record in records} == {records[0]["request_id"]}
    assert [record["span_id"] == span_id for record in records[:4]] == [True, False, True, True]
    assert records[-1]["span_id"] == span_id
    assert "parent_id" not in records[0]["extra"]
    if headers:
        assert trace_id == TRACE


@pytest.mark.parametrize("place", PLACES)
def test_streamed_parts_and_their_access_record(records, provider, spans, place):
    ask(application(provider, place), "/stream")

    assert [record["message"] for record in records] == ["part", "part", "GET /stream 200"]
    assert {record["trace_id"] for record in records} == {served(spans)[0]}


@pytest.mark.parametrize("place", PLACES)
def test_exception_has_the_trace_of_the_request(records, provider, spans, place):
    with pytest.raises(ValueError, match="broken on purpose"):
        ask(application(provider, place), "/broken")

    assert any(record["exception"] is not None for record in records)
    assert {record["trace_id"] for record in records} == {served(spans)[0]}


def test_many_requests_at_once_are_not_mixed_up(records, provider):
    app = FastAPI()

    @app.get("/{number}")
    async def answer(number: int):
        found = trace.get_current_span().get_span_context()
        expected = format(found.trace_id, "032x"), format(found.span_id, "016x")
        for _ in range(5):
            await asyncio.sleep(0)
            logger.info("m", expected=expected)
        return {}

    FastAPIInstrumentor.instrument_app(app, tracer_provider=provider)
    outer = asgi.LoglyMiddleware(app, access=False)

    async def serve():
        async def receive():
            return REQUEST

        async def send(message):
            pass

        more = {"server": ("127.0.0.1", 80), "scheme": "http", "http_version": "1.1"}
        scopes = [{**scope_of(path=f"/{number}"), **more} for number in range(50)]
        await asyncio.gather(*(outer(scope, receive, send) for scope in scopes))

    asyncio.run(serve())

    assert len(records) == 250
    assert all((record["trace_id"], record["span_id"]) == tuple(record["expected"]) for record in records)


def test_header_counts_where_no_span_is(records):
    async def app(scope, receive, send):
        logger.info("m")

    ask(asgi.LoglyMiddleware(app), traceparent=HEADER)

    assert {(record["trace_id"], record["parent_id"]) for record in records} == {(TRACE, SPAN)}


def test_header_gives_way_to_a_span_and_comes_back(records, provider):
    async def app(scope, receive, send):
        logger.info("before")
        with provider.get_tracer("app").start_as_current_span("a trace of its own"):
            logger.info("within")
            with logger.contextualize(user="ada"):
                logger.info("within")
        logger.info("after")

    ask(asgi.LoglyMiddleware(app), traceparent=HEADER)

    before, *within, after, _access = (record["extra"] for record in records)
    assert (before["trace_id"], before["parent_id"]) == (after["trace_id"], after["parent_id"]) == (TRACE, SPAN)
    assert all("parent_id" not in fields and fields["trace_id"] != TRACE for fields in within)
    assert within[1]["user"] == "ada"
    assert {fields["request_id"] for fields in within} == {before["request_id"]}


def test_application_may_still_set_the_trace(records, provider):
    async def app(scope, receive, send):
        with provider.get_tracer("app").start_as_current_span("s"), logger.contextualize(trace_id="mine"):
            logger.info("m")

    ask(asgi.LoglyMiddleware(app), traceparent=HEADER)

    assert records[0]["trace_id"] == "mine"


def test_without_the_integration_the_header_counts(records, provider, installed):
    installed.undo()

    ask(application(provider, "outside"), traceparent=HEADER)

    assert {(record["trace_id"], record["parent_id"]) for record in records} == {(TRACE, SPAN)}
    assert not any("span_id" in record["extra"] for record in records)


def test_files_have_the_ids_too(tmp_path, no_console, provider, spans):
    path = tmp_path / "app.log"
    logger.add(path, format="{message} {trace_id} {span_id}")

    ask(application(provider, "inside"), traceparent=HEADER)
    logger.complete()

    lines = path.read_text().splitlines()
    assert lines[0] == f"handler {TRACE} {served(spans)[1]}"
    assert all(re.search(TRACE, line) for line in lines)


def test_statements_of_sqlalchemy_belong_to_the_request(records, provider, spans):
    app = FastAPI()
    # Each connection is closed by the thread that opened it.
    engine = sqlalchemy.create_engine("sqlite://", poolclass=sqlalchemy.NullPool)
    SQLAlchemyInstrumentor().instrument(engine=engine, tracer_provider=provider)

    @app.get("/orders")
    def orders():
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("select 1")).all()
        return {}

    FastAPIInstrumentor.instrument_app(app, tracer_provider=provider)
    try:
        with logly.intercept_logging("INFO", ["sqlalchemy.engine"]):
            ask(asgi.LoglyMiddleware(app))
    finally:
        SQLAlchemyInstrumentor().uninstrument()
        engine.dispose()

    assert "select 1" in [record["message"] for record in records]
    assert {record["trace_id"] for record in records} == {served(spans)[0]}


@pytest.mark.parametrize("place", PLACES)
def test_wsgi_has_the_ids_of_the_span(records, provider, spans, place):
    tracer = provider.get_tracer("wsgi")

    def app(environ, start_response):
        logger.info("handler")
        start_response("200 OK", [])
        return [b"done"]

    def traced(inner):
        def within(environ, start_response):
            given = {"traceparent": environ["HTTP_TRACEPARENT"]}
            parent = TraceContextTextMapPropagator().extract(given)
            with tracer.start_as_current_span("served", context=parent, kind=trace.SpanKind.SERVER):
                return inner(environ, start_response)

        return within

    whole = wsgi.LoglyMiddleware(traced(app)) if place == "outside" else traced(wsgi.LoglyMiddleware(app))
    body = whole({"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_TRACEPARENT": HEADER}, lambda *_: None)
    list(body)
    body.close()

    assert [record["message"] for record in records] == ["handler", "GET / 200"]
    assert {(record["trace_id"], record["span_id"]) for record in records} == {served(spans)}

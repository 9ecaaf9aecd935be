"""Ids of the active span beside context variables with the same names: a record has the ids of one of them."""

from __future__ import annotations

import contextvars

import logly
import pytest
from logly import logger
from logly.integrations.opentelemetry import install
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from tests.integrations.test_opentelemetry import ids, seen


@pytest.fixture
def tracer():
    """Give a tracer that samples everything, and every record the ids of its span."""
    with install():
        yield TracerProvider().get_tracer("tests")


OF_PROGRAM = {"trace_id": "f0" * 16, "request_id": "r-1", "span_id": "0f" * 8}


@pytest.fixture(params=["variables", "function", "both"])
def variables(request):
    """Make context variables give ids of the program's own, as values, as a function's fields, or both."""
    values = {name: contextvars.ContextVar(name, default=value) for name, value in OF_PROGRAM.items()}
    fields = {"ids": logly.from_var(contextvars.ContextVar("ids", default="x"), lambda _: OF_PROGRAM)}
    given = {"variables": values, "function": fields, "both": {**values, **fields}}[request.param]
    logger.configure(context=given)


@pytest.mark.usefixtures("variables")
def test_ids_of_a_record_are_those_of_one_source(records, tracer):
    for _ in range(2):
        logger.info("outside")
        with tracer.start_as_current_span("work") as span:
            logger.info("m")
    logger.configure(patcher=lambda record: None)
    with trace.use_span(span):
        logger.info("m")
        logger.info("{trace_id!s} {request_id!s}")

    within = {**ids(span), "request_id": "r-1"}
    assert [seen(records)[at] for at in (0, 2, 3, 4, 5)] == [OF_PROGRAM, OF_PROGRAM, within, within, within]
    assert records[5]["message"] == "{trace_id!s} {request_id!s}"


@pytest.mark.usefixtures("variables")
def test_message_shows_the_ids_of_the_record(records, tracer):
    with tracer.start_as_current_span("work") as span:
        logger.info("{trace_id} {request_id:>5}", n=1)
        logger.info("{trace_id}", trace_id="mine")

    assert [record["message"] for record in records] == [f"{ids(span)['trace_id']}   r-1", "mine"]

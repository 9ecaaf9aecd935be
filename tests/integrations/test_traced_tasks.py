"""Celery with OpenTelemetry: a task's records have the ids of its own span, or else those of the span that sent it."""

from __future__ import annotations

import celery
import pytest
from celery import signals
from logly import logger
from logly.integrations.celery import install
from logly.integrations.opentelemetry import install as install_ids
from opentelemetry.sdk.trace import TracerProvider

TRACER = TracerProvider().get_tracer("tests")
APP = celery.Celery("traced", broker="memory://")


@APP.task(name="traced.plain")
def plain():
    logger.info("working")


@APP.task(name="traced.own")
def own():
    with TRACER.start_as_current_span("task"):
        logger.info("working")


@pytest.fixture(autouse=True)
def _installed():
    """Connect Celery and OpenTelemetry."""
    with install(intercept=False), install_ids():
        yield


def ids(span) -> tuple[str, str]:
    found = span.get_span_context()
    return format(found.trace_id, "032x"), format(found.span_id, "016x")


def sent(task) -> dict:
    """Send a task and return the fields that its message carries."""
    found = {}

    def note(headers=None, **_signal):
        found.update(headers.get("logly", {}))

    signals.before_task_publish.connect(note, weak=False, dispatch_uid="test")
    try:
        task.apply_async()
    finally:
        signals.before_task_publish.disconnect(dispatch_uid="test")
    return found


def run(task, carried) -> None:
    """Run a task as a worker does that got these fields in its message."""
    task.push_request(id="1", logly=carried)
    try:
        signals.task_prerun.send(sender=task, task=task, task_id="1")
        task.run()
        signals.task_postrun.send(sender=task, task=task, task_id="1")
    finally:
        task.pop_request()


def test_message_carries_the_span_of_its_sender():
    with TRACER.start_as_current_span("sender") as span, logger.contextualize(request_id="r-1", trace_id="header"):
        carried = sent(plain)

    trace_id, span_id = ids(span)
    assert carried == {"request_id": "r-1", "trace_id": trace_id, "parent_id": span_id}
    assert sent(plain) == {}


def test_ids_of_the_sender_give_way_to_the_span_of_the_task(records):
    carried = {"request_id": "r-1", "trace_id": "0" * 31 + "1", "parent_id": "0" * 15 + "2"}

    run(plain, carried)
    run(own, carried)

    first, second = (record["extra"] for record in records)
    assert (first["trace_id"], first["parent_id"], first["request_id"]) == ("0" * 31 + "1", "0" * 15 + "2", "r-1")
    assert second["trace_id"] != first["trace_id"]
    assert "parent_id" not in second
    assert (second["request_id"], second["task"]) == ("r-1", "traced.own")

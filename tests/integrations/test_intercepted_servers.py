"""Servers with their own log configurations, whose loggers an application intercepts."""

from __future__ import annotations

from uvicorn.config import LOGGING_CONFIG

from tests.integrations.serving import APPLICATION, messages, serving

INTERCEPTING = f"import logly\nlogly.intercept_logging()\n{APPLICATION}"


def test_access_log_that_is_switched_off_stays_off(tmp_path):
    config = {**LOGGING_CONFIG, "formatters": {"default": {}, "access": {}}}

    with serving(tmp_path, "uvicorn", "--no-access-log", source=INTERCEPTING, name="covered", config=config) as client:
        client.get("/orders")

    found = messages(tmp_path)
    assert [text for text in found if "/orders" in text] == ["GET /orders 200"]
    assert "Application startup complete." in found


def test_access_log_that_is_on_is_taken_once(tmp_path):
    config = {**LOGGING_CONFIG, "formatters": {"default": {}, "access": {}}}

    with serving(tmp_path, "uvicorn", source=INTERCEPTING, config=config) as client:
        client.get("/orders")

    assert [text for text in messages(tmp_path) if "/orders" in text] == ["GET /orders 200"]

"""Calls ASGI applications as a server does, and returns the events that they send."""

from __future__ import annotations

import asyncio

from logly.integrations.asgi import LoglyMiddleware

START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}
REQUEST = {"type": "http.request", "body": b"", "more_body": False}
GONE = {"type": "http.disconnect"}


def scope_of(kind="http", path="/orders", **headers):
    scope = {
        "type": kind,
        "path": path,
        "query_string": b"token=secret",
        "client": ("10.0.0.1", 4321),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    return {**scope, "method": "GET"} if kind == "http" else scope


def call(app, scope=None, received=(REQUEST,), send=None, **options):
    """Run an application as a server does, and return the events it sent."""
    sent = []
    waiting = list(received)

    async def receive():
        return waiting.pop(0) if waiting else GONE

    async def keep(message):
        sent.append(message)

    asyncio.run(LoglyMiddleware(app, **options)(scope or scope_of(), receive, send or keep))
    return sent


def body(text=b"", *, more=False):
    return {"type": "http.response.body", "body": text, "more_body": more}


async def answer(scope, receive, send):
    await send(START)
    await send(body(b"hello"))


def texts(records):
    return [record["message"] for record in records]

"""`LoglyMiddleware` around websockets, called as a server calls them."""

from __future__ import annotations

import pytest

from tests.integrations.called import call, scope_of, texts

CONNECT = {"type": "websocket.connect"}
ACCEPT = {"type": "websocket.accept"}


async def echo(scope, receive, send):
    await receive()
    await send(ACCEPT)
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


def test_websocket_has_one_record_with_the_code_of_its_end(records):
    said = [CONNECT, {"type": "websocket.receive", "text": "häh"}, {"type": "websocket.disconnect", "code": 1001}]

    accepted, _ = call(echo, scope_of("websocket", "/chat", x_request_id="w-1"), said)

    (record,) = records
    assert (record["message"], record["level"], record["request_id"]) == ("WEBSOCKET /chat 1001", "INFO", "w-1")
    assert (record["code"], record["status"], record["response_bytes"]) == (1001, 101, 4)
    assert accepted["headers"] == [(b"x-request-id", b"w-1")]


def test_websocket_that_the_application_closes_has_its_code(records):
    async def app(scope, receive, send):
        await send(ACCEPT)
        await send({"type": "websocket.close", "code": 4000})

    call(app, scope_of("websocket", "/chat"), [CONNECT])

    assert texts(records) == ["WEBSOCKET /chat 4000"]


def test_websocket_that_is_refused_has_status_403(records):
    async def app(scope, receive, send):
        await send({"type": "websocket.close"})

    call(app, scope_of("websocket", "/chat"), [CONNECT])

    assert texts(records) == ["WEBSOCKET /chat 403"]


def test_websocket_that_is_refused_by_a_response_has_its_status(records):
    async def app(scope, receive, send):
        await send({"type": "websocket.http.response.start", "status": 401, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b"who?"})

    call(app, scope_of("websocket", "/chat"), [CONNECT])

    assert (texts(records), records[0]["response_bytes"]) == (["WEBSOCKET /chat 401"], 4)


def test_websocket_whose_client_is_lost_says_so(records):
    call(echo, scope_of("websocket", "/chat"), [CONNECT, {"type": "websocket.disconnect", "code": 1006}])

    assert (records[0]["code"], records[0]["disconnected"]) == (1006, True)


def test_exception_within_a_websocket_is_in_its_record(records):
    async def app(scope, receive, send):
        await send(ACCEPT)
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        call(app, scope_of("websocket", "/chat"), [CONNECT])

    (record,) = records
    assert (record["message"], record["level"]) == ("WEBSOCKET /chat 1011", "ERROR")
    assert repr(record["exception"].value) == "ValueError('broken')"


def test_exception_that_only_says_that_the_client_closed_is_no_second_record(records):
    class WebSocketDisconnect(Exception):
        pass

    async def app(scope, receive, send):
        await echo(scope, receive, send)
        raise WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect):
        call(app, scope_of("websocket", "/chat"), [CONNECT, {"type": "websocket.disconnect", "code": 1000}])

    assert texts(records) == ["WEBSOCKET /chat 1000"]


def test_websocket_that_is_dropped_has_the_code_of_that(records):
    async def app(scope, receive, send):
        await send(ACCEPT)

    call(app, scope_of("websocket", "/chat"), [CONNECT])

    assert texts(records) == ["WEBSOCKET /chat 1006"]

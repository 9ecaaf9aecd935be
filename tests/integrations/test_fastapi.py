"""`LoglyMiddleware` in FastAPI under real servers, with several clients at once over loopback.

With `LOGLY_STRESS=1` the clients send 10,000 requests.
"""

from __future__ import annotations

import http.client
import json
import socket
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from logly.integrations.uvicorn import log_config
from websockets.sync.client import connect

from tests.faults.support.oracle import IS_LONG
from tests.integrations.serving import LIMIT, logged, serving

REQUESTS = 10_000 if IS_LONG else 2_000
CLIENTS = 4

APPLICATION = """
import asyncio
from fastapi import BackgroundTasks, FastAPI, Request, WebSocket
from fastapi.responses import StreamingResponse
from logly import logger
from logly.integrations.asgi import LoglyMiddleware
from starlette.concurrency import run_in_threadpool

logger.configure(console=False)
logger.add("app.log", json=True)
app = FastAPI()
app.add_middleware(LoglyMiddleware)

def note(where, number):
    logger.info("{where}", where=where, number=number)

@app.get("/sync/{number}")
def sync(number: int):
    with logger.contextualize(user=number):
        note("user", number)
    note("handler", number)
    return number

@app.get("/async/{number}")
async def asynchronous(number: int):
    with logger.contextualize(user=number):
        await asyncio.sleep(0)
        note("user", number)
        await asyncio.sleep(0)
    note("handler", number)
    return number

@app.get("/background/{number}")
async def background(number: int, tasks: BackgroundTasks):
    async def later():
        await asyncio.sleep(0)
        note("task", number)

    tasks.add_task(note, "thread", number)
    tasks.add_task(later)
    note("handler", number)
    return number

@app.get("/pool/{number}")
async def pool(number: int):
    await asyncio.gather(
        run_in_threadpool(note, "thread", number),
        asyncio.to_thread(note, "thread", number),
        asyncio.create_task(asyncio.to_thread(note, "task", number)),
    )
    note("handler", number)
    return number

@app.get("/stream/{number}")
async def stream(number: int):
    async def chunks():
        for part in range(3):
            note("chunk", number)
            await asyncio.sleep(0)
            yield str(number) * part
    note("handler", number)
    return StreamingResponse(chunks())

@app.get("/iterate/{number}")
def iterate(number: int):
    def chunks():
        for part in range(3):
            note("chunk", number)
            yield str(number) * part
    note("handler", number)
    return StreamingResponse(chunks())

@app.get("/fail")
def fail():
    raise ValueError("broken")

@app.get("/endless")
async def endless():
    async def chunks():
        while True:
            yield "x" * 1000
            await asyncio.sleep(0.001)
    return StreamingResponse(chunks())

@app.post("/upload")
async def upload(request: Request):
    return len(await request.body())

@app.websocket("/echo")
async def echo(websocket: WebSocket):
    await websocket.accept()
    while True:
        text = await websocket.receive_text()
        logger.info("received")
        await websocket.send_text(text)
"""

NOTES = {
    "sync": {"user": 1, "handler": 1},
    "async": {"user": 1, "handler": 1},
    "background": {"handler": 1, "thread": 1, "task": 1},
    "pool": {"thread": 2, "task": 1, "handler": 1},
    "stream": {"handler": 1, "chunk": 3},
    "iterate": {"handler": 1, "chunk": 3},
}
"""The records logged within one request, for each kind of request."""

KINDS = list(NOTES)


BETWEEN = """
@app.middleware("http")
async def between(request, call_next):
    logger.info("between")
    return await call_next(request)
"""
ADDED = "app.add_middleware(LoglyMiddleware)\n"
STACKS = {
    "alone": APPLICATION,
    "outside another": APPLICATION.replace(ADDED, BETWEEN + ADDED),
    "inside another": APPLICATION.replace(ADDED, ADDED + BETWEEN),
}
"""Applications that differ in the order of their middlewares. Starlette's own middleware passes responses on through
tasks."""


def application(folder, source=APPLICATION, server="uvicorn"):
    """Run the application under a server and give a client for it."""
    return serving(folder, server, source=source, name="app", config=log_config(access=False))


def ask(port, numbers):
    """Send requests on one connection; return for each number the id that its response had."""
    ids = {}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)) as connection:
        for number in numbers:
            # Every second request brings its own id.
            headers = {"X-Request-ID": f"r-{number}"} if number % 2 else {}
            connection.request("GET", f"/{KINDS[number % len(KINDS)]}/{number}", headers=headers)
            response = connection.getresponse()
            response.read()
            assert response.status == 200
            ids[number] = response.headers["X-Request-ID"]
    return ids


def exchange(port, text):
    """Send bytes unchanged, and read until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), LIMIT) as connection:
        connection.sendall(text.encode())
        while connection.recv(65536):
            pass


@pytest.mark.parametrize(
    ("server", "stack", "count"),
    [
        ("uvicorn", "alone", REQUESTS),
        ("uvicorn", "outside another", REQUESTS // 10),
        ("uvicorn", "inside another", REQUESTS // 10),
        ("hypercorn", "alone", REQUESTS // 10),
        ("granian", "alone", REQUESTS // 10),
    ],
)
def test_requests_of_several_clients_are_never_mixed(tmp_path, server, stack, count):
    parts = [range(start, count, CLIENTS) for start in range(CLIENTS)]
    ids = {}

    with application(tmp_path, STACKS[stack], server) as client, ThreadPoolExecutor(CLIENTS) as clients:
        for found in clients.map(ask, [client.base_url.port] * CLIENTS, parts):
            ids.update(found)

    notes, access = sorted_by_request(logged(tmp_path), ids)
    assert len(set(ids.values())) == count
    assert all(ids[number] == f"r-{number}" for number in range(1, count, 2))
    assert access == dict.fromkeys(range(count), 1)
    assert notes == {number: NOTES[KINDS[number % len(KINDS)]] for number in range(count)}


def sorted_by_request(records, ids):
    """Check that each record has its request's id and fields; count each request's notes and access records."""
    notes, access = defaultdict(Counter), Counter()
    for fields in (record["fields"] for record in records):
        if "number" in fields:
            notes[fields["number"]][fields["where"]] += 1
            assert fields["request_id"] == ids[fields["number"]]
            assert fields.get("user") == (fields["number"] if fields["where"] == "user" else None)
        elif "duration_ms" in fields:
            number = int(fields["path"].rpartition("/")[2])
            access[number] += 1
            assert (fields["request_id"], fields["status"]) == (ids[number], 200)
            assert "user" not in fields
            assert "disconnected" not in fields
    return notes, access


def test_next_request_of_a_connection_inherits_nothing(tmp_path):
    first = "GET /sync/1 HTTP/1.1\r\nHost: a\r\nTraceparent: 00-{}-00f067aa0ba902b7-01\r\n\r\n".format("4" * 32)
    last = "GET /sync/2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    with application(tmp_path) as client:
        # Send both at once: uvicorn begins the second request inside the first request's task.
        exchange(client.base_url.port, first + last)

    found = [record["fields"] for record in logged(tmp_path) if "number" in record["fields"]]
    traces = {(fields["number"], fields.get("trace_id")) for fields in found}
    assert traces == {(1, "4" * 32), (2, None)}


def test_exception_of_a_route_is_logged_once_with_the_id_of_its_request(tmp_path):
    with application(tmp_path) as client:
        response = client.get("/fail", headers={"X-Request-ID": "r-1"})

    (failed,) = [record for record in logged(tmp_path) if "broken" in json.dumps(record)]
    assert response.status_code == 500
    assert (failed["message"], failed["level"], failed["fields"]["request_id"]) == ("GET /fail 500", "ERROR", "r-1")
    assert failed["exception"]["frames"][-1]["function"] == "fail"


def test_route_that_is_not_found_has_its_record(tmp_path):
    with application(tmp_path) as client:
        client.get("/nowhere")

    (record,) = [record for record in logged(tmp_path) if record["message"].startswith("GET")]
    assert (record["message"], record["level"]) == ("GET /nowhere 404", "INFO")


def test_client_that_leaves_within_a_stream_ends_its_record(tmp_path):
    with application(tmp_path) as client:
        with client.stream("GET", "/endless") as response:
            next(response.iter_raw())
        client.get("/sync/1")

    (record,) = [record for record in logged(tmp_path) if record["message"].startswith("GET /endless")]
    assert (record["message"], record["level"]) == ("GET /endless 200", "INFO")
    assert record["fields"]["disconnected"] is True
    assert record["fields"]["response_bytes"] >= 1000


def test_client_that_leaves_while_it_sends_has_status_499(tmp_path):
    with application(tmp_path) as client:
        port = client.base_url.port
        with socket.create_connection(("127.0.0.1", port), LIMIT) as connection:
            connection.sendall(b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf of it")
            # The answer to another request shows that the server has read this one.
            client.get("/sync/1")
        client.get("/sync/2")

    (record,) = [record for record in logged(tmp_path) if record["message"].startswith("POST")]
    assert (record["message"], record["level"], record["fields"]["disconnected"]) == ("POST /upload 499", "INFO", True)
    assert [record for record in logged(tmp_path) if record["level"] == "ERROR"] == []


@pytest.mark.parametrize("code", [1000, 1001, 4000])
def test_websocket_has_one_id_and_one_record(tmp_path, code):
    with application(tmp_path) as client:
        url = str(client.base_url).replace("http", "ws", 1)
        with connect(f"{url}/echo", additional_headers={"X-Request-ID": "w-1"}, open_timeout=LIMIT) as websocket:
            for _ in range(3):
                websocket.send("hello")
                assert websocket.recv(LIMIT) == "hello"
            websocket.close(code)
        assert websocket.response.headers["X-Request-ID"] == "w-1"

    records = [record for record in logged(tmp_path) if "request_id" in record["fields"]]
    own = [record for record in records if record["message"].startswith(("received", "WEBSOCKET"))]
    assert [record["message"] for record in own] == ["received"] * 3 + [f"WEBSOCKET /echo {code}"]
    assert {record["fields"]["request_id"] for record in records} == {"w-1"}
    assert [record for record in records if record["level"] == "ERROR"] == []

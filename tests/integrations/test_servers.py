"""The log configurations of uvicorn, hypercorn and granian, in the real servers."""

from __future__ import annotations

import importlib
import json
import logging
import logging.config
from collections import Counter

import logly
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.integrations.serving import LIMIT, SERVERS, await_messages, logged, messages, serving
from tests.support import standard

STARTED = {"uvicorn": "Application startup complete.", "hypercorn": "Running on", "granian": "Started worker-1"}

WORKER = {"uvicorn": "Started server process", "hypercorn": "Running on", "granian": "Started worker-"}


@pytest.fixture
def _server_loggers():
    """Leave the servers' loggers without handlers."""
    with standard.restored():
        yield
    for name in ("_granian", "granian.access", "hypercorn.access", "hypercorn.error", "uvicorn", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()


def config_of(server, **options):
    return importlib.import_module(f"logly.integrations.{server}").log_config(**options)


def talk(client):
    """Open a websocket, say something, and wait for its end."""
    url = str(client.base_url).replace("http", "ws", 1)
    with connect(f"{url}/chat?token=secret", open_timeout=LIMIT) as websocket:
        websocket.send("hello")
        with pytest.raises(ConnectionClosed):
            websocket.recv(LIMIT)


@pytest.mark.parametrize("server", SERVERS)
def test_messages_and_access_lines_of_a_server_are_records(server, tmp_path):
    with serving(tmp_path, server, config=config_of(server)) as client:
        client.get("/orders?token=secret")
        client.get("/busy")
        client.get("/forged%0Aline")
        talk(client)

    records = logged(tmp_path)
    lines = {record["message"]: record for record in records}
    assert any(message.startswith(STARTED[server]) for message in lines)
    access = lines["GET /orders 200"]["fields"]
    assert (access["method"], access["path"], access["status"]) == ("GET", "/orders", 200)
    assert (access["client"], access["http_version"]) == ("127.0.0.1", "1.1")
    assert (lines["GET /orders 200"]["level"], lines["GET /busy 503"]["level"]) == ("INFO", "ERROR")
    assert "GET /forged%0Aline 200" in lines
    assert "secret" not in json.dumps(records)
    assert "color_message" not in json.dumps(records)


@pytest.mark.parametrize("server", SERVERS)
def test_exception_of_an_application_is_an_exception_of_a_record(server, tmp_path):
    with serving(tmp_path, server, config=config_of(server)) as client:
        assert client.get("/fail").status_code == 500

    (failed,) = [record for record in logged(tmp_path) if "exception" in record]
    assert failed["level"] == "ERROR"
    assert "\n" not in failed["message"]
    assert "broken" in json.dumps(failed["exception"])


@pytest.mark.parametrize("server", SERVERS)
def test_middleware_and_server_log_each_request_and_each_exception_once(server, tmp_path):
    with serving(tmp_path, server, name="covered", config=config_of(server, access=False)) as client:
        answered = client.get("/orders", headers={"X-Request-ID": "r-1"})
        client.get("/fail")
        talk(client)

    counts = Counter(message for message in messages(tmp_path) if " /" in message and "http:" not in message)
    failed = [record for record in logged(tmp_path) if record["level"] == "ERROR"]
    assert answered.headers["x-request-id"] == "r-1"
    assert counts["GET /orders 200"] == counts["GET /fail 500"] == counts["WEBSOCKET /chat 4001"] == 1
    assert [record["message"] for record in failed] == ["GET /fail 500"]
    assert "broken" in json.dumps(failed[0]["exception"])


@pytest.mark.parametrize("server", SERVERS)
def test_several_workers_leave_each_record_once(server, tmp_path):
    numbers = range(40)

    with serving(tmp_path, server, "--workers", "2", name="covered", config=config_of(server, access=False)) as client:
        await_messages(tmp_path, WORKER[server], 2)
        for number in numbers:
            client.get(f"/orders/{number}", headers={"Connection": "close"})

    counts = Counter(message for message in messages(tmp_path) if message.startswith("GET /orders/"))
    assert counts == {f"GET /orders/{number} 200": 1 for number in numbers}


@pytest.mark.usefixtures("_server_loggers")
@pytest.mark.parametrize("server", SERVERS)
def test_configuration_is_one_that_logging_takes(server, records):
    logging.config.dictConfig(json.loads(json.dumps(config_of(server, level="warning", access=False))))
    name, access = config_of(server)["loggers"]

    logging.getLogger(name).info("too low")
    logging.getLogger(name).warning("ready")
    logging.getLogger(access).info("not wanted")

    assert [record["message"] for record in records] == ["ready"]


@pytest.mark.usefixtures("_server_loggers")
@pytest.mark.parametrize("server", SERVERS)
def test_access_line_that_a_server_makes_otherwise_is_logged_as_it_is(server, records):
    logging.config.dictConfig(config_of(server))

    logging.getLogger(list(config_of(server)["loggers"])[-1]).info("%s went %s", "it", "so")

    assert [record["message"] for record in records] == ["it went so"]


@pytest.mark.usefixtures("_server_loggers")
@pytest.mark.parametrize("server", SERVERS)
def test_arguments_that_do_not_fit_their_message_fail_nothing(server, records, monkeypatch):
    monkeypatch.setattr(logging, "raiseExceptions", False)
    logging.config.dictConfig(config_of(server))

    for name in config_of(server)["loggers"]:
        logging.getLogger(name).info("%d", "it")

    assert [(record["message"], record["args"]) for record in records] == [("%d", ("it",))] * 2


@pytest.mark.usefixtures("_server_loggers")
def test_handler_that_is_not_uvicorns_has_its_access_lines_without_queries(records):
    access = logging.getLogger("uvicorn.access")
    importlib.import_module("logly.integrations.uvicorn")

    with logly.intercept_logging("INFO", ["uvicorn.access"]):
        access.info('%s - "%s %s HTTP/%s" %d', "10.0.0.1:4321", "GET", "/orders?token=secret", "1.1", 200)

    (record,) = records
    assert (record["message"], record["client"]) == ("GET /orders 200", "10.0.0.1")


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"level": "loud"}, ValueError, "level: .*loud"),
        ({"access": "yes"}, TypeError, "access: expected True or False, got 'yes'"),
    ],
)
def test_wrong_option_is_named(server, options, error, message):
    with pytest.raises(error, match=message):
        config_of(server, **options)

"""Connections to a collector: TLS, certificates of clients, and proxies."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager

import pytest
from logly import logger

from tests.support.collector import Collector
from tests.support.proxy import Proxy


@pytest.fixture
def secure(server_context, no_console):
    """Give a collector that speaks TLS."""
    with Collector(context=server_context) as server:
        yield server
        logger.remove()


@pytest.fixture
def proxy():
    """Give a proxy."""
    with Proxy() as server:
        yield server


def test_requests_arrive_over_tls(secure, certificates, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", str(certificates / "ca.pem"))
    logger.add("otlp", endpoint=secure.url, connect=True, batch=100)

    for number in range(1000):
        logger.info("{n}", n=number)

    assert logger.complete(timeout=30)
    assert secure.messages == [str(number) for number in range(1000)]


def test_collector_of_an_unknown_authority_gets_nothing(secure, capfd):
    with pytest.raises(ConnectionError, match="certificate verify failed"):
        logger.add("otlp", endpoint=secure.url, connect=True)

    sink = logger.add("otlp", endpoint=secure.url)
    logger.info("m")
    logger.complete(timeout=30)

    counts = logger.stats()["sinks"][sink]
    assert (counts["export"]["sent"], counts["export"]["retries"] > 0, secure.messages) == (0, True, [])
    assert "certificate verify failed" in capfd.readouterr().err


def test_name_that_the_certificate_lacks_is_refused(secure, certificates, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", str(certificates / "ca.pem"))
    url = secure.url.replace("127.0.0.1", "127.0.0.2")

    with pytest.raises(ConnectionError, match=r"certificate verify failed|refused"):
        logger.add("otlp", endpoint=url, connect=True)


def test_client_shows_its_certificate(secure, server_context, certificates, monkeypatch):
    server_context.verify_mode = ssl.CERT_REQUIRED
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", str(certificates / "ca.pem"))
    with pytest.raises(ConnectionError):
        logger.add("otlp", endpoint=secure.url, connect=True)

    monkeypatch.setenv("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", str(certificates / "client.pem"))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_CLIENT_KEY", str(certificates / "client.key"))
    logger.add("otlp", endpoint=secure.url)
    logger.info("m")

    assert logger.complete(timeout=30)
    assert secure.messages == ["m"]


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY"])
def test_requests_pass_a_proxy(collector, proxy, monkeypatch, name):
    monkeypatch.setenv(name, f"http://ann:p%40ss@{proxy.address}")
    logger.add("otlp", endpoint=collector.url)
    logger.info("m")

    assert logger.complete(timeout=30)
    assert collector.messages == ["m"]
    assert proxy.requests == [("POST", f"{collector.url}/v1/logs", "Basic YW5uOnBAc3M=")]
    assert "Proxy-Authorization" not in collector.headers[0]


def test_requests_over_tls_pass_a_proxy_in_a_tunnel(secure, certificates, proxy, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", str(certificates / "ca.pem"))
    monkeypatch.setenv("https_proxy", f"http://ann:secret@{proxy.address}")
    logger.add("otlp", endpoint=secure.url, headers={"authorization": "Bearer t0ken"})
    logger.info("m")

    assert logger.complete(timeout=30)
    assert secure.messages == ["m"]
    assert secure.headers[0]["authorization"] == "Bearer t0ken"
    assert proxy.requests == [("CONNECT", f"127.0.0.1:{secure.port}", "Basic YW5uOnNlY3JldA==")]


def test_hosts_without_a_proxy_are_reached_directly(collector, proxy, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://{proxy.address}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    logger.add("otlp", endpoint=collector.url)
    logger.info("m")

    assert logger.complete(timeout=30)
    assert (collector.messages, proxy.requests) == (["m"], [])


def test_records_wait_for_a_proxy_that_is_away(collector, proxy, monkeypatch, tmp_path):
    proxy.__exit__()
    monkeypatch.setenv("http_proxy", f"http://{proxy.address}")
    sink = logger.add("otlp", endpoint=collector.url, spool=tmp_path)
    logger.info("m")

    assert logger.complete(timeout=30)
    assert logger.stats()["sinks"][sink]["export"]["spooled"] == 1
    assert collector.messages == []


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n"])
def test_answer_that_drips_is_given_up(start, no_console):
    ended = threading.Event()

    def drip(handler):
        handler.connection.sendall(start or b"HTTP/1.1 200 ")
        try:
            for _ in range(200):
                handler.connection.sendall(b"x")
                if ended.wait(0.05):
                    break
        except OSError:
            ended.set()
        handler.close_connection = True

    with Collector(answers=[drip]) as collector:
        with pytest.raises(ConnectionError, match="timed out"):
            logger.add("otlp", endpoint=collector.url, connect=True, timeout=0.5)
        ended.set()


def test_connection_is_kept_between_requests(collector):
    logger.add("otlp", endpoint=collector.url)
    for _ in range(3):
        logger.info("a")
        assert logger.complete(timeout=30)

    assert (collector.messages, len(collector.connections)) == (["a"] * 3, 1)


def test_address_that_never_answers_leaves_time_for_the_next_one(collector, monkeypatch, capfd):
    with deaf_listener() as deaf:
        places = [deaf, collector.port]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port)) for port in places]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_: found)
        sink = logger.add("otlp", endpoint=collector.url, timeout=2)
        logger.info("m")
        assert logger.complete(timeout=30)

    counts = logger.stats()["sinks"][sink]["export"]
    assert (collector.messages, counts["retries"]) == (["m"], 0)
    assert capfd.readouterr().err == ""


@contextmanager
def deaf_listener():
    """Give a port whose connections are never made, because its backlog is full."""
    with socket.socket() as listener, socket.socket() as waiting, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for connection in (waiting, second):
            connection.setblocking(False)
            connection.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]

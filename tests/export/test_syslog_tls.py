"""Syslog over TLS."""

from __future__ import annotations

import ssl

import pytest
from logly import logger

from tests.support.syslog import StreamReceiver, parse


@pytest.fixture
def server(server_context, no_console):
    """Give a server that speaks TLS."""
    with StreamReceiver(context=server_context) as receiver:
        yield receiver
        logger.remove()


def test_messages_arrive_and_the_connection_ends_cleanly(server, certificates):
    sink = logger.add(server.name, certificate=certificates / "ca.pem", connect=True)
    for number in range(5000):
        logger.info("{}", number)

    assert [parse(frame).text for frame in server.wait(5000)] == [str(number) for number in range(5000)]
    assert logger.remove(sink)
    server.wait_for(lambda it: it.clean == 2)
    assert server.torn == 0


def test_client_shows_its_certificate(server, certificates):
    server.context.verify_mode = ssl.CERT_REQUIRED
    logger.add(
        server.name,
        certificate=certificates / "ca.pem",
        client_certificate=certificates / "client.pem",
        client_key=certificates / "client.key",
    )
    logger.info("m")

    assert parse(server.wait(1)[0]).text == "m"


def test_unknown_authority_is_refused(server, certificates):
    with pytest.raises(ConnectionError, match="certificate verify failed"):
        logger.add(server.name, connect=True)
    sink = logger.add(server.name)
    logger.info("m")

    assert logger.complete(timeout=10) is False
    assert logger.stats()["sinks"][sink]["pending"] == 1
    assert server.frames == []


def test_connection_that_ended_while_idle_is_opened_again(server, certificates):
    logger.add(server.name, certificate=certificates / "ca.pem")
    logger.info("a")
    server.wait(1)
    server.drop_connections()
    server.wait_for(lambda it: it.clean == 1)

    logger.info("b")

    assert [parse(frame).text for frame in server.wait(2)] == ["a", "b"]

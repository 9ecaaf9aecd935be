"""Messages as rsyslog and syslog-ng understand them, and what arrives when they are stopped, killed or restarted."""

from __future__ import annotations

import os

import pytest
from logly import logger

FIELDS = {"user": 'a"]\\b é', "amount": 12, "items": [1, "x"]}


def options_of(server, transport, certificates):
    """Return the arguments of a sink for a server."""
    given = {"certificate": certificates / "ca.pem"} if transport == "tls" else {}
    return {"sink": server.names[transport], "app_name": "shop", "facility": "local3", **given}


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_parts_and_fields_are_understood(server, transport, certificates):
    logger.add(**options_of(server, transport, certificates))
    logger.warning("paid é", event_name="payment", **FIELDS)
    assert logger.complete(timeout=30)

    (found,) = server.records(1)

    assert (found["priority"], found["app"], found["process"]) == (19 * 8 + 4, "shop", str(os.getpid()))
    assert (found["id"], found["text"]) == ("payment", "paid é")
    expected = {"user": 'a"]\\b é', "amount": "12", "items": '[1, "x"]', "event_name": "payment"}
    assert found["data"]["fields@32473"] == expected
    assert found["data"]["logly@32473"]["level"] == "WARNING"


def test_local_socket_is_understood(server, certificates):
    logger.add(**options_of(server, "socket", certificates))
    logger.warning("paid é", amount=12)
    assert logger.complete(timeout=30)

    (found,) = server.records(1)

    assert (found["priority"], found["app"], found["process"]) == (19 * 8 + 4, "shop", str(os.getpid()))
    assert found["text"] == "paid é amount=12"


def test_local_socket_misreads_the_new_format(server, certificates):
    logger.add(**options_of(server, "socket", certificates), syslog_format="rfc5424")
    logger.warning("paid")
    assert logger.complete(timeout=30)

    (found,) = server.records(1)

    assert found["app"] == "1"


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_old_format_is_understood(server, transport, certificates):
    logger.add(**options_of(server, transport, certificates), syslog_format="rfc3164")
    logger.error("paid é", amount=12)
    assert logger.complete(timeout=30)

    (found,) = server.records(1)

    assert (found["priority"], found["app"], found["process"]) == (19 * 8 + 3, "shop", str(os.getpid()))
    assert found["text"] == "paid é amount=12"


def test_traceback_is_one_message(server, certificates):
    logger.add(**options_of(server, "tcp", certificates))
    try:
        raise ValueError("bad")
    except ValueError:
        logger.exception("m")
    assert logger.complete(timeout=30)

    (found,) = server.records(1)
    text = found["text"].replace("#012", "\n")

    assert text.startswith("m\nTraceback (most recent call last):\n")
    assert text.endswith("\nValueError: bad")


@pytest.mark.parametrize("transport", ["socket", "tcp", "tls"])
def test_all_records_arrive_once_and_in_order(server, transport, certificates):
    logger.add(**options_of(server, transport, certificates), overflow="block")
    for number in range(20_000):
        logger.info("{}", number)
    assert logger.complete(timeout=60)

    texts = [found["text"] for found in server.records(20_000)]

    assert texts == [str(number) for number in range(20_000)]


@pytest.mark.parametrize("transport", ["socket", "tcp"])
def test_server_that_stands_still_loses_nothing(server, transport, certificates):
    logger.add(**options_of(server, transport, certificates), overflow="block", timeout=0.5)
    server.freeze()
    for number in range(20_000):
        logger.info("{}", number, text="x" * 100)
    assert logger.complete(timeout=0.1) is False
    server.thaw()

    texts = [found["text"].split()[0] for found in server.records(20_000)]

    assert sorted(set(map(int, texts))) == list(range(20_000))
    assert logger.complete(timeout=60)


def test_server_that_is_killed_gets_the_rest_when_it_is_back(server, certificates):
    sink = logger.add(**options_of(server, "tcp", certificates), overflow="block")
    for number in range(1000):
        logger.info("{}", number)
    server.records(1000)
    server.kill()
    for number in range(1000, 2000):
        logger.info("{}", number)
    server.start()

    texts = [found["text"] for found in server.records(2000)]

    assert texts == [str(number) for number in range(2000)]
    assert logger.complete(timeout=30)
    assert logger.stats()["sinks"][sink]["written"] == 2000

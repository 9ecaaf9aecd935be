"""A collector and certificates for the tests of exports, and an environment without its variables."""

from __future__ import annotations

import os
import socket
import ssl

import pytest
from logly import logger

from tests.support import certificates as certificates_of


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch):
    """Take the variables of OpenTelemetry and of proxies away."""
    for name in list(os.environ):
        if name.startswith("OTEL_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def collector(no_console):
    """Give a collector that takes everything."""
    # Free-threaded builds do not have the package of the protocol, which only some of these tests need.
    from tests.support.collector import Collector

    with Collector() as server:
        yield server
        logger.remove()


@pytest.fixture
def free_port():
    """Give a port of TCP that nothing listens on, and that no other program gets. A server here may take it."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """Make an authority, and certificates of a server and of a client."""
    return certificates_of.make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def server_context(certificates):
    """Give the context of a server that asks for the certificate of a client, and does without."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=certificates / "ca.pem")
    context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    context.verify_mode = ssl.CERT_OPTIONAL
    return context

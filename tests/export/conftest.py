"""A collector and certificates for the tests of exports, and an environment without its variables."""

from __future__ import annotations

import os
import ssl

import pytest
from logly import logger

from tests.support import certificates as certificates_of
from tests.support.collector import Collector


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch):
    """Take the variables of OpenTelemetry and of proxies away."""
    for name in list(os.environ):
        if name.startswith("OTEL_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def collector(no_console):
    """Give a collector that takes everything."""
    with Collector() as server:
        yield server
        logger.remove()


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

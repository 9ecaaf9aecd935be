"""Folders for servers, and an environment without variables that steer exports."""

from __future__ import annotations

import os

import pytest
from logly import logger

from tests.interop.servers.journald import Journal
from tests.interop.servers.syslog import Rsyslog, SyslogNg
from tests.support import certificates as certificates_of


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch):
    """Take the variables of OpenTelemetry and of proxies away."""
    for name in list(os.environ):
        if name.startswith("OTEL_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """Make certificates for servers on this machine."""
    return certificates_of.make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(params=[Rsyslog, SyslogNg], ids=["rsyslog", "syslog-ng"])
def server(request, tmp_path, certificates, no_console):
    """Give a running server of syslog."""
    with request.param(tmp_path, certificates) as running:
        yield running
        logger.remove()


@pytest.fixture
def journal(tmp_path, no_console):
    """Give a running journald."""
    with Journal(tmp_path) as running:
        yield running
        logger.remove()

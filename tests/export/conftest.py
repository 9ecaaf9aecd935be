"""A collector and certificates for the tests of exports, and an environment without its variables."""

from __future__ import annotations

import os
import subprocess

import pytest
from logly import logger

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
    folder = tmp_path_factory.mktemp("certificates")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder, timeout=60)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    openssl("req", "-x509", *key, "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem")
    for name in ("server", "client"):
        (folder / f"{name}.ext").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n", "utf-8")
        openssl("req", *key[:-2], "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        openssl(
            "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", f"{name}.ext", "-out", f"{name}.pem",
        )  # fmt: skip
    return folder

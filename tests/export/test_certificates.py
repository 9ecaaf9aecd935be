"""Certificates and keys that cannot be used: `add` names the option and the file."""

from __future__ import annotations

import subprocess

import pytest
from logly import logger

SINKS = pytest.mark.parametrize(
    "sink", [{"sink": "otlp", "endpoint": "https://localhost"}, {"sink": "syslog+tls://localhost"}]
)


def error_of(sink, **given):
    with pytest.raises(OSError, match=r"certificate: |client_key: ") as raised:
        logger.add(**sink, **given)
    return raised.value.strerror.partition(":")[0], raised.value.filename


@SINKS
@pytest.mark.parametrize("option", ["certificate", "client_certificate"])
def test_file_without_a_certificate_is_named(sink, option):
    assert error_of(sink, **{option: __file__}) == (option, __file__)


@SINKS
def test_file_without_a_key_is_named(sink, certificates):
    certificate = str(certificates / "client.pem")

    assert error_of(sink, client_certificate=certificate) == ("client_certificate", certificate)
    assert error_of(sink, client_certificate=certificate, client_key=__file__) == ("client_key", __file__)


@SINKS
def test_key_of_another_certificate_is_named(sink, certificates):
    given = {"client_certificate": str(certificates / "client.pem"), "client_key": str(certificates / "server.key")}

    assert error_of(sink, **given) == ("client_key", given["client_key"])


@SINKS
def test_key_with_a_passphrase_is_refused(sink, certificates, tmp_path):
    key = str(tmp_path / "client.key")
    command = ["openssl", "ec", "-in", certificates / "client.key", "-aes256", "-passout", "pass:secret", "-out", key]
    subprocess.run(command, check=True, capture_output=True, timeout=60)

    assert error_of(sink, client_certificate=certificates / "client.pem", client_key=key) == ("client_key", key)

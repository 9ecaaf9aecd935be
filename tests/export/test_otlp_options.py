"""Options of exports: arguments and variables, and the errors that name them."""

from __future__ import annotations

import subprocess
import sys

import logly
import pytest
from logly import logger
from logly._export import options

from tests.support.collector import Collector


@pytest.mark.parametrize(
    ("variables", "given", "url"),
    [
        ({}, {}, "http://localhost:4318/v1/logs"),
        ({}, {"endpoint": "https://otel.example"}, "https://otel.example:443/v1/logs"),
        ({}, {"endpoint": "http://h:1/custom/"}, "http://h:1/custom/"),
        ({}, {"endpoint": "http://[::1]:4318"}, "http://[::1]:4318/v1/logs"),
        ({}, {"endpoint": "http://h/?key=secret"}, "http://h:80/v1/logs"),
        ({"ENDPOINT": "http://h:2/base"}, {}, "http://h:2/base/v1/logs"),
        ({"ENDPOINT": "http://h:2/"}, {}, "http://h:2/v1/logs"),
        ({"ENDPOINT": "http://h:2", "LOGS_ENDPOINT": "http://h:3"}, {}, "http://h:3/"),
        ({"LOGS_ENDPOINT": "http://h:3/x"}, {"endpoint": "http://h:4"}, "http://h:4/v1/logs"),
    ],
)
def test_endpoint_comes_from_arguments_and_variables(monkeypatch, variables, given, url):
    for name, value in variables.items():
        monkeypatch.setenv(f"OTEL_EXPORTER_OTLP_{name}", value)

    assert options.read(None, given).url.shown == url


@pytest.mark.parametrize("variable", ["PROTOCOL", "LOGS_PROTOCOL"])
def test_other_protocol_in_a_variable_is_named(monkeypatch, variable):
    monkeypatch.setenv(f"OTEL_EXPORTER_OTLP_{variable}", "grpc")

    with pytest.raises(ValueError, match=rf"OTEL_EXPORTER_OTLP_{variable}: expected \"http/protobuf\", or endpoint="):
        options.read(None, {})
    assert options.read(None, {"endpoint": "http://h"}).url.host == "h"
    monkeypatch.setenv(f"OTEL_EXPORTER_OTLP_{variable}", "http/protobuf")
    assert options.read(None, {}).url.host == "localhost"


def test_other_options_come_from_variables(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b, x=1")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "2500")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE", __file__)

    read = options.read(None, {})

    assert read.headers == {"api-key": "a b", "x": "1"}
    assert (read.timeout, read.is_compressed, read.certificate) == (2.5, False, __file__)
    assert options.read(None, {"headers": {"a": "b"}, "timeout": 3}).timeout == 3


def test_headers_and_form_reach_the_collector(collector):
    logger.add("otlp", endpoint=collector.url, headers={"api-key": "k"}, compression="none")
    logger.info("a")
    assert logger.complete(timeout=30)

    headers = collector.headers[0]

    assert (headers["api-key"], headers["Content-Type"]) == ("k", "application/x-protobuf")
    assert "Content-Encoding" not in headers
    assert headers["User-Agent"].startswith("OTel-OTLP-Exporter-logly/")
    assert collector.paths == ["/v1/logs"]


def test_requests_are_compressed_by_default(collector):
    logger.add("otlp", endpoint=collector.url)
    logger.info("a" * 10_000)
    assert logger.complete(timeout=30)

    assert collector.headers[0]["Content-Encoding"] == "gzip"
    assert int(collector.headers[0]["Content-Length"]) < 1000


def test_scheme_of_a_name_gives_the_endpoint(collector):
    sink = logger.add(f"otlp+http://127.0.0.1:{collector.port}")

    assert logger.sink_info(sink)["name"] == f"{collector.url}/v1/logs"
    assert (logger.sink_info(sink)["kind"], logger.sink_info(sink)["json"]) == ("otlp", False)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("otpl+http://h", ' (did you mean "otlp+http"?)'),
        ("https://h", ' (did you mean "otlp+https"?)'),
        ("ftp://h", ""),
        ("kafka+x://h", ""),
    ],
)
def test_unknown_scheme_is_refused(name, near):
    with pytest.raises(ValueError, match="known ones are") as raised:
        logger.add(name)

    assert str(raised.value) == (
        'sink: expected a path; a name before :// is a scheme, and the known ones are "otlp+http://", "otlp+https://", '
        '"syslog://", "syslog+udp://", "syslog+tcp://", "syslog+tls://", "syslog+unix://" and "journald://", '
        f'got "{name}"{near}'
    )


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"endpoint": "localhost:4318"}, ValueError, "endpoint: expected a URL such as http://host:4318, got 'loc"),
        ({"endpoint": "ftp://h"}, ValueError, "endpoint: expected a URL such as"),
        ({"endpoint": "http://h:0"}, ValueError, "endpoint: expected a host and a port from 1 to 65535"),
        ({"endpoint": "http://h:99999"}, ValueError, "endpoint: expected a host and a port"),
        ({"endpoint": "http://u:secret@h"}, ValueError, "endpoint: expected a URL without a user and password"),
        ({"endpoint": "http://h/a b"}, ValueError, "endpoint: expected a URL such as"),
        ({"endpoint": "http://h\r\nx"}, ValueError, "endpoint: expected a URL such as"),
        ({"endpoint": 5}, TypeError, "endpoint: expected a URL"),
        ({"headers": {"a": "b\r\nc: secret"}}, ValueError, "headers: expected values without line breaks"),
        ({"headers": {"a b": "c"}}, ValueError, "headers: expected names of HTTP headers"),
        ({"headers": {"a": 5}}, TypeError, "headers: expected a dict of text to text"),
        ({"headers": "no-pair"}, ValueError, "headers: expected pairs such as key=value"),
        ({"headers": {"Content-Length": "5"}}, ValueError, "headers: expected headers other than"),
        ({"timeout": 0}, ValueError, "timeout: expected seconds"),
        ({"timeout": 10**400}, ValueError, "timeout: expected seconds"),
        ({"timeout": "5"}, TypeError, "timeout: expected a number"),
        ({"endpoint": "htps://h/?key=secret"}, ValueError,
         "endpoint: expected a URL such as http://host:4318, got 'htps://h/?...'"),
        ({"endpoint": "http://h:0/?key=secret"}, ValueError, "endpoint: expected a host and a port"),
        ({"endpoint": "http://a..b"}, ValueError, "endpoint: expected a host and a port from 1 to 65535, got 'http://a"),
        ({"endpoint": "http://[::1::2]"}, ValueError, "endpoint: expected a host and a port"),
        ({"batch": {"record": 5}}, ValueError,
         'batch: expected one of "records", "bytes", "seconds", got \'record\' (did you mean "records"?)'),
        ({"batch": 0}, ValueError, "batch['records']: expected a whole number from 1 to 1_000_000, got 0"),
        ({"batch": {"records": 1.5}}, ValueError, "batch['records']: expected a whole number from 1 to 1_000_000"),
        ({"batch": {"seconds": -1}}, ValueError, "batch['seconds']: expected 0 to 3_600, got -1"),
        ({"batch": "5"}, TypeError, "batch: expected a number of records"),
        ({"compression": "zstd"}, ValueError, 'compression: expected "gzip" or "none", got \'zstd\''),
        ({"compression": "gzp"}, ValueError, 'compression: expected "gzip" or "none", got \'gzp\''),
        ({"compression": True}, ValueError, 'compression: expected "gzip" or "none", got True'),
        ({"compression": ["gzip"]}, ValueError, 'compression: expected "gzip" or "none", got ['),
        ({"certificate": __file__}, ValueError, "certificate: expected an endpoint that is https://, got 'http://loc"),
        ({"client_key": __file__, "endpoint": "https://h"}, ValueError,
         "client_key: expected a client_certificate beside it"),
        ({"resource": ["a"]}, TypeError, "resource: expected a dict"),
        ({"spool_limit": "1 MB"}, ValueError, "spool_limit: expected a sink with spool="),
        ({"spool": "x", "spool_limit": 5}, ValueError, "spool_limit: expected 64 KiB or more"),
        ({"spool": 5}, TypeError, "spool: expected the path of a folder"),
        ({"connect": 1}, TypeError, "connect: expected True or False"),
        ({"json": True}, ValueError, 'json: expected a sink other than "otlp"'),
        ({"format": "{message}"}, ValueError, 'format: expected a sink other than "otlp"'),
        ({"keys": {"level": "l"}}, ValueError, 'keys: expected a sink other than "otlp"'),
        ({"rotation": "1 MB"}, ValueError, 'rotation: expected a sink other than "otlp"'),
        ({"async_write": False}, ValueError, 'async_write: expected a sink other than "otlp"'),
    ],
)  # fmt: skip
def test_mistakes_are_named(tmp_path, monkeypatch, given, error, text):
    monkeypatch.chdir(tmp_path)
    before = logger.list_sinks()

    with pytest.raises(error) as raised:
        logger.add("otlp", **given)

    assert str(raised.value).startswith(text)
    assert "secret" not in str(raised.value)
    assert logger.list_sinks() == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ENDPOINT", "nowhere"),
        ("HEADERS", "secret"),
        ("TIMEOUT", "soon"),
        ("COMPRESSION", "br"),
        ("LOGS_TIMEOUT", "-1"),
    ],
)
def test_mistakes_in_variables_are_named(monkeypatch, variable, value):
    monkeypatch.setenv(f"OTEL_EXPORTER_OTLP_{variable}", value)

    with pytest.raises(ValueError, match=f"OTEL_EXPORTER_OTLP_{variable}: expected"):
        logger.add("otlp")


def test_missing_certificate_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", str(tmp_path / "ca.pem"))

    with pytest.raises(FileNotFoundError, match="OTEL_EXPORTER_OTLP_CERTIFICATE"):
        logger.add("otlp", endpoint="https://localhost")


def test_certificate_that_is_none_is_refused(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", __file__)

    with pytest.raises(OSError, match="certificate: "):
        logger.add("otlp", endpoint="https://localhost")


@pytest.mark.parametrize("name", ["htps://h/v1?key=secret", "otpl+http://h?key=secret", "htps://u:secret@h"])
def test_error_about_a_scheme_shows_no_secrets(name):
    with pytest.raises(ValueError, match="known ones are") as raised:
        logger.add(name)

    assert "secret" not in str(raised.value)


def test_spool_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(OSError, match="spool: "):
        logger.add("otlp", spool=tmp_path / "file")


@pytest.mark.parametrize("sink", ["console", "app.log", print])
def test_options_of_exports_are_refused_elsewhere(tmp_path, monkeypatch, sink):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ValueError, match='endpoint: expected a sink that is "otlp"'):
        logger.add(sink, endpoint="http://h")


def test_no_compression_is_still_refused_for_files(tmp_path):
    with pytest.raises(ValueError, match="compression: expected"):
        logger.add(tmp_path / "a.log", compression="none")


def test_connect_asks_the_collector(no_console):
    with Collector(answers=[200, 404]) as collector:
        logger.add("otlp", endpoint=collector.url, connect=True)
        assert collector.seen == 1
        with pytest.raises(ConnectionError, match="connect: .* HTTP status 404"):
            logger.add("otlp", endpoint=collector.url, connect=True)
        logger.remove()
    with pytest.raises(ConnectionError, match="connect: .* does not take requests"):
        logger.add("otlp", endpoint=collector.url, connect=True)


def test_nothing_is_opened_before_the_first_record(tmp_path):
    program = """
import socket, sys
def refuse(*args, **kwargs): raise SystemExit("a socket was opened")
socket.socket.__init__ = refuse
from logly import logger
assert "http.client" not in sys.modules
logger.add("otlp")
print("http.client" in sys.modules, "ssl" in sys.modules)
"""
    ended = subprocess.run([sys.executable, "-c", program], check=True, timeout=60, capture_output=True, text=True)

    assert (ended.stdout, ended.stderr) == ("False False\n", "")


def test_configuration_file_may_have_exports(no_console, tmp_path, collector):
    path = tmp_path / "logly.toml"
    path.write_text(f"""
[[sinks]]
sink = "otlp"
endpoint = "{collector.url}"
batch = {{ records = 10, seconds = 0.5 }}
headers = {{ api-key = "k" }}
resource = {{ "service.name" = "shop" }}
""")
    logly.load(path)
    logger.info("a")
    assert logger.complete(timeout=30)

    assert collector.headers[0]["api-key"] == "k"

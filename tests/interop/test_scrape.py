"""Prometheus reads the metrics that an application serves."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.request import urlopen

import logly
import pytest
from logly import logger

from tests.interop.servers import debian
from tests.interop.servers.process import Server, free_ports, wait_for


class Handler(BaseHTTPRequestHandler):
    """Serves the metrics as an application does."""

    def do_GET(self):
        body = logly.metrics_text().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def application():
    """Give the port of an application that serves its metrics."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_records_by_sink_and_level_are_scraped(tmp_path, application, no_console):
    logger.add(tmp_path / "app.log", level="INFO")
    for _ in range(30):
        logger.info("m")
    logger.error("m")
    assert logger.complete()

    (port,) = free_ports(1)
    configuration = tmp_path / "prometheus.yml"
    job = {"job_name": "shop", "static_configs": [{"targets": [f"127.0.0.1:{application}"]}]}
    configuration.write_text(json.dumps({"global": {"scrape_interval": "1s"}, "scrape_configs": [job]}))
    command = [
        debian.program("prometheus"), f"--config.file={configuration}", f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip

    def found():
        try:
            with urlopen(f"http://127.0.0.1:{port}/api/v1/query?query=logly_records_total") as response:
                result = json.load(response)["data"]["result"]
        except HTTPError:  # It answers 503 while it starts.
            return {}
        return {series["metric"]["level"]: float(series["value"][1]) for series in result}

    with Server(command, tmp_path, "prometheus", (port,)):
        assert wait_for(found, "a scrape") == {"INFO": 30, "ERROR": 1}

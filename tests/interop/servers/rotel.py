"""rotel, a collector of OpenTelemetry in one process."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from tests.interop.servers.process import Server, free_ports

if TYPE_CHECKING:
    from pathlib import Path


class Rotel(Server):
    """A collector that takes OTLP over HTTP at `url`; *options* choose where it passes records on."""

    def __init__(self, folder: Path, *options: object):
        port, other = free_ports(2)
        self.url = f"http://127.0.0.1:{port}"
        program = files("rotel") / "rotel-agent"
        listening = ["--otlp-http-endpoint", f"127.0.0.1:{port}", "--otlp-grpc-endpoint", f"127.0.0.1:{other}"]
        super().__init__([program, "start", *listening, *options], folder, "rotel", (port,))

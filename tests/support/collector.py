"""A collector of OpenTelemetry on loopback that keeps its requests, and that fails on request."""

from __future__ import annotations

import gzip
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)

LIMIT = 30
"""Seconds after which a wait fails its test."""


class Collector:
    """The server; `answers` has the behaviour of the next requests, and then all succeed. *context* is that of TLS."""

    def __init__(self, port: int = 0, answers=(), context=None):
        self.answers = list(answers)
        self.requests: list[ExportLogsServiceRequest] = []
        """Those that were answered with success, in order."""
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.bodies: list[bytes] = []
        self.seen = 0
        """All requests."""
        self.changed = threading.Condition()
        self.server = ThreadingHTTPServer(("127.0.0.1", port), _handler_of(self))
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        self.port = self.server.server_port
        if context:
            # The handshake takes place with the first read, in the thread of its request.
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"
        self.connections: list = []
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Stop listening, and end the connections."""
        self.server.shutdown()
        self.server.server_close()
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(2)

    def wait(self, is_done):
        """Wait until a condition on this collector holds."""
        with self.changed:
            assert self.changed.wait_for(lambda: is_done(self), LIMIT), (
                f"{self.seen} requests, {len(self.logs)} records"
            )

    @property
    def logs(self):
        """The records of all requests that succeeded, in order."""
        return [
            record
            for request in self.requests
            for resource in request.resource_logs
            for scope in resource.scope_logs
            for record in scope.log_records
        ]

    @property
    def messages(self):
        return [record.body.string_value for record in self.logs]


def _handler_of(collector: Collector):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self):
            super().setup()
            collector.connections.append(self.connection)

        def do_POST(self):
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            body = gzip.decompress(raw) if self.headers.get("Content-Encoding") == "gzip" else raw
            with collector.changed:
                collector.seen += 1
                answer = collector.answers.pop(0) if collector.answers else 200
                collector.headers.append(dict(self.headers))
                collector.paths.append(self.path)
                collector.changed.notify_all()
            if callable(answer):
                answer = answer(self)
            if answer is None:
                return
            status, headers, content = answer if isinstance(answer, tuple) else (answer, {}, b"")
            if status == 200:
                with collector.changed:
                    collector.bodies.append(body)
                    collector.requests.append(ExportLogsServiceRequest.FromString(body))
                    collector.changed.notify_all()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    return Handler


def partial(rejected: int, message: str = ""):
    """The answer of a collector that refuses some records."""
    response = ExportLogsServiceResponse()
    response.partial_success.rejected_log_records = rejected
    response.partial_success.error_message = message
    return 200, {}, response.SerializeToString()


def reset(handler):
    """End the connection without an answer."""
    handler.connection.shutdown(2)
    handler.close_connection = True


def garbage(handler):
    """Answer with bytes that are no HTTP."""
    handler.wfile.write(b"\x00\xff garbage\r\n\r\n")
    handler.close_connection = True


def value_of(value):
    """Return the Python value of an `AnyValue`."""
    kind = value.WhichOneof("value")
    if kind == "kvlist_value":
        return {pair.key: value_of(pair.value) for pair in value.kvlist_value.values}
    if kind == "array_value":
        return [value_of(item) for item in value.array_value.values]
    return getattr(value, kind) if kind else None


def attributes(message):
    """Return the attributes of a record or resource."""
    return {pair.key: value_of(pair.value) for pair in message.attributes}

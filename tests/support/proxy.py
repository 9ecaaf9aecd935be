"""An HTTP proxy on loopback, which passes requests on and opens tunnels."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Proxy:
    """The proxy; `requests` has the method, the target and the credentials of each request that it was given."""

    def __init__(self):
        self.requests: list[tuple[str, str, str | None]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def _handler_of(proxy: Proxy):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def note(self):
            proxy.requests.append((self.command, self.path, self.headers.get("Proxy-Authorization")))

        def do_POST(self):
            self.note()
            target = urlsplit(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            own = {"proxy-authorization", "host"}
            headers = {name: value for name, value in self.headers.items() if name.lower() not in own}
            connection = HTTPConnection(target.hostname, target.port)
            connection.request("POST", target.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_CONNECT(self):
            self.note()
            host, _, port = self.path.rpartition(":")
            with socket.create_connection((host, int(port))) as other:
                self.send_response(200)
                self.end_headers()
                there = threading.Thread(target=_pass_on, args=(self.connection, other))
                there.start()
                _pass_on(other, self.connection)
                there.join()
            self.close_connection = True

        def log_message(self, *_):
            pass

    return Handler


def _pass_on(source, target):
    """Pass bytes on until the source ends."""
    with suppress(OSError):
        while piece := source.recv(65_536):
            target.sendall(piece)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)

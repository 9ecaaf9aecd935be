"""Servers for the tests of web applications, in a thread of the test or as a process; and a client."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import threading
import time
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from tests.faults.support.oracle import LIMIT
from tests.support.child import environment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from http.server import HTTPServer
    from pathlib import Path


class Answer:
    """A server's answer."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.body = response.status, response.headers, response.read()


class _SilentHandler(WSGIRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Do not log requests."""

    def get_stderr(self):
        """Discard error messages, as the tests cause errors on purpose."""
        import io

        return io.StringIO()


def wsgiref_serving(app: Callable) -> AbstractContextManager[int]:
    """Serve a WSGI application in a thread; give the port."""
    server = WSGIServer(("127.0.0.1", 0), _SilentHandler)
    server.set_app(app)
    return in_thread(server)


@contextmanager
def in_thread(server: HTTPServer) -> Iterator[int]:
    """Serve in a thread; give the port. All requests are finished when the block ends."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def process(
    folder: Path, command: list[str], *inherited: int, may_hang: bool = False, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server while the block runs; then tell it to end. Its output goes to the file `errors`."""
    options = {"cwd": folder, "env": environment_of(environment), "pass_fds": inherited, "start_new_session": True}
    with (folder / "errors").open("w+b") as errors:
        server = subprocess.Popen(command, stdout=errors, stderr=errors, **options)
        try:
            yield server
            server.terminate()
            with suppress(subprocess.TimeoutExpired) if may_hang else nullcontext():
                server.wait(5 if may_hang else LIMIT)
        finally:
            # Kill the server and all processes it started.
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
            server.wait()
    # Some servers end by the signal that they have handled.
    assert may_hang or server.returncode in {0, -signal.SIGTERM}, (folder / "errors").read_text()


def get(port: int, path: str = "/", method: str = "GET", **headers: str) -> Answer:
    """Request a path, on a new connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def await_port(server: subprocess.Popen[bytes], port: int) -> None:
    """Wait until a server accepts connections."""

    def is_open() -> bool:
        assert server.poll() is None, "the server has ended"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        return False

    until(is_open)


def until(is_so: Callable[[], bool]) -> None:
    """Wait until another process has made *is_so* true."""
    end = time.monotonic() + LIMIT
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)

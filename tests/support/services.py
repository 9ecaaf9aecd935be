"""Services that programs of documents post to: a server, and stand-ins for the libraries they post with.

A test's environment does not include `requests`, `aiohttp` and `aiofiles`. Their stand-ins here accept the calls that
the documents make, and send every post to the server, whatever its address.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

REQUESTS = """
import json, urllib.request

def post(url, json=json):
    body = globals()["json"].dumps(json).encode()
    urllib.request.urlopen(urllib.request.Request({address!r}, body, {{"X-Url": url}})).read()
"""

AIOHTTP = """
import asyncio, requests

class ClientSession:
    async def __aenter__(self): return self
    async def __aexit__(self, *error): return None
    async def post(self, url, json): await asyncio.to_thread(requests.post, url, json)
"""

AIOFILES = """
import asyncio
from contextlib import asynccontextmanager

class File:
    def __init__(self, file): self.file = file
    async def write(self, text): return await asyncio.to_thread(self.file.write, text)

@asynccontextmanager
async def open(name, mode, opened=open):
    file = await asyncio.to_thread(opened, name, mode)
    try:
        yield File(file)
    finally:
        await asyncio.to_thread(file.close)
"""


class Service(ThreadingHTTPServer):
    """Keeps all posts, each with the address it was sent to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.posts: list[tuple[str | None, dict]] = []
        self.together: threading.Barrier | None = None
        """The number of requests that must arrive before any of them is answered."""

    @property
    def address(self) -> str:
        """The address that the server listens on."""
        return f"http://127.0.0.1:{self.server_port}/"

    def stand_in(self, folder: Path) -> None:
        """Put the stand-ins for libraries into a program's folder."""
        (folder / "requests.py").write_text(REQUESTS.format(address=self.address), encoding="utf-8")
        (folder / "aiohttp.py").write_text(AIOHTTP, encoding="utf-8")
        (folder / "aiofiles.py").write_text(AIOFILES, encoding="utf-8")


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.together is not None:
            self.server.together.wait(30)
        self.server.posts.append((self.headers["X-Url"], body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Suppress the log of requests."""


@contextmanager
def service():
    """Run a server for the duration of a `with` block."""
    server = Service()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

"""Servers that fork, run as test programs: an application that logs one line per request, and its clients."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLIENTS = 8

APPLICATION = """
import os
from logly import logger

logger.configure(console=False)
logger.add("app.log", format="{process} {message}", **eval(os.environ["OPTIONS"]))
# The server logs before it forks: its children inherit a queue, a thread that is not theirs, and an open file.
for number in range(100):
    logger.info("before {number}", number=number)

def application(environ, start_response):
    logger.info("request {number}", number=environ["QUERY_STRING"])
    answer = environ["QUERY_STRING"].encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))])
    return [answer]
"""

SCRIPT = """
local threads = 0
function setup(thread)
    thread:set("id", threads)
    threads = threads + 1
end
function init(args)
    asked = 0
    answers = io.open("answers." .. id, "w")
end
function request()
    asked = asked + 1
    return wrk.format("GET", "/?" .. id .. "-" .. asked)
end
function response(status, headers, body)
    answers:write(body .. "\\n")
    answers:flush()
end
"""


@contextmanager
def listening() -> Iterator[socket.socket]:
    """Give a socket for a server to inherit, so that requests can arrive before the server is ready."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as server:
        server.set_inheritable(True)
        yield server


@contextmanager
def serving(folder: Path, command: list[str], *inherited: int, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Run a server while the block runs; then tell it to end, and check that it ends without an error."""
    errors = (folder / "errors").open("w+")
    # Some servers keep files in the home folder.
    options = {
        "cwd": folder,
        "env": {**os.environ, "HOME": str(folder), **environment},
        "pass_fds": inherited,
        "start_new_session": True,
    }
    with errors, subprocess.Popen(command, stdout=errors, stderr=errors, text=True, **options) as server:
        try:
            yield server
            server.send_signal(signal.SIGTERM)
            status = server.wait(LIMIT)
        except BaseException as error:
            os.killpg(server.pid, signal.SIGABRT)
            server.wait()
            pytest.fail(f"{error!r}\n{(folder / 'errors').read_text()}")
    assert (status, "Traceback" in (folder / "errors").read_text()) == (0, False), (folder / "errors").read_text()


def ask(folder: Path, port: int, count: int) -> list[str]:
    """Make requests, each with a number of its own; return the numbers of those that were answered."""
    return _ask_by_wrk(folder, port, count) if shutil.which("wrk") else _ask_by_threads(port, count)


def _ask_by_wrk(folder: Path, port: int, count: int) -> list[str]:
    (folder / "ask.lua").write_text(SCRIPT)
    command = ["wrk", "-t", "2", "-c", str(CLIENTS), "-d", f"{LIMIT}s", "-s", "ask.lua", f"http://127.0.0.1:{port}/"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            answers = [answer for path in folder.glob("answers.*") for answer in path.read_text().split()]
            if len(answers) >= count:
                # wrk can be limited by time only, not by a number of requests.
                process.send_signal(signal.SIGINT)
                process.wait()
            time.sleep(0.05)
    return [answer for path in folder.glob("answers.*") for answer in path.read_text().split()]


def _ask_by_threads(port: int, count: int) -> list[str]:
    def client(number: int) -> list[str]:
        return [_request(port, f"{number}-{asked}") for asked in range(count // CLIENTS)]

    with ThreadPoolExecutor(CLIENTS) as pool:
        return [answer for answers in pool.map(client, range(CLIENTS)) for answer in answers]


def _request(port: int, number: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)
    try:
        connection.request("GET", f"/?{number}")
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def script(name: str) -> str:
    """Return the path of a program that came with a package."""
    path = shutil.which(name, path=os.path.dirname(sys.executable))  # noqa: PTH120 - the folder of a link, unresolved
    if path is None:
        pytest.skip(f"needs {name}")
    return path


def lines(folder: Path) -> list[tuple[str, str, str]]:
    """Return process, word and number of all lines, archives included; each line must be whole."""
    text = "".join(path.read_text() for path in [*folder.glob("app.*.log"), folder / "app.log"])
    matches = [re.fullmatch(r"(\d+) ([a-z]+) ([0-9-]+)", line) for line in text.splitlines()]
    assert None not in matches
    return [match.groups() for match in matches if match]  # type: ignore[misc]  # three groups each

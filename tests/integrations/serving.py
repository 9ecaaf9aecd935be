"""Real servers as child processes of a test, on a port of their own, and what they logged."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from importlib import metadata

import httpx

from tests.child import environment_of

LIMIT = 60
"""Seconds after which a server counts as hung."""


APPLICATION = """
from logly import logger
from logly.integrations.asgi import LoglyMiddleware

logger.configure(console=False)
logger.add("app.log", json=True, format="{time} {level} {message} {name} {process}")

async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        return await lifespan(receive, send)
    if scope["type"] == "websocket":
        return await websocket(receive, send)
    if scope["path"] == "/fail":
        raise ValueError("broken")
    logger.info("working")
    status = 503 if scope["path"] == "/busy" else 200
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})

async def lifespan(receive, send):
    while True:
        kind = (await receive())["type"]
        await send({"type": kind + ".complete"})
        if kind == "lifespan.shutdown":
            return

async def websocket(receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    await receive()
    await send({"type": "websocket.close", "code": 4001})

covered = LoglyMiddleware(application)
"""

_COMMANDS = {
    "uvicorn": ["uvicorn", "--log-config", "log.json", "--fd", "{descriptor}"],
    "hypercorn": ["hypercorn", "--log-config", "json:log.json", "--access-logfile", "-", "--bind", "fd://{descriptor}"],
    "granian": [
        "granian", "--interface", "asgi", "--log-config", "log.json", "--access-log", "--port", "{port}",
    ],
}  # fmt: skip
SERVERS = sorted(_COMMANDS)

_GRANIAN_MAY_HANG = metadata.version("granian").startswith("2.5.")
"""The last version for Python 3.9 often does not end when it is told to, with logly or without."""


@contextmanager
def serving(folder, server, *arguments, source=APPLICATION, name="application", config=None):
    """Run *source* under a server in a folder, and give a client for it; the server has ended afterwards."""
    (folder / "app.py").write_text(source, encoding="utf-8")
    (folder / "log.json").write_text(json.dumps(config or {"version": 1}), encoding="utf-8")
    with ExitStack() as kept, socket.create_server(("127.0.0.1", 0), backlog=512) as held:
        held.set_inheritable(True)
        # Connections inherit it; asyncio does not know those of an inherited socket for TCP, and each would wait 40 ms.
        held.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        names = {"descriptor": held.fileno(), "port": held.getsockname()[1]}
        inherited = [held.fileno()]
        if server == "granian":
            # It opens its port itself, which is kept for it: another may share it, and nobody else can take it.
            held.close()
            inherited = []
            names["port"] = kept.enter_context(_reserved())
        command = [sys.executable, "-m", *(part.format(**names) for part in _COMMANDS[server])]
        with running(folder, [*command, *arguments, f"app:{name}"], *inherited) as process:
            await_port(process, names["port"])
            url = f"http://127.0.0.1:{names['port']}"
            await_port(process, names["port"])
            with httpx.Client(base_url=url, timeout=LIMIT) as client:
                yield client


@contextmanager
def _reserved():
    """Give a port that nobody listens at, and only who shares ports can."""
    with socket.socket() as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(("127.0.0.1", 0))
        yield reserved.getsockname()[1]


@contextmanager
def running(folder, command, *inherited):
    """Run a command in a folder, and have it end with all that it started."""
    options = {
        "cwd": folder,
        "env": environment_of({"PYTHONPATH": str(folder)}),
        "pass_fds": inherited,
        "start_new_session": True,
    }
    with (folder / "output").open("w") as output, subprocess.Popen(
        command, stdout=output, stderr=subprocess.STDOUT, **options
    ) as process:  # fmt: skip
        try:
            yield process
            _end(process, may_hang="granian" in " ".join(command) and _GRANIAN_MAY_HANG)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _end(process, *, may_hang):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(5 if may_hang else LIMIT)
    except subprocess.TimeoutExpired:
        if not may_hang:
            raise


def await_port(process, port):
    """Wait until a server takes connections."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        assert process.poll() is None, "the server has ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    message = "the server does not listen"
    raise TimeoutError(message)


def logged(folder):
    """Return the records that a server's processes left in `app.log`, as dicts."""
    return [json.loads(line) for line in (folder / "app.log").read_text(encoding="utf-8").splitlines()]


def messages(folder):
    """Return their messages."""
    return [record["message"] for record in logged(folder)]


def await_messages(folder, beginning, count):
    """Wait until so many records with such a message are there."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        if (folder / "app.log").exists() and sum(text.startswith(beginning) for text in messages(folder)) >= count:
            return
        time.sleep(0.02)
    message = f"there are no {count} records that begin with {beginning!r}"
    raise TimeoutError(message)

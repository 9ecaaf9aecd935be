"""ASGI servers, each with a test application on its own port; and readers of the records they logged."""

from __future__ import annotations

import json
import socket
import sys
from contextlib import ExitStack, contextmanager
from importlib import metadata

import httpx

from tests.faults.support.oracle import LIMIT
from tests.integrations.servers import await_port, process, until

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

GRANIAN_MAY_HANG = metadata.version("granian").startswith("2.5.")
"""Whether granian is the last version for Python 3.9, which often does not end when told to, with or without logly."""


@contextmanager
def serving(folder, server, *arguments, source=APPLICATION, name="application", config=None):
    """Run *source* under a server in a folder, and give a client for it; the server ends with the block."""
    (folder / "app.py").write_text(source, encoding="utf-8")
    (folder / "log.json").write_text(json.dumps(config or {"version": 1}), encoding="utf-8")
    with ExitStack() as kept, socket.create_server(("127.0.0.1", 0), backlog=512) as held:
        held.set_inheritable(True)
        # Connections inherit this option. asyncio does not recognize connections of an inherited socket as TCP, and
        # without the option each would wait 40 ms.
        held.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        names = {"descriptor": held.fileno(), "port": held.getsockname()[1]}
        inherited = [held.fileno()]
        if server == "granian":
            # granian opens its port itself. The port is reserved: granian can share it, other processes cannot take it.
            held.close()
            inherited = []
            names["port"] = kept.enter_context(_reserved_port())
        command = [sys.executable, "-m", *(part.format(**names) for part in _COMMANDS[server])]
        command += [*arguments, f"app:{name}"]
        may_hang = server == "granian" and GRANIAN_MAY_HANG
        with process(folder, command, *inherited, may_hang=may_hang, PYTHONPATH=str(folder)) as started:
            await_port(started, names["port"])
            with httpx.Client(base_url=f"http://127.0.0.1:{names['port']}", timeout=LIMIT) as client:
                yield client


@contextmanager
def _reserved_port():
    """Give a port without a listener; only a server that shares ports can listen there."""
    with socket.socket() as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(("127.0.0.1", 0))
        yield reserved.getsockname()[1]


def logged(folder):
    """Return the records that a server's processes left in `app.log`, as dicts."""
    return [json.loads(line) for line in (folder / "app.log").read_text(encoding="utf-8").splitlines()]


def messages(folder):
    """Return the messages of these records."""
    return [record["message"] for record in logged(folder)]


def await_messages(folder, beginning, count):
    """Wait until *count* records have a message that starts with *beginning*."""
    path = folder / "app.log"
    until(lambda: path.exists() and sum(text.startswith(beginning) for text in messages(folder)) >= count)

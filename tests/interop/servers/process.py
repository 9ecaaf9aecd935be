"""A server's process: started with its output in a file, waited for at its port, and ended with its test."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 60
"""Seconds after which a wait fails its test."""


def free_ports(count: int) -> list[int]:
    """Return ports that nothing on this machine listens at."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in sockets]
    for server in sockets:
        server.close()
    return ports


def wait_for(is_done, what: str):
    """Wait until a condition holds, and return its value; *what* tells which one did not."""
    end = time.monotonic() + LIMIT
    while not (value := is_done()):
        assert time.monotonic() < end, f"{what}: not within {LIMIT} s"
        time.sleep(0.02)
    return value


def listens(port: int) -> bool:
    """Return whether something takes connections at a port of loopback."""
    with closing(socket.socket()) as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


class Server:
    """A program that runs until its test ends."""

    def __init__(self, arguments: list[object], folder: Path, name: str, ports: tuple[int, ...] = ()):
        self.arguments = [str(argument) for argument in arguments]
        self.output = folder / f"{name}.out"
        self.ports = ports
        self.process: subprocess.Popen | None = None
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        """Start the program, again after `stop` or `kill`, and wait for its ports."""
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(self.arguments, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        wait_for(self._is_ready, f"{self.arguments[0]} at {self.ports}: {self.output}")

    def _is_ready(self):
        assert self.process.poll() is None, self.output.read_text()
        return all(listens(port) for port in self.ports)

    def stop(self):
        """Ask the program to end, and wait for it."""
        self.process.terminate()
        self.process.wait(LIMIT)

    def kill(self):
        """End the program at once, stopped or not."""
        self.process.kill()
        self.process.wait(LIMIT)

    def freeze(self):
        """Stop the program as it is: connections stay open, and nothing answers."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self):
        """Let a frozen program go on."""
        os.kill(self.process.pid, signal.SIGCONT)

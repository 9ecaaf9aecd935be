"""journald in a namespace of its own, and its entries as `journalctl` shows them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.interop.servers import debian
from tests.interop.servers.process import LIMIT, Server, wait_for

_RUN = Path("/run/systemd")
_LOGS = (Path("/run/log/journal"), Path("/var/log/journal"))


class Journal(Server):
    """The journal of a namespace."""

    def __init__(self, folder: Path):
        if os.geteuid() != 0 or shutil.which("journalctl") is None or not Path("/etc/machine-id").exists():
            pytest.skip("journald needs root, journalctl and a machine-id")
        _RUN.mkdir(exist_ok=True)
        self.namespace = f"logly-interop-{os.getpid()}"
        self.socket = _RUN / f"journal.{self.namespace}" / "socket"
        super().__init__([debian.program("systemd-journald"), self.namespace], folder, "journald")

    def __exit__(self, *_):
        self.kill()
        for logs in _LOGS:
            for path in logs.glob(f"*.{self.namespace}"):
                shutil.rmtree(path, ignore_errors=True)

    def start(self):
        """Start it, and wait for its sockets."""
        super().start()
        wait_for(self.socket.with_name("dev-log").exists, f"{self.socket}: {self.output}")
        wait_for(self.socket.exists, f"{self.socket}: {self.output}")

    def kill(self):
        """End it at once, and remove its sockets, so that the next one is waited for."""
        super().kill()
        shutil.rmtree(self.socket.parent, ignore_errors=True)

    def entries(self, count: int, *matches: str) -> list[dict]:
        """Wait for as many entries that match, and return them."""
        what = f"{count} entries with {matches}"
        return wait_for(lambda: found if len(found := self._read(*matches)) >= count else None, what)

    def _read(self, *matches: str) -> list[dict]:
        command = ["journalctl", f"--namespace={self.namespace}", "-o", "json", "--all", "--no-pager", "-q", *matches]
        ended = subprocess.run(command, check=False, capture_output=True, timeout=LIMIT)
        return [json.loads(line) for line in ended.stdout.splitlines()]

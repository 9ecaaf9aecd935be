"""The addresses of syslog and of the journal, as the names of sinks have them."""

from __future__ import annotations

import sys
from typing import NamedTuple

from logly._export.checks import host_and_port, wrong

_PORTS = {"udp": 514, "tcp": 601, "tls": 6514}
_LOCAL = "/var/run/syslog" if sys.platform == "darwin" else "/dev/log"
_JOURNAL = "/run/systemd/journal/socket"
_MOST_PATH = 107
"""The longest name of a Unix socket, in bytes."""


class Address(NamedTuple):
    """The place that messages go to."""

    kind: str
    """`"unix"`, `"udp"`, `"tcp"`, `"tls"` or `"journal"`."""
    host: str
    """The host, or the path of a socket."""
    port: int

    @property
    def is_local(self) -> bool:
        """Whether it is a socket of this machine."""
        return self.kind in {"unix", "journal"}

    @property
    def is_stream(self) -> bool:
        """Whether messages follow each other on a connection."""
        return self.kind in {"tcp", "tls"}

    @property
    def shown(self) -> str:
        """The address, for `sink_info` and reports."""
        if self.is_local:
            return self.host
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.kind}://{host}:{self.port}"


def read(name: str) -> Address:
    """Return the address in the name of a sink.

    Raises:
        ValueError: There is none, or its host or port is not valid.
    """
    scheme, found, rest = name.partition("://")
    if scheme == "journald":
        return Address("journal", _path(name, rest) if found else _JOURNAL, 0)
    if not found:
        return Address("unix", _LOCAL, 0)
    kind = scheme.partition("+")[2] or "udp"
    if kind == "unix":
        return Address("unix", _path(name, rest), 0)
    return Address(kind, *_host_and_port(name, scheme, rest.removesuffix("/"), _PORTS[kind]))


def _path(name: str, path: str) -> str:
    if not path.startswith("/") or "\0" in path or len(path.encode("utf-8", "replace")) > _MOST_PATH:
        raise wrong(name, "sink", f"the whole path of a socket of at most {_MOST_PATH} bytes behind ://")
    return path


def _host_and_port(name: str, scheme: str, place: str, default: int) -> tuple[str, int]:
    found = host_and_port(place, default)
    if found is None:
        got = f"{scheme}://..." if "@" in name else name
        raise wrong(got, "sink", f"a host and a port from 1 to 65535, such as {scheme}://host:{default}")
    return found

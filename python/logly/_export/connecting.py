"""Connections by TCP within one timeout, whatever number of addresses a host has."""

from __future__ import annotations

import encodings.idna  # noqa: F401 - `getaddrinfo` imports it, and a forked child would wait for it
import errno
import socket
from time import monotonic


def connect(place: tuple[str, int], timeout: float, _source: object = None) -> socket.socket:
    """Connect to a host and port, as `socket.create_connection` does.

    Each address gets an equal part of the time that is left. One that never answers then leaves time for the others.

    Args:
        place: The host and the port.
        timeout: In seconds, for all addresses together.

    Raises:
        OSError: The host is not known, or no address could be reached. It is the error of the last address.
    """
    deadline = monotonic() + timeout
    addresses = socket.getaddrinfo(*place, 0, socket.SOCK_STREAM)
    failure = OSError(errno.EHOSTUNREACH, "the host has no address")
    for number, (family, kind, protocol, _, address) in enumerate(addresses):
        connection = None
        try:
            connection = socket.socket(family, kind, protocol)
            connection.settimeout(max(deadline - monotonic(), 0.001) / (len(addresses) - number))
            connection.connect(address)
        except OSError as error:
            failure = error
            if connection is not None:
                connection.close()
        else:
            connection.settimeout(max(deadline - monotonic(), 0.001))
            return connection
    raise failure

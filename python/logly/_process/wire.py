"""The form of what processes send each other about records."""

from __future__ import annotations

import struct
import sys
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TOKEN = 16
"""The number of random bytes that a worker shows."""

OWNER = 8
"""The number of random bytes that follow. All connections of a worker have the same."""

WELCOME = b"\1"
"""The answer to these bytes."""

HANDLED = b"\2"
"""The answer to a question whether frames are handled."""

LENGTH = 4
"""The bytes before a frame, which give its length in the byte order of the machine."""

ID = 4
"""The bytes of the sink's id, with which a frame begins."""

SETTLE = 0xFFFFFFFF
"""Takes the place of a sink's id in a frame that asks for an answer once the frames of the same worker are handled."""

_NO_SIGNAL = 0x1022
"""SO_NOSIGPIPE of macOS, which the standard library has no name for."""

_CREDENTIALS = struct.Struct("iII")
"""A process, its user and its group, as Linux gives them."""


def peer_of(socket: Any) -> tuple[int, int] | None:
    """Return the process at the other end and its user; None where the system does not tell.

    Raises:
        OSError: The connection has ended.
    """
    if sys.platform != "linux":
        return None
    import _socket  # not there on all systems

    found = socket.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, _CREDENTIALS.size)
    process, user, _ = _CREDENTIALS.unpack(found)
    return process, user


def no_signal() -> int:
    """Return the flag by which a closed connection raises no signal, which the program may not ignore."""
    import _socket  # not there on all systems

    return getattr(_socket, "MSG_NOSIGNAL", 0)


def quiet(socket: Any) -> None:
    """Do the same as `no_signal` for all calls of a socket, where macOS has no such flag."""
    if sys.platform == "darwin":
        import _socket

        with suppress(OSError):
            socket.setsockopt(_socket.SOL_SOCKET, _NO_SIGNAL, 1)

"""The user at the other end of a Unix socket, as the operating system tells it."""

from __future__ import annotations

import struct
import sys

from logly._process.wire import peer_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SOL_LOCAL, _LOCAL_PEERCRED = 0, 1
_XUCRED = struct.Struct("II")
"""The beginning of `struct xucred` of macOS: its version, which is 0, and the user."""

_XUCRED_BYTES = 76


def are_told() -> bool:
    """Tell whether this system has Unix sockets and tells the user at their other end."""
    import _socket

    return hasattr(_socket, "AF_UNIX") and sys.platform in {"linux", "darwin"}


def user_of(socket: Any) -> int | None:
    """Return the user; None if the connection has ended or the system does not tell."""
    try:
        if sys.platform != "darwin":
            peer = peer_of(socket)
            return None if peer is None else peer[1]
        found = socket.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, _XUCRED_BYTES)
        version, user = _XUCRED.unpack_from(found)
    except (OSError, struct.error):
        return None
    return user if version == 0 else None

"""The table of servers: the names of their loggers, and the fields of their access lines.

Servers give an access line to `logging` as arguments: uvicorn a tuple, hypercorn and granian a dict. The query strings
of requests are left out: they may hold secrets.
"""

from __future__ import annotations

from operator import itemgetter
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

WEBSOCKET = "WEBSOCKET"
"""The method that is shown for a websocket."""

_UVICORN_PARTS = 5


class Server(NamedTuple):
    """One server."""

    own_logger: str
    """The name of the logger with the server's own messages."""
    access_logger: str
    """The name of the logger with a line for each request."""
    is_access: Callable[[Any], bool]
    """Tells whether a record's arguments are those of an access line."""
    fields: Mapping[str, Callable[[Any], object]]
    """For each field of the record, the function that takes it from the arguments."""

    def access_fields(self, args: object) -> dict[str, object] | None:
        """Return `method`, `path`, `status` and other fields from an access line's arguments; None for other lines."""
        return {name: taken(args) for name, taken in self.fields.items()} if self.is_access(args) else None


def host(address: object) -> str | None:
    """Return an address without its port, as in the records of the middlewares."""
    text = str(address or "")
    name, colon, port = text.rpartition(":")
    return (name if colon and port.isdigit() else text) or None


def without_query(path: object) -> str:
    """Return a path up to its question mark."""
    return str(path).partition("?")[0]


def _number(atom: object) -> int | None:
    """Return a number, or None for `-`, which hypercorn has for an unknown value."""
    return int(str(atom)) if str(atom).isdigit() else None


def _is_dict(args: object) -> bool:
    return isinstance(args, dict)


SERVERS = {
    # `client - "method path version" status`
    "uvicorn": Server(
        own_logger="uvicorn",
        access_logger="uvicorn.access",
        is_access=lambda args: isinstance(args, tuple) and len(args) == _UVICORN_PARTS,
        fields={
            "method": itemgetter(1),
            "path": lambda args: without_query(args[2]),
            "status": itemgetter(4),
            "client": lambda args: host(args[0]),
            "http_version": itemgetter(3),
        },
    ),
    # Only some atoms belong in a log: they include the environment.
    "hypercorn": Server(
        own_logger="hypercorn.error",
        access_logger="hypercorn.access",
        is_access=_is_dict,
        fields={
            "method": lambda args: WEBSOCKET if str(args["S"]).startswith("ws") else args["m"],
            "path": itemgetter("U"),
            "status": lambda args: _number(args["s"]),
            "duration_ms": lambda args: round(int(str(args["D"])) / 1000, 3),
            "response_bytes": lambda args: _number(args["B"]),
            "client": lambda args: host(args["h"]),
            "http_version": itemgetter("H"),
        },
    ),
    # The values for granian's access format. Websockets have no method.
    "granian": Server(
        own_logger="_granian",
        access_logger="granian.access",
        is_access=_is_dict,
        fields={
            "method": lambda args: WEBSOCKET if args["method"] == "-" else args["method"],
            "path": itemgetter("path"),
            "status": itemgetter("status"),
            "duration_ms": lambda args: round(float(str(args["dt_ms"])), 3),
            "client": lambda args: host(args["addr"]),
            "http_version": lambda args: str(args["protocol"]).partition("/")[2],
        },
    ),
}

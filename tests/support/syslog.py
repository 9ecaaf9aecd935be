"""Receivers of syslog and of the journal's protocol on this machine, and parsers written from the standards."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import ssl

LIMIT = 30
"""Seconds after which a wait fails its test."""

_HEADER = re.compile(
    rb"<(0|[1-9][0-9]{0,2})>1 "
    rb"(-|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})) "
    rb"([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) "
)
"""The header of RFC 5424, section 6."""

_NAME = rb"[!#-<>-\\^-~]{1,32}"
_PARAM = re.compile(rb" (" + _NAME + rb')="((?:[^"\\\]]|\\.)*)"', re.DOTALL)
_OLD = re.compile(
    rb"<([0-9]{1,3})>([A-Z][a-z]{2} [ 1-3][0-9] [0-9:]{8}) (?:([!-~]+) )?([!-~]+?)\[([0-9]+)\]: (.*)", re.DOTALL
)
_BOM = b"\xef\xbb\xbf"


class Message(NamedTuple):
    """A message of RFC 5424."""

    priority: int
    time: str
    host: str
    app: str
    process: str
    id: str
    data: dict[str, list[tuple[str, str]]]
    """The structured data: the names and values of each element."""
    text: str

    @property
    def fields(self) -> dict[str, str]:
        """The fields of the record."""
        return dict(self.data.get("fields@32473", []))

    @property
    def own(self) -> dict[str, str]:
        """The parts of the record."""
        return dict(self.data["logly@32473"])


def parse(message: bytes) -> Message:
    """Parse a message by the grammar of RFC 5424; anything else is an error."""
    matched = _HEADER.match(message)
    assert matched, message
    assert int(matched[1]) <= 191, message
    data, at = parse_structured_data(message, matched.end())
    text = message[at:]
    assert text.startswith(b" " + _BOM), text
    parts = [part.decode("ascii") for part in matched.groups()]
    return Message(int(parts[0]), *parts[1:], data, text[4:].decode())


def parse_structured_data(message: bytes, at: int) -> tuple[dict[str, list[tuple[str, str]]], int]:
    """Parse the structured data at a place of a message; return its elements, and the place after it."""
    if message[at : at + 1] == b"-":
        return {}, at + 1
    found: dict[str, list[tuple[str, str]]] = {}
    while message[at : at + 1] == b"[":
        name = re.compile(_NAME).match(message, at + 1)
        assert name, message[at:]
        assert name[0].decode() not in found, "an SD-ID is there once"
        pairs = found[name[0].decode()] = []
        at = name.end()
        while matched := _PARAM.match(message, at):
            value = re.sub(rb'\\(["\\\]])', rb"\1", matched[2])
            pairs.append((matched[1].decode(), value.decode()))
            at = matched.end()
        assert message[at : at + 1] == b"]", message[at:]
        at += 1
    assert found, message
    return found, at


class OldMessage(NamedTuple):
    """A message of RFC 3164."""

    priority: int
    time: str
    host: str | None
    app: str
    process: str
    text: str


def parse_old(message: bytes) -> OldMessage:
    """Parse a message of RFC 3164."""
    matched = _OLD.fullmatch(message)
    assert matched, message
    parts = [None if part is None else part.decode() for part in matched.groups()]
    return OldMessage(int(parts[0] or ""), *parts[1:])  # type: ignore[arg-type]


def parse_entry(entry: bytes) -> list[tuple[str, bytes]]:
    """Parse an entry of the journal's native protocol."""
    fields, at = [], 0
    while at < len(entry):
        end = entry.index(b"\n", at)
        name, equals, value = entry[at:end].partition(b"=")
        if not equals:
            length = int.from_bytes(entry[end + 1 : end + 9], "little")
            value = entry[end + 9 : end + 9 + length]
            end += 9 + length
            assert entry[end : end + 1] == b"\n", entry[end:]
        assert re.fullmatch(rb"[A-Z][A-Z0-9_]{0,63}", name), name
        fields.append((name.decode(), value))
        at = end + 1
    return fields


class _Receiver:
    """Messages that arrived, and a wait for them."""

    def __init__(self):
        self.frames: list[bytes] = []
        self.changed = threading.Condition()

    def _took(self, frame: bytes) -> None:
        with self.changed:
            self.frames.append(frame)
            self.changed.notify_all()

    def wait(self, count: int) -> list[bytes]:
        """Wait until this many messages arrived, and return them all."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.frames) >= count, LIMIT), self.frames[-3:]
            return list(self.frames)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class DatagramReceiver(_Receiver):
    """A socket for datagrams, by UDP or at a path."""

    def __init__(self, path=None, port=0):
        super().__init__()
        self.socket = socket.socket(socket.AF_INET if path is None else socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", port) if path is None else str(path))
        self.port = self.socket.getsockname()[1] if path is None else 0
        self.name = f"syslog://127.0.0.1:{self.port}" if path is None else f"syslog+unix://{path}"
        self.is_open = True
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            content, ancillary, _, _ = self.socket.recvmsg(1_048_576, 1024)
            if not self.is_open:
                return
            for _, _, data in ancillary:
                content = _content_of(int.from_bytes(data[:4], "little"))
            self._took(content)

    def close(self):
        """End the thread, then close the socket: the thread would read from the next socket of the same number."""
        self.is_open = False
        _end_reads(self.socket)
        self.thread.join(LIMIT)
        assert not self.thread.is_alive()
        self.socket.close()


def _end_reads(one: socket.socket) -> None:
    """Wake the thread that waits at a socket; one that is not connected says so, and wakes it too."""
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


def _content_of(descriptor: int) -> bytes:
    import fcntl
    import os

    seals = fcntl.fcntl(descriptor, fcntl.F_GET_SEALS)
    assert seals == fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL
    with os.fdopen(descriptor, "rb") as file:
        file.seek(0)
        return file.read()


class StreamReceiver(_Receiver):
    """A server that counts octets, as RFC 6587 and RFC 5425 have it; with a certificate it speaks TLS."""

    def __init__(self, port=0, context: ssl.SSLContext | None = None):
        super().__init__()
        self.server = socket.create_server(("127.0.0.1", port))
        self.context = context
        self.port = self.server.getsockname()[1]
        scheme = "syslog+tcp" if context is None else "syslog+tls"
        self.name = f"{scheme}://127.0.0.1:{self.port}"
        self.connections: list[socket.socket] = []
        self.torn = 0
        """Connections that ended within a message."""
        self.clean = 0
        """Connections that ended between messages."""
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self.server.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        buffer = b""
        # `drop_connections` may end it between two steps of a read, which is a `ValueError` then.
        with suppress(OSError, ValueError):
            if self.context is not None:
                connection = self.context.wrap_socket(connection, server_side=True)
            with self.changed:
                self.connections.append(connection)
                self.changed.notify_all()
            while content := connection.recv(65_536):
                buffer = self._split(buffer + content)
        with self.changed:
            self.torn += bool(buffer)
            self.clean += not buffer
            self.changed.notify_all()
        connection.close()

    def _split(self, buffer):
        while matched := re.match(rb"([1-9][0-9]*) ", buffer):
            end = matched.end() + int(matched[1])
            if end > len(buffer):
                break
            self._took(buffer[matched.end() : end])
            buffer = buffer[end:]
        return buffer

    def wait_for(self, is_done):
        """Wait until a condition on this receiver holds."""
        with self.changed:
            assert self.changed.wait_for(lambda: is_done(self), LIMIT)

    def drop_connections(self):
        """End the connections that there are."""
        for connection in self.connections:
            _end_reads(connection)
        del self.connections[:]

    def close(self):
        """Stop listening, and end the connections."""
        _end_reads(self.server)
        self.thread.join(LIMIT)
        assert not self.thread.is_alive()
        self.server.close()
        self.drop_connections()

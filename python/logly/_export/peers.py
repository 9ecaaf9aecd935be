"""The programs that messages go to: sockets for datagrams, connections by TCP and TLS, and the journal.

A peer is opened when it is needed, and again after an error. One thread uses it. It is imported with the first message.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from contextlib import suppress
from time import monotonic, sleep
from typing import NamedTuple

from logly._export.connecting import connect
from logly._export.quiet import no_signal
from logly._logly import _DatagramSocket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from logly._export.syslog_options import Options

_LENGTH = 4
"""The bytes before a datagram that hold its length."""

_STALLED = {errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS}
"""The numbers of errors of a socket whose receiver does not read, or whose buffer is full."""

_BREATH = 0.01
_STEP = 0.1
"""Seconds between looks whether to go on."""

_CHUNK = 65_536
_MOST_READS = 16
"""Reads in a look for the end of a connection. A server that goes on sending is not waited for."""

_LAST_WAIT = 0.2
"""Seconds for a server to end a connection of TLS."""


class Sent(NamedTuple):
    """The outcome of a call that sends."""

    at: int
    """The place of the first message that was not sent."""
    messages: int
    problem: str | None = None
    """The error that ended the call."""
    is_refused: bool = False
    """Whether the message at `at` can never be sent."""
    lost: int = 0
    """The messages sent before that are known to be lost."""


class DatagramPeer:
    """A socket for datagrams."""

    def __init__(self, options: Options, patience: Callable[[], float]) -> None:
        self._options = options
        self._patience = patience
        """Returns the seconds to wait for a receiver that does not read."""
        self._socket: _DatagramSocket | None = None

    def open(self) -> _DatagramSocket:
        """Connect, if that was not done yet.

        Raises:
            OSError: The address is not known, or nothing listens there.
        """
        if self._socket is None:
            address = self._options.address
            self._socket = _DatagramSocket(address.host, None if address.is_local else address.port)
        return self._socket

    def send(self, frames: bytes, at: int) -> Sent:
        """Send the messages from a place on. Errors are outcomes."""
        messages = 0
        since = monotonic()
        while True:
            try:
                peer = self.open()
            except OSError as error:
                return Sent(at, messages, _text(error))
            at, sent, number = peer.send(frames, at)
            messages += sent
            if number is None:
                return Sent(at, messages)
            if sent:
                since = monotonic()
            if number not in _STALLED:
                return self._failed(frames, at, messages, number)
            outcome = self._stalled(frames, at, messages, number)
            if outcome is not None:
                return outcome
            if monotonic() - since > self._patience():
                return Sent(at, messages, "the receiver does not read")
            if number == errno.ENOBUFS:
                sleep(_BREATH)

    def _stalled(self, _frames: bytes, _at: int, _messages: int, _number: int) -> Sent | None:
        """Handle a full buffer in another way than by waiting."""

    def _failed(self, _frames: bytes, at: int, messages: int, number: int) -> Sent:
        if number == errno.EMSGSIZE:
            return Sent(at, messages, "a message is too large for a datagram", is_refused=True)
        self.close()
        # The kernel tells of an earlier datagram whose port was closed. The one that was to be sent now was not.
        is_closed_port = number == errno.ECONNREFUSED and not self._options.address.is_local
        return Sent(at, messages, os.strerror(number), lost=int(is_closed_port))

    def close(self) -> None:
        """Close the socket; the next message opens another one."""
        self._socket = None

    forget = close


class JournalPeer(DatagramPeer):
    """The socket of the journal. An entry that is too large for a datagram goes in a sealed file in memory."""

    def _failed(self, frames: bytes, at: int, messages: int, number: int) -> Sent:
        if number == errno.EMSGSIZE:
            return self._send_file(frames, at, messages)
        return super()._failed(frames, at, messages, number)

    def _stalled(self, frames: bytes, at: int, messages: int, number: int) -> Sent | None:
        # Large datagrams have this error too.
        return self._send_file(frames, at, messages) if number == errno.ENOBUFS else None

    def _send_file(self, frames: bytes, at: int, messages: int) -> Sent:
        start = at + _LENGTH
        end = start + int.from_bytes(frames[at:start], "little")
        try:
            send_file(self._options.address.host, memoryview(frames)[start:end], self._options.timeout)
        except (OSError, AttributeError) as error:
            return Sent(at, messages, f"an entry of {end - start} bytes: {error}", is_refused=_is_final(error))
        rest = self.send(frames, end)
        return rest._replace(messages=rest.messages + messages + 1)


def _is_final(error: Exception) -> bool:
    return not isinstance(error, OSError) or error.errno in {errno.EMSGSIZE, errno.ENOMEM, errno.ENOSPC, errno.EPERM}


def send_file(path: str, content: memoryview, timeout: float) -> None:
    """Send an entry to the journal in a sealed file, which journald reads.

    Raises:
        OSError: The journal cannot be reached, or there is no room for the file.
    """
    import fcntl

    flags = os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING
    descriptor = os.memfd_create("logly-journal", flags)
    try:
        while content:
            content = content[os.write(descriptor, content) :]
        seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as peer:
            peer.settimeout(timeout)
            peer.connect(path)
            peer.sendmsg([], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptor.to_bytes(4, sys.byteorder))])
    finally:
        os.close(descriptor)


class StreamPeer:
    """A connection by TCP or TLS."""

    def __init__(self, options: Options, patience: Callable[[], float]) -> None:
        self._options = options
        self._patience = patience
        """Returns the seconds to wait for a receiver that does not read."""
        self._socket: socket.socket | None = None

    def open(self) -> socket.socket:
        """Connect, if there is no connection.

        Raises:
            OSError: The host is not known, or no connection could be made.
        """
        if self._socket is not None:
            return self._socket
        address = self._options.address
        connection = connect((address.host, address.port), self._options.timeout)
        try:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if address.kind == "tls":
                from logly._export.tls import context_of

                context = context_of(self._options)
                connection = context.wrap_socket(connection, server_hostname=address.host)
        except BaseException:
            connection.close()
            raise
        self._socket = connection
        return connection

    def send(self, frames: bytes, at: int) -> Sent:
        """Send the messages from a place on. A message that was sent in part is sent again, whole."""
        written = at
        try:
            if self._socket is not None and _is_ended(self._socket):
                self.close()
            with no_signal():
                connection = self.open()
                for written in self._written(connection, memoryview(frames), at):  # noqa: B007 - the last one counts
                    pass
        except (OSError, ValueError) as error:
            self.close()
            return _whole(frames, at, written, _text(error))
        return _whole(frames, at, written, None)

    def _written(self, connection: socket.socket, frames: memoryview, at: int) -> Iterator[int]:
        """Write the bytes from a place on, and yield each place that was reached."""
        connection.settimeout(_STEP)
        since = monotonic()
        while at < len(frames):
            try:
                at += connection.send(frames[at : at + _CHUNK])
            except socket.timeout:
                # The same bytes are sent again, as TLS demands.
                if monotonic() - since > self._patience():
                    raise TimeoutError(errno.ETIMEDOUT, "the server does not read") from None
                continue
            since = monotonic()
            yield at

    def close(self) -> None:
        """End the connection; the next message opens another one."""
        connection, self._socket = self._socket, None
        if connection is None:
            return
        with suppress(OSError, ValueError):
            _is_ended(connection)
            connection.settimeout(_LAST_WAIT)
            if self._options.address.kind == "tls":
                with no_signal():
                    connection.unwrap()  # type: ignore[attr-defined]
            else:
                connection.shutdown(socket.SHUT_WR)
        with suppress(OSError):
            connection.close()

    def forget(self) -> None:
        """Close the descriptor of a connection that belongs to the parent of this process."""
        connection, self._socket = self._socket, None
        if connection is not None:
            with suppress(OSError):
                connection.close()


def _is_ended(connection: socket.socket) -> bool:
    """Tell whether the server has ended a connection. Bytes from the server are read and ignored."""
    connection.settimeout(0)
    try:
        for _ in range(_MOST_READS):
            if not connection.recv(_CHUNK):
                return True
    except (BlockingIOError, InterruptedError):
        return False
    except OSError as error:
        # `ssl.SSLWantReadError`: nothing is there to read.
        return type(error).__name__ != "SSLWantReadError"
    return False


def _whole(frames: bytes, at: int, written: int, problem: str | None) -> Sent:
    """Return the outcome when the bytes before a place were written."""
    messages = 0
    while at < written:
        space = frames.index(b" ", at)
        end = space + 1 + int(frames[at:space])
        if end > written:
            break
        at, messages = end, messages + 1
    return Sent(at, messages, problem)


def _text(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error).partition(" (os error ")[0] or type(error).__name__
    return f"{type(error).__name__}: {text}"[:200]

"""One connection to a collector, through `http.client`: TLS, proxies and certificates as Python's users expect.

It is imported when the first request is sent: `ssl` and `urllib.request` take time to import.
"""

from __future__ import annotations

import errno
import http.client
import io
import urllib.request
import zlib
from base64 import b64encode
from contextlib import suppress
from functools import partial
from time import monotonic
from urllib.parse import unquote, urlsplit

from logly._export.answers import Answer, partial_success, retry_after
from logly._export.connecting import connect
from logly._export.quiet import no_signal
from logly._export.tls import context_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    import ssl
    from typing import Any

    from logly._export.options import Options

_MOST_ANSWER = 65_536
"""Bytes of an answer that are read."""

_MOST_PROBLEM = 200
_LEVEL = 3
"""The level of compression: higher ones take longer and save little."""

_GZIP = 31
"""The window of zlib with a header of gzip."""

_STALE = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError, ConnectionAbortedError)
"""Errors of a connection that the collector closed while it was idle."""


def compress(body: bytes) -> bytes:
    """Compress a body with gzip."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return compressor.compress(body) + compressor.flush()


class _Deadline(io.RawIOBase):
    """The bytes that a collector sends until a deadline. The timeout of a socket limits each read alone."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._bytes = connection.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        """Tell that bytes can be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read some bytes.

        Raises:
            TimeoutError: The deadline is over.
        """
        self._connection.settimeout(_left(self._deadline))
        return self._bytes.readinto(buffer)

    def close(self) -> None:
        """Let the socket be closed."""
        self._bytes.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """A response that is read until a deadline."""

    def __init__(self, connection: socket.socket, *given: Any, deadline: float, **named: Any) -> None:
        super().__init__(connection, *given, **named)
        self.fp.close()
        self.fp = io.BufferedReader(_Deadline(connection, deadline))


def _left(deadline: float) -> float:
    """Return the seconds until a deadline.

    Raises:
        TimeoutError: It is over.
    """
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError(errno.ETIMEDOUT, "timed out")
    return left


class Connection:
    """A connection that is opened when it is needed, kept between requests, and opened again after an error."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._connection: http.client.HTTPConnection | None = None
        self._context: ssl.SSLContext | None = None
        self._is_whole_url = False
        self._proxy_headers: dict[str, str] = {}

    def post(self, body: bytes, *, is_compressed: bool, timeout: float | None = None) -> Answer:
        """Send one request. Errors of the network and of the collector are answers too."""
        limit = self._options.timeout if timeout is None else min(timeout, self._options.timeout)
        deadline = monotonic() + limit
        is_kept = self._connection is not None and self._connection.sock is not None
        try:
            with no_signal():
                try:
                    return self._exchange(body, is_compressed, deadline)
                except _STALE:
                    if not is_kept:
                        raise
                    self.close()
                    return self._exchange(body, is_compressed, deadline)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            text = str(error) or type(error).__name__
            return Answer(0, f"{type(error).__name__}: {text}"[:_MOST_PROBLEM])

    def _exchange(self, body: bytes, is_compressed: bool, deadline: float) -> Answer:  # noqa: FBT001
        connection = self._opened(deadline)
        url = self._options.url
        target = self._whole_url() if self._is_whole_url else url.path
        headers = {
            "Content-Type": "application/x-protobuf",
            "User-Agent": f"OTel-OTLP-Exporter-logly/{self._options.resource.get('telemetry.sdk.version', '')}",
            **self._proxy_headers,
            **self._options.headers,
        }
        if is_compressed:
            headers["Content-Encoding"] = "gzip"
        connection.sock.settimeout(_left(deadline))
        connection.request("POST", target, body, headers)
        response = connection.getresponse()
        content = response.read(_MOST_ANSWER)
        if not response.isclosed() or response.will_close:
            # The rest of a long answer is not read.
            self.close()
        return _answer(response, content)

    def _opened(self, deadline: float) -> http.client.HTTPConnection:
        connection = self._connection
        if connection is None:
            connection = self._connection = self._new()
            connection._create_connection = connect  # type: ignore[attr-defined]
        connection.timeout = _left(deadline)
        connection.response_class = partial(_Response, deadline=deadline)  # type: ignore[assignment]
        if connection.sock is None:
            connection.connect()
        return connection

    def _new(self) -> http.client.HTTPConnection:
        url = self._options.url
        scheme = "https" if url.is_secure else "http"
        proxy = urllib.request.getproxies().get(scheme)
        if proxy and urllib.request.proxy_bypass(url.host):
            proxy = None
        if not proxy:
            return self._direct(url.host, url.port, is_secure=url.is_secure)
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        credentials = _credentials(parts.username, parts.password)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        if url.is_secure:
            connection = self._direct(host, port, is_secure=True)
            connection.set_tunnel(url.host, url.port, credentials)
            return connection
        self._is_whole_url, self._proxy_headers = True, credentials
        return self._direct(host, port, is_secure=parts.scheme == "https")

    def _direct(self, host: str, port: int, *, is_secure: bool) -> http.client.HTTPConnection:
        if not is_secure:
            return http.client.HTTPConnection(host, port)
        if self._context is None:
            self._context = context_of(self._options)
        return http.client.HTTPSConnection(host, port, context=self._context)

    def _whole_url(self) -> str:
        url = self._options.url
        host = f"[{url.host}]" if ":" in url.host else url.host
        return f"http://{host}:{url.port}{url.path}"

    def close(self) -> None:
        """Close the connection; the next request opens another one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError):
                connection.close()

    def forget(self) -> None:
        """Close the descriptor of a connection that belongs to the parent of this process."""
        self.close()


def _credentials(user: str | None, password: str | None) -> dict[str, str]:
    if user is None:
        return {}
    pair = f"{unquote(user)}:{unquote(password or '')}".encode()
    return {"Proxy-Authorization": f"Basic {b64encode(pair).decode()}"}


def _answer(response: http.client.HTTPResponse, content: bytes) -> Answer:
    status = response.status
    answer = Answer(status, f"HTTP status {status} {response.reason}"[:_MOST_PROBLEM])
    if answer.is_success and (response.getheader("Content-Type") or "").lower().startswith("text/html"):
        # A portal or a web server, and no collector.
        return answer._replace(
            status=0, problem=f"{answer.problem} with a page of HTML, not with the answer of a collector"
        )
    if answer.is_success:
        rejected, message = partial_success(content)
        return answer._replace(rejected=rejected, problem=message[:_MOST_PROBLEM])
    return answer._replace(wait=retry_after(response.getheader("Retry-After")))

"""`LoglyMiddleware` for ASGI applications: FastAPI, Starlette, Quart, Litestar and plain ones.

It follows https://asgi.readthedocs.io/en/latest/specs/ and imports no framework. Its own failures never fail a request:
messages pass unchanged, except for the header with the request's id.
"""

from __future__ import annotations

import logly.integrations.uvicorn  # noqa: F401 - adapts its records to the middleware
from logly._calls.context import reset
from logly._logly import _context_variable, _pop_context, _push_context
from logly.integrations._lifespan import delivering
from logly.integrations._middleware import Exchange, Middleware
from logly.integrations._requests import (
    CLIENT_GONE,
    ERROR_STATUS,
    Access,
    is_cancellation,
    mark_logged,
    tell_failure,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping
    from typing import Any

    from logly.integrations._middleware import RequestOptions

    Message = MutableMapping[str, Any]
    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Application = Callable[[Scope, Receive, Send], Awaitable[None]]

REQUEST_ID_KEY = "logly.request_id"
"""The key of the scope under which applications find the request's id."""

_ABNORMAL, _INTERNAL_ERROR, _NORMAL, _NO_CODE = 1006, 1011, 1000, 1005
_ACCEPTED, _REFUSED = 101, 403
_GONE = ("ClientDisconnect", "ClientDisconnected", "WebSocketDisconnect")
"""The names of exceptions that frameworks and servers raise if the client has left. Their modules are not imported."""


class LoglyMiddleware(Middleware["Application"]):
    """Gives each request an id, adds the id to its records, and logs one access record for it.

    The id comes from the header, or is a new one. It is sent back, and applications find it as
    `scope["logly.request_id"]`. Records have it as `request_id`; if there is a valid `traceparent` header, they also
    have `trace_id` and `parent_id`. Within a span of OpenTelemetry they have its ids instead. This holds in handlers,
    thread pools, background tasks and all other code that runs in the request's context.

    The access record is written when the last part of the response was sent. Its duration ends there too, so background
    tasks are not included. An exception that leaves the application is in the access record, or in a record of its own
    if the access record was already written; then it is raised again. If the client left before the end, the record has
    `disconnected=True`, and status 499 if no response had begun. The middleware learns of it when the application or
    its framework asks for it, or when sending fails. A websocket has one record, written when it is closed, with the
    `code`. `__init__` describes the options.

    Example:
        >>> import asyncio, logly
        >>> from logly import logger
        >>> from logly.integrations.asgi import LoglyMiddleware
        >>> async def app(scope, receive, send):
        ...     logger.info("working")
        ...     await send({"type": "http.response.start", "status": 204, "headers": []})
        ...     await send({"type": "http.response.body"})
        >>> async def send(message):
        ...     pass
        >>> scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"x-request-id", b"r-1")]}
        >>> with logly.testing.capture() as records:
        ...     asyncio.run(LoglyMiddleware(app)(scope, None, send))
        >>> [(record["message"], record["request_id"]) for record in records]
        [('working', 'r-1'), ('GET / 204', 'r-1')]
    """

    _expected = "an ASGI application"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application for one request. Other scopes, and requests already handled here, pass through."""
        kind = _EXCHANGES.get(scope.get("type", ""))
        if kind is None or REQUEST_ID_KEY in scope:
            is_lifespan = scope.get("type") == "lifespan"
            await self._app(scope, receive, delivering(send, self._options.logger) if is_lifespan else send)
            return
        try:
            exchange = kind(self._options, scope, (receive, send))
        except Exception as failure:  # reported; the request goes on
            tell_failure(failure)
            await self._app(scope, receive, send)
            return
        try:
            await exchange.run(self._app, scope)
        finally:
            exchange.leave_context()


class _Exchange(Exchange):
    """The state of a request and its response, between the application and the server."""

    __slots__ = ("_entered", "_gone", "_header", "_is_ending", "_outside", "_receive", "_send", "_variable")

    def __init__(self, options: RequestOptions, scope: Scope, ends: tuple[Receive, Send]) -> None:
        self._receive, self._send = ends
        client = scope.get("client")
        access = Access(
            scope.get("method", "WEBSOCKET"),
            scope["path"],
            client[0] if client else None,
            scope.get("query_string", b"").decode("latin-1") if options.query else None,
        )
        super().__init__(options, *_asked_for(scope, options.header_bytes), access)
        self._is_ending = False
        self._gone: OSError | None = None
        scope[REQUEST_ID_KEY] = made = str(self.fields["request_id"])
        self._header = options.header_bytes, made.encode("ascii")
        self._variable = _context_variable()
        # The server's own context.
        self._outside = self._variable.get()
        self._entered = _push_context(self.fields, self.trace)

    def leave_context(self) -> None:
        """Restore the context."""
        _pop_context(self._entered, inner=True)

    async def run(self, app: Application, scope: Scope) -> None:
        """Run the application and log the outcome. Its exceptions are raised again."""
        try:
            await app(scope, self.receive, self.send)
        except Exception as error:
            if self._is_disconnected and self._says_gone(error):
                mark_logged(error)
                self._log(self._left())
            else:
                self._fail(error)
            raise
        except BaseException as error:
            if is_cancellation(error):
                # A server cancels if it shuts down or lost the client; that is no error of the application.
                self._log(self._left(), cancelled=True)
            else:
                self._fail(error)
            raise
        if not self._is_written:
            self._return()

    async def receive(self) -> Message:
        """Stand in for the server's `receive`."""
        # Tasks and callbacks that a server starts here serve later requests of the connection, so they inherit nothing.
        within = self._variable.set(self._outside)
        try:
            message = await self._receive()
        finally:
            reset(within)
        try:
            self._note_received(message)
        except Exception as failure:  # reported; the request goes on
            tell_failure(failure)
        return message

    async def send(self, message: Message) -> None:
        """Stand in for the server's `send`."""
        try:
            self.note_span()
            message = self._note_sending(message)
        except Exception as failure:  # reported; the server judges the message
            tell_failure(failure)
        # As in `receive`.
        within = self._variable.set(self._outside)
        try:
            await self._send(message)
        except OSError as error:
            # From version 2.4 of the specification on, servers raise this if the client has left. Middlewares around
            # this one raise it for failures of their own, such as disk errors; these have an error number.
            if isinstance(error, ConnectionError) or error.errno is None:
                self._is_disconnected, self._gone = True, error
            raise
        finally:
            reset(within)
        if self._is_ending:
            self._log()

    def _note_received(self, message: Message) -> None:
        raise NotImplementedError

    def _note_sending(self, message: Message) -> Message:
        raise NotImplementedError

    def _return(self) -> None:
        raise NotImplementedError

    def _fail(self, error: BaseException) -> None:
        self._log(error)

    def _says_gone(self, error: BaseException) -> bool:
        """Tell whether an exception only says that the client has left."""
        return error is self._gone or type(error).__name__ in _GONE

    def _with_id(self, message: Message) -> Message:
        """Return a message with the request's id among its headers, unless the application has set one."""
        headers = list(message.get("headers") or ())
        key = self._header[0]
        for name, _ in headers:
            if bytes(name).lower() == key:
                break
        else:
            headers.append(self._header)
        return {**message, "headers": headers}


class _Http(_Exchange):
    """An HTTP request."""

    __slots__ = ()

    def _note_received(self, message: Message) -> None:
        # After the end of the response, this message only says that the response has ended.
        if message.get("type") == "http.disconnect" and not self._is_ending:
            self._is_disconnected = True

    def _note_sending(self, message: Message) -> Message:
        kind = message.get("type")
        if kind == "http.response.start":
            self._access.status = message.get("status")
            return self._with_id(message)
        if kind == "http.response.body":
            self._access.response_bytes += len(message.get("body") or b"")
            self._is_ending = not message.get("more_body")
        elif kind == "http.response.pathsend":
            self._access.response_bytes += _size(message.get("path"))
            self._is_ending = True
        return message

    def _return(self) -> None:
        if self._is_disconnected:
            self._log(self._left())
        elif self._access.status is None:
            # Servers answer in place of the application.
            self._access.status = ERROR_STATUS
            self._log(problem="no response")
        else:
            self._log(problem="response not finished")


class _WebSocket(_Exchange):
    """A websocket, from its handshake to its end."""

    __slots__ = ()

    def _note_received(self, message: Message) -> None:
        if message.get("type") == "websocket.disconnect" and not self._is_ending:
            code = message.get("code") or _NO_CODE
            self._is_disconnected = code == _ABNORMAL
            if self._access.status is None:
                self._access.status = CLIENT_GONE
            else:
                self._access.code = code
            self._log()

    def _note_sending(self, message: Message) -> Message:
        kind = message.get("type")
        if kind == "websocket.accept":
            self._access.status = _ACCEPTED
            return self._with_id(message)
        if kind == "websocket.send":
            self._access.response_bytes += len(message.get("bytes") or (message.get("text") or "").encode())
        elif kind == "websocket.close":
            self._is_ending = True
            if self._access.status is None:
                self._access.status = _REFUSED
            else:
                self._access.code = message.get("code") or _NORMAL
        elif kind == "websocket.http.response.start":
            self._access.status = message.get("status")
            return self._with_id(message)
        elif kind == "websocket.http.response.body":
            self._access.response_bytes += len(message.get("body") or b"")
            self._is_ending = not message.get("more_body")
        return message

    def _fail(self, error: BaseException) -> None:
        if self._is_written and self._says_gone(error):
            # The access record has already said so.
            mark_logged(error)
            return
        if self._access.status == _ACCEPTED and self._access.code is None:
            self._access.code = _INTERNAL_ERROR
        self._log(error)

    def _return(self) -> None:
        if self._access.status is None:
            self._access.status = ERROR_STATUS
            self._log(problem="no response")
        else:
            # The server drops the connection, so the client sees no code.
            self._access.code = _ABNORMAL
            self._log()


_EXCHANGES: dict[str, type[_Exchange]] = {"http": _Http, "websocket": _WebSocket}


def _asked_for(scope: Scope, header: bytes) -> tuple[str | None, str | None]:
    """Return the request's id and `traceparent` from its headers. The first of each counts."""
    found: dict[bytes, str] = {}
    headers = scope.get("headers") or ()
    if not isinstance(headers, (list, tuple)):
        # The specification allows an iterable that can be read only once, and the application reads it too.
        scope["headers"] = headers = list(headers)
    wanted = header, b"traceparent"
    for name, value in headers:
        if name in wanted:
            found.setdefault(name, value.decode("latin-1"))
    return found.get(header), found.get(b"traceparent")


def _size(path: object) -> int:
    from pathlib import Path  # few servers send files by themselves

    try:
        return Path(path).stat().st_size  # type: ignore[arg-type]  # other values raise
    except Exception:  # the server reports it
        return 0

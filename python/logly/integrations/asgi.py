"""`LoglyMiddleware` for ASGI applications: FastAPI, Starlette, Quart, Litestar, plain ones.

It follows https://asgi.readthedocs.io/en/latest/specs/ and imports no framework. What it does itself never fails a
request: messages pass unchanged, but for the header with the request's id.
"""

from __future__ import annotations

import logly.integrations.uvicorn  # noqa: F401 - has its records be as the middleware wants them
from logly._logly import _pop_context, _push_context
from logly.integrations._lifespan import delivering
from logly.integrations._requests import (
    CLIENT_GONE,
    ERROR_STATUS,
    HEADER,
    Access,
    RequestOptions,
    context_fields,
    is_cancellation,
    log_failure,
    mark_logged,
    request_id,
    tell_failure,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, MutableMapping
    from typing import Any

    from logly.logger import Logger

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
"""What frameworks and servers raise where the client has left; their modules are not imported for it."""


class LoglyMiddleware:
    """Gives each request an id, each record of it that id, and logs one access record for it.

    The id is that of the header, or a new one; it is sent back, and is `scope["logly.request_id"]` meanwhile. Records
    have it as `request_id`, and `trace_id` and `parent_id` where there is a valid `traceparent` header: in handlers,
    thread pools, background tasks and whatever else runs in the request's context.

    The access record is written when the last of the response was sent; its duration ends there too, background tasks
    are not in it. An exception that leaves the application is in the access record, or in one of its own if that was
    written before, and goes on. The client that left before the end: `disconnected=True`, and status 499 if no response
    had begun; it is known where the application or its framework asks for it, or is told on sending. A websocket has
    one record when it is closed, with the `code`.

    Args:
        app: The application.
        logger: Whose sinks get the records; the global logger's by default.
        header: The header with the request's id.
        skip: Paths without an access record, each exact or, with `/*` at its end, with all below it. What they raise is
            logged all the same.
        access: Whether there are access records.
        query: Whether they have the query string as `query`; secrets may be in it.

    Raises:
        TypeError: An option is unknown or of a wrong type.
        ValueError: A value is not allowed.

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

    def __init__(  # noqa: D107, PLR0913 - see the class
        self,
        app: Application,
        *,
        logger: Logger | None = None,
        header: str = HEADER,
        skip: Iterable[str] = (),
        access: bool = True,
        query: bool = False,
    ) -> None:
        if not callable(app):
            message = f"app: expected an ASGI application, got {app!r}"
            raise TypeError(message)
        self._app = app
        self._options = RequestOptions(logger, header=header, skip=skip, access=access, query=query)
        self._header = header.lower().encode("ascii")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application for one request; what is neither HTTP nor websocket passes, or was here before."""
        kind = _EXCHANGES.get(scope.get("type", ""))
        if kind is None or REQUEST_ID_KEY in scope:
            is_lifespan = scope.get("type") == "lifespan"
            await self._app(scope, receive, delivering(send, self._options.logger) if is_lifespan else send)
            return
        try:
            exchange = kind(self._options, self._header, scope, (receive, send))
        except Exception as failure:  # noqa: BLE001 - told; the request goes on
            tell_failure(failure)
            await self._app(scope, receive, send)
            return
        try:
            await exchange.run(self._app, scope)
        finally:
            exchange.leave_context()


class _Exchange:
    """What a request and its response have been so far. Its parts may run in several tasks, one at a time."""

    __slots__ = (
        "_entered", "_gone", "_header", "_is_disconnected", "_is_ending", "_is_written", "_options", "_outside",
        "_receive", "_send", "_variable", "access", "fields", "is_skipped",
    )  # fmt: skip

    def __init__(self, options: RequestOptions, header: bytes, scope: Scope, ends: tuple[Receive, Send]) -> None:
        self._options = options
        self._receive, self._send = ends
        given, traceparent = _asked_for(scope, header)
        made = request_id(given)
        self.fields = context_fields(made, traceparent)
        self._header = header, made.encode("ascii")
        client = scope.get("client")
        self.access = Access(
            scope.get("method", "WEBSOCKET"),
            scope["path"],
            client[0] if client else None,
            scope.get("query_string", b"").decode("latin-1") if options.query else None,
        )
        self.is_skipped = options.is_skipped(self.access.path)
        self._is_ending = self._is_written = self._is_disconnected = False
        self._gone: OSError | None = None
        scope[REQUEST_ID_KEY] = made
        self._enter_context()

    def _enter_context(self) -> None:
        """Add the fields to the context, and keep what it was."""
        self._entered = token = _push_context(self.fields)
        self._variable = token.var
        self._outside = None if token.old_value is token.MISSING else token.old_value

    def leave_context(self) -> None:
        """Have the context as it was."""
        _pop_context(self._entered)

    async def run(self, app: Application, scope: Scope) -> None:
        """Run the application and log what became of it; what it raises goes on."""
        try:
            await app(scope, self.receive, self.send)
        except Exception as error:
            if self._is_disconnected and self._says_gone(error):
                mark_logged(error)
                self._leave()
            else:
                self._fail(error)
            raise
        except BaseException as error:
            if is_cancellation(error):
                # A server that shuts down or lost the client cancels; that is no error of the application.
                self._leave(cancelled=True)
            else:
                self._fail(error)
            raise
        if not self._is_written:
            self._return()

    async def receive(self) -> Message:
        """Stand in for the server's `receive`."""
        # What a server begins here, tasks and callbacks, serves later requests of the connection: they inherit nothing.
        within = self._variable.set(self._outside)
        try:
            message = await self._receive()
        finally:
            _pop_context(within)
        try:
            self._note_received(message)
        except Exception as failure:  # noqa: BLE001 - told; the request goes on
            tell_failure(failure)
        return message

    async def send(self, message: Message) -> None:
        """Stand in for the server's `send`."""
        try:
            message = self._note_sending(message)
        except Exception as failure:  # noqa: BLE001 - told; the server judges the message
            tell_failure(failure)
        # As in `receive`.
        within = self._variable.set(self._outside)
        try:
            await self._send(message)
        except OSError as error:
            # From version 2.4 of the specification on servers raise this where the client has left. Middlewares around
            # this one have failures of their own, of disks for one: those have numbers.
            if isinstance(error, ConnectionError) or error.errno is None:
                self._is_disconnected, self._gone = True, error
            raise
        finally:
            _pop_context(within)
        if self._is_ending:
            self._write()

    def _note_received(self, message: Message) -> None:
        raise NotImplementedError

    def _note_sending(self, message: Message) -> Message:
        raise NotImplementedError

    def _return(self) -> None:
        raise NotImplementedError

    def _fail(self, error: BaseException) -> None:
        if self._is_written or self.is_skipped:
            self._is_written = True
            log_failure(self._options.logger, error, self.access, **self.fields)
        else:
            self._write(error)

    def _says_gone(self, error: BaseException) -> bool:
        """Tell whether an exception says that the client has left, and nothing else."""
        return error is self._gone or type(error).__name__ in _GONE

    def _leave(self, *, cancelled: bool = False) -> None:
        """Log a request whose client or server gave it up."""
        if self.access.status is None:
            self.access.status = CLIENT_GONE
        self._write(None, **({"cancelled": True} if cancelled else {}))

    def _write(self, error: BaseException | None = None, **more: str | bool) -> None:
        """Log the access record, once."""
        if self._is_written:
            return
        self._is_written = True
        self.access.end()
        if self._is_disconnected:
            more["disconnected"] = True
        if not self.is_skipped:
            self.access.log(self._options.logger, error, **self.fields, **more)

    def _with_id(self, message: Message) -> Message:
        """Return a message with the request's id among its headers, unless the application has put one there."""
        headers = list(message.get("headers") or ())
        if any(bytes(name).lower() == self._header[0] for name, _ in headers):
            return {**message, "headers": headers}
        return {**message, "headers": [*headers, self._header]}


class _Http(_Exchange):
    """An HTTP request."""

    __slots__ = ()

    def _note_received(self, message: Message) -> None:
        # Behind the end of the response it says that alone.
        if message.get("type") == "http.disconnect" and not self._is_ending:
            self._is_disconnected = True

    def _note_sending(self, message: Message) -> Message:
        kind = message.get("type")
        if kind == "http.response.start":
            self.access.status = message.get("status")
            return self._with_id(message)
        if kind == "http.response.body":
            self.access.response_bytes += len(message.get("body") or b"")
            self._is_ending = not message.get("more_body")
        elif kind == "http.response.pathsend":
            self.access.response_bytes += _size(message.get("path"))
            self._is_ending = True
        return message

    def _return(self) -> None:
        if self._is_disconnected:
            self._leave()
        elif self.access.status is None:
            # Servers answer in the application's place.
            self.access.status = ERROR_STATUS
            self._write(problem="no response")
        else:
            self._write(problem="response not finished")


class _WebSocket(_Exchange):
    """A websocket, from its handshake to its end."""

    __slots__ = ()

    def _note_received(self, message: Message) -> None:
        if message.get("type") == "websocket.disconnect" and not self._is_ending:
            code = message.get("code") or _NO_CODE
            self._is_disconnected = code == _ABNORMAL
            if self.access.status is None:
                self.access.status = CLIENT_GONE
            else:
                self.access.code = code
            self._write()

    def _note_sending(self, message: Message) -> Message:
        kind = message.get("type")
        if kind == "websocket.accept":
            self.access.status = _ACCEPTED
            return self._with_id(message)
        if kind == "websocket.send":
            self.access.response_bytes += len(message.get("bytes") or (message.get("text") or "").encode())
        elif kind == "websocket.close":
            self._is_ending = True
            if self.access.status is None:
                self.access.status = _REFUSED
            else:
                self.access.code = message.get("code") or _NORMAL
        elif kind == "websocket.http.response.start":
            self.access.status = message.get("status")
            return self._with_id(message)
        elif kind == "websocket.http.response.body":
            self.access.response_bytes += len(message.get("body") or b"")
            self._is_ending = not message.get("more_body")
        return message

    def _fail(self, error: BaseException) -> None:
        if self._is_written and self._says_gone(error):
            # The record of the end has said so.
            mark_logged(error)
            return
        if self.access.status == _ACCEPTED and self.access.code is None:
            self.access.code = _INTERNAL_ERROR
        super()._fail(error)

    def _return(self) -> None:
        if self.access.status is None:
            self.access.status = ERROR_STATUS
            self._write(problem="no response")
        else:
            # The server drops the connection: the client sees no code.
            self.access.code = _ABNORMAL
            self._write()


_EXCHANGES: dict[str, type[_Exchange]] = {"http": _Http, "websocket": _WebSocket}


def _asked_for(scope: Scope, header: bytes) -> tuple[str | None, str | None]:
    """Return the request's id and its `traceparent`, as the headers say; the first of each counts."""
    found: dict[bytes, str] = {}
    headers = scope.get("headers") or ()
    if not isinstance(headers, (list, tuple)):
        # The specification allows what can be gone through once, and the application wants to.
        scope["headers"] = headers = list(headers)
    for name, value in headers:
        if name in (header, b"traceparent"):
            found.setdefault(name, value.decode("latin-1"))
    return found.get(header), found.get(b"traceparent")


def _size(path: object) -> int:
    from pathlib import Path  # noqa: PLC0415 - few servers send files by themselves

    try:
        return Path(path).stat().st_size  # type: ignore[arg-type]  # what is no path raises
    except Exception:  # noqa: BLE001 - the server reports it
        return 0

"""`LoglyMiddleware` for WSGI applications: Flask, Bottle, Pyramid, Falcon and plain ones.

It follows PEP 3333 and imports no framework. Its own failures never fail a request: everything between the application
and the server passes unchanged, except for the header with the request's id.
"""

from __future__ import annotations

from logly._calls.context import Steps
from logly.integrations._middleware import Exchange, Middleware
from logly.integrations._requests import ERROR_STATUS, Access, is_failing_exit, mark_logged, tell_failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from typing_extensions import Self

    from logly.integrations._middleware import RequestOptions

    Environ = dict[str, Any]
    StartResponse = Callable[..., Callable[[bytes], object]]
    Application = Callable[[Environ, StartResponse], Iterable[bytes]]

REQUEST_ID_KEY = "logly.request_id"
"""The key of the environ under which applications find the request's id."""


class LoglyMiddleware(Middleware["Application"]):
    """Gives each request an id, adds the id to its records, and logs one access record for it.

    The id comes from the header, or is a new one. It is sent back, and applications find it as
    `environ["logly.request_id"]`. Records have it as `request_id`; if there is a valid `traceparent` header, they also
    have `trace_id` and `parent_id`. Within a span of OpenTelemetry they have its ids instead. This holds in the call of
    the application, and while the parts of its response are made. Threads that the application starts get the id by
    `logly.copy_context`.

    The access record is written when the server closes the response, as it has to. Its duration ends with the last
    part. An exception that leaves the application, or that it gives to `start_response`, is in the access record, and
    is passed on. If a response is closed before its last part was asked for, the record has `disconnected=True`, and
    status 499 if the response had not begun. The server still sends files by itself (`wsgi.file_wrapper`); the record
    has their size from `Content-Length`. `__init__` describes the options.

    Example:
        >>> import logly
        >>> from logly import logger
        >>> from logly.integrations.wsgi import LoglyMiddleware
        >>> def app(environ, start_response):
        ...     logger.info("working")
        ...     start_response("200 OK", [])
        ...     return [b"done"]
        >>> environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_X_REQUEST_ID": "r-1"}
        >>> with logly.testing.capture() as records:
        ...     body = LoglyMiddleware(app)(environ, lambda status, headers: None)
        ...     parts = list(body)
        ...     body.close()
        >>> [(record["message"], record["request_id"]) for record in records]
        [('working', 'r-1'), ('GET / 200', 'r-1')]
    """

    _expected = "a WSGI application"

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Run the application for one request. A request already handled here passes through."""
        if REQUEST_ID_KEY in environ:
            return self._app(environ, start_response)
        try:
            exchange = _Exchange(self._options, environ, start_response)
        except Exception as failure:  # reported; the request goes on
            tell_failure(failure)
            return self._app(environ, start_response)
        return exchange.run(self._app, environ)


class _Exchange(Exchange):
    """The state of a request and its response, between the application and the server."""

    __slots__ = ("_gone", "_has_ended", "_length", "_start_response", "_steps", "_write_to_server")

    def __init__(self, options: RequestOptions, environ: Environ, start_response: StartResponse) -> None:
        self._start_response = start_response
        access = Access(
            environ["REQUEST_METHOD"],
            _path(environ),
            environ.get("REMOTE_ADDR") or None,
            environ.get("QUERY_STRING") if options.query else None,
        )
        super().__init__(options, environ.get(options.header_key), environ.get("HTTP_TRACEPARENT"), access)
        self._steps = Steps(self.fields, self.trace)
        self._has_ended = False
        self._gone: OSError | None = None
        self._length: int | None = None
        environ[REQUEST_ID_KEY] = self.fields["request_id"]

    def run(self, app: Application, environ: Environ) -> Iterable[bytes]:
        """Call the application. Return its response, whose parts and end are watched."""
        body = self.step(app, environ, self.start_response)
        wrapper = environ.get("wsgi.file_wrapper")
        is_file = isinstance(wrapper, type) and isinstance(body, wrapper)
        if is_file and self._watch_file(body):
            watched: Iterable[bytes] = body
            return watched
        if type(body) in {list, tuple}:
            return _Parts(self, body)
        return _SizedBody(self, body) if hasattr(body, "__len__") else _Body(self, body)

    def start_response(
        self,
        status: str,
        headers: list[tuple[str, str]],
        exc_info: Any = None,
    ) -> Callable[[bytes], object]:
        """Stand in for the server's `start_response`."""
        try:
            self.note_span()
            headers = self._note_response(status, headers)
        except Exception as failure:  # reported; the server judges the arguments
            tell_failure(failure)
        # PEP 3333 wants positional arguments only. If headers were already sent, the server raises the given exception.
        self._write_to_server = self._start_response(status, headers, *([exc_info] if exc_info else []))
        if exc_info:
            self._error = exc_info[1]
        return self.write

    def write(self, data: bytes) -> object:
        """Stand in for the server's `write`."""
        try:
            result = self._write_to_server(data)
        except OSError as error:
            self._gone = error
            raise
        self.count(data)
        return result

    def step(self, function: Callable[..., Any], *args: object) -> Any:
        """Run a part of the application in the request's context, and log its exceptions."""
        token = self._steps.enter()
        try:
            return function(*args)
        except Exception as error:
            if function is next and isinstance(error, StopIteration):
                self.end()
            else:
                self._fail(error)
            raise
        except BaseException as error:
            if is_failing_exit(error):
                # The traceback shows the code that ran when the server's timeout ended.
                self._fail(error)
            else:
                # The server shuts down; that is no error of the application.
                self._log(self._left(), cancelled=True)
            raise
        finally:
            self._steps.leave(token)

    def end(self) -> None:
        """End the duration: there are no more parts."""
        self._has_ended = True
        self._access.end()

    def count(self, data: bytes) -> None:
        """Add a part to the size of the response."""
        try:
            self._access.response_bytes += len(data)
        except TypeError:
            # The server reports data that it cannot send.
            return

    def finish(self) -> None:
        """Log the access record, unless it is already written: the server has closed the response."""
        if self._is_written:
            return
        if self._has_ended and self._access.status is None:
            self._access.status = ERROR_STATUS
            self._log(problem="no response")
        elif self._has_ended or self._access.method == "HEAD":
            self._log(self._error)
        else:
            self._is_disconnected = True
            self._log(self._left())

    def _note_response(self, status: str, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Note a response's status and length. Return its headers with the request's id, unless they have one."""
        self._access.status = int(status[:3])
        named = {name.lower(): value for name, value in headers}
        length = named.get("content-length", "")
        self._length = int(length) if length.isdecimal() else None
        if self._options.header.lower() in named:
            return headers
        return [*headers, (self._options.header, str(self.fields["request_id"]))]

    def _watch_file(self, body: Any) -> bool:
        """Notice when the server has sent a file. Return False if the server's class does not allow it."""
        close = getattr(body, "close", None)

        def closed() -> None:
            try:
                if close is not None:
                    self.step(close)
            finally:
                self._has_ended = True
                self._access.response_bytes = 0 if self._access.method == "HEAD" else self._length or 0
                self.finish()

        try:
            body.close = closed
        except AttributeError:
            return False
        return True

    def _fail(self, error: BaseException) -> None:
        if error is self._gone:
            mark_logged(error)
            self._is_disconnected = True
            self._log(self._left())
        else:
            self._log(error)


class _Body:
    """The parts of a response, made in the request's context."""

    __slots__ = ("__weakref__", "_body", "_exchange", "_iterator")

    def __init__(self, exchange: _Exchange, body: Any) -> None:
        self._exchange, self._body = exchange, body
        self._iterator: Iterator[bytes] | None = None

    def __iter__(self) -> Self:
        self._iterator = self._exchange.step(iter, self._body)
        return self

    def __next__(self) -> bytes:
        if self._iterator is None:
            # A caller that expects a generator may not ask for its iterator.
            iter(self)
        part: bytes = self._exchange.step(next, self._iterator)
        self._exchange.count(part)
        return part

    def close(self) -> None:
        """Close the application's response, if it can be closed, and log the request."""
        try:
            if hasattr(self._body, "close"):
                self._exchange.step(self._body.close)
        finally:
            self._exchange.finish()


class _SizedBody(_Body):
    """Parts whose number is known. Servers use it to make `Content-Length`."""

    __slots__ = ()

    def __len__(self) -> int:
        return len(self._body)


class _Parts(_SizedBody):
    """Parts of a list or tuple: no code of the application runs for them."""

    __slots__ = ()

    def __iter__(self) -> Self:
        self._iterator = iter(self._body)
        return self

    def __next__(self) -> bytes:
        if self._iterator is None:
            iter(self)
        try:
            part: bytes = next(self._iterator)  # type: ignore[arg-type]  # made above
        except StopIteration:
            self._exchange.end()
            raise
        self._exchange.count(part)
        return part


def _path(environ: Environ) -> str:
    """Return the path as text. WSGI has its bytes as Latin-1."""
    path: str = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    return path.encode("latin-1", "replace").decode("utf-8", "replace")

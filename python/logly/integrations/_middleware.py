"""The base of the middlewares of all frameworks: their options, and the one access record of a request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Generic, TypeVar

from logly._naming import guided
from logly.integrations._requests import CLIENT_GONE, HEADER, log_failure, request_id, span_of, trace_of
from logly.logger._given import flag, logger_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from logly.integrations._requests import Access
    from logly.logger import Logger

Application = TypeVar("Application", bound="Callable[..., Any]")

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)


@guided
class Middleware(Generic[Application]):
    """Wraps an application: gives each request an id, adds the id to its records, and logs one access record for it."""

    _expected = ""
    """The value that the error for a wrong `app` asks for; empty if the framework itself passes `app`."""

    def __init__(  # noqa: PLR0913 - the options
        self,
        app: Application,
        *,
        logger: Logger | None = None,
        header: str = HEADER,
        skip: Iterable[str] = (),
        access: bool = True,
        query: bool = False,
    ) -> None:
        """Wrap an application.

        Args:
            app: The application.
            logger: The logger whose sinks get the access records; the global logger by default.
            header: The header with the request's id.
            skip: Paths without an access record. A path is matched exactly; with `/*` at its end, it covers all paths
                below it. Exceptions of these requests are still logged.
            access: Whether there are access records.
            query: Whether access records have the query string as `query`. It may hold secrets.

        Raises:
            TypeError: An option is unknown or of a wrong type.
            ValueError: A value is not allowed.
        """
        if self._expected and not callable(app):
            message = f"app: expected {self._expected}, got {app!r}"
            raise TypeError(message)
        self._app = app
        self._options = RequestOptions(logger, header, skip, access=access, query=query)


class RequestOptions:
    """The options of a `Middleware`, checked.

    Raises:
        TypeError: An option is of a wrong type.
        ValueError: A value is not allowed.
    """

    __slots__ = ("_below", "_exact", "access", "header", "header_bytes", "header_key", "logger", "query")

    def __init__(self, logger: Logger | None, header: str, skip: Iterable[str], *, access: bool, query: bool) -> None:
        # The place of a record is the caller of `Exchange._log`, in the module of the framework.
        self.logger = logger_of(logger).opt(depth=2)
        self.header = _checked_header(header)
        # The header's names in a scope of ASGI and in an environ of WSGI.
        self.header_bytes = header.lower().encode("ascii")
        self.header_key = "HTTP_" + header.upper().replace("-", "_")
        paths = _checked_paths(skip)
        self._exact = frozenset(path for path in paths if not path.endswith("/*"))
        self._below = tuple(path[:-1] for path in paths if path.endswith("/*"))
        self.access = flag("access", access)
        self.query = flag("query", query)

    def is_skipped(self, path: str) -> bool:
        """Tell whether requests for a path have no access record. Their exceptions are still logged."""
        return not self.access or path in self._exact or path.startswith(self._below)


class Exchange:
    """The state of a request and its response. Several threads or tasks may work on it, one at a time.

    Args:
        options: The options of the middleware.
        given: The id that the request came with, if it did.
        traceparent: The request's `traceparent` header, if there is one.
        access: The request's access record, which has just begun.
    """

    __slots__ = (
        "_access",
        "_error",
        "_is_disconnected",
        "_is_skipped",
        "_is_written",
        "_options",
        "_span",
        "fields",
        "trace",
    )

    def __init__(self, options: RequestOptions, given: str | None, traceparent: str | None, access: Access) -> None:
        self._options = options
        self._access = access
        self._is_skipped = options.is_skipped(access.path)
        self._is_written = self._is_disconnected = False
        self._error: BaseException | None = None
        """The exception for the access record, which is not written yet."""
        self.fields: dict[str, object] = {"request_id": request_id(given)}
        """The fields of the request's records."""
        self.trace = trace_of(traceparent)
        """The ids of the trace that the request came with. Records within a span have those of the span."""
        self._span: dict[str, object] | None = None
        self.note_span()

    def note_span(self) -> None:
        """Note the ids of the server's span. It may end before the access record is written."""
        if self._span is None:
            self._span = span_of(self._options.logger)

    def own_fields(self) -> dict[str, object]:
        """Return the fields for records of the request that are logged outside of its context."""
        return {**(self._span or self.trace), **self.fields}

    def _log(self, error: BaseException | None = None, **more: object) -> None:
        """Log the access record, once. If it is already written or not wanted, log an error by itself."""
        is_wanted = not (self._is_written or self._is_skipped)
        self._is_written, self._error = True, None
        if is_wanted:
            if self._is_disconnected:
                more["disconnected"] = True
            self._access.log(self._options.logger, error, {**self.own_fields(), **more})
        elif error is not None:
            log_failure(self._options.logger, error, self._access, **self.own_fields())

    def _left(self) -> BaseException | None:
        """Note that the client or the server gave the request up. Return the error for its record."""
        if self._access.status is None:
            self._access.status = CLIENT_GONE
        return self._error


def _checked_header(header: str) -> str:
    if not isinstance(header, str):
        message = f'header: expected the name of a header such as "{HEADER}", got {header!r}'
        raise TypeError(message)
    if not _HEADER_NAME.fullmatch(header):
        message = f'header: expected the name of a header such as "{HEADER}", got {header!r}'
        raise ValueError(message)
    return header


def _checked_paths(skip: Iterable[str]) -> tuple[str, ...]:
    expected = 'skip: expected paths such as ("/health", "/static/*")'
    if isinstance(skip, (str, bytes)) or not hasattr(skip, "__iter__"):
        message = f"{expected}, got {skip!r}"
        raise TypeError(message)
    paths = tuple(skip)
    for path in paths:
        if not isinstance(path, str):
            message = f"{expected}, got {path!r} in it"
            raise TypeError(message)
        if not path.startswith("/"):
            message = f'{expected}, each with "/" at its beginning, got {path!r} in it'
            raise ValueError(message)
    return paths

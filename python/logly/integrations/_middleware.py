"""What the middlewares of all frameworks share: their options, and what becomes of a request's one record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Generic, TypeVar

from logly._naming import guided
from logly.integrations._requests import CLIENT_GONE, HEADER, context_fields, log_failure, request_id
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
    """Stands around an application: gives each request an id, each record of it that id, and logs one for it."""

    _expected = ""
    """What the error for a wrong `app` asks for; empty where the framework gives that itself."""

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
        """Stand around an application.

        Args:
            app: The application.
            logger: Whose sinks get the access records; the global logger's by default.
            header: The header with the request's id.
            skip: Paths without an access record, each exact or, with `/*` at its end, with all below it. What they
                raise is logged all the same.
            access: Whether there are access records.
            query: Whether they have the query string as `query`; secrets may be in it.

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
        # The place of a record is that of whoever calls `Exchange._log`: the framework's module.
        self.logger = logger_of(logger).opt(depth=2)
        self.header = _checked_header(header)
        # As requests have it: in a scope of ASGI, and in an environ of WSGI.
        self.header_bytes = header.lower().encode("ascii")
        self.header_key = "HTTP_" + header.upper().replace("-", "_")
        paths = _checked_paths(skip)
        self._exact = frozenset(path for path in paths if not path.endswith("/*"))
        self._below = tuple(path[:-1] for path in paths if path.endswith("/*"))
        self.access = flag("access", access)
        self.query = flag("query", query)

    def is_skipped(self, path: str) -> bool:
        """Tell whether requests for a path have no access record; what they raise is logged all the same."""
        return not self.access or path in self._exact or path.startswith(self._below)


class Exchange:
    """What a request and its response have been so far. Several threads or tasks may have parts, one at a time.

    Args:
        options: Those of the middleware.
        given: The id that the request came with, if it did.
        traceparent: Its header of that name, if there is one.
        access: Its access record, which has just begun.
    """

    __slots__ = ("_access", "_error", "_is_disconnected", "_is_skipped", "_is_written", "_options", "fields")

    def __init__(self, options: RequestOptions, given: str | None, traceparent: str | None, access: Access) -> None:
        self._options = options
        self._access = access
        self._is_skipped = options.is_skipped(access.path)
        self._is_written = self._is_disconnected = False
        self._error: BaseException | None = None
        """What the access record, which is still to come, is to have."""
        self.fields = context_fields(request_id(given), traceparent)

    def _log(self, error: BaseException | None = None, **more: object) -> None:
        """Log the access record, once; an error for which that comes too late, or is not wanted, by itself."""
        is_wanted = not (self._is_written or self._is_skipped)
        self._is_written, self._error = True, None
        if is_wanted:
            if self._is_disconnected:
                more["disconnected"] = True
            self._access.log(self._options.logger, error, {**self.fields, **more})
        elif error is not None:
            log_failure(self._options.logger, error, self._access, **self.fields)

    def _left(self) -> BaseException | None:
        """Note that client or server gave the request up; return the error that is to be in its record."""
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

"""`LoglyMiddleware` for Django, under WSGI and ASGI; put it first in `MIDDLEWARE`, so that all else is within it.

Its own failures never fail a request. Its options are in `settings.LOGLY_MIDDLEWARE`.
"""

from __future__ import annotations

import re
import sys
from copy import copy
from difflib import get_close_matches
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.signals import got_request_exception  # type: ignore[import-untyped, unused-ignore]

from logly._calls.context import Contextualizer
from logly._naming import guided
from logly.integrations._middleware import Exchange, Middleware
from logly.integrations._requests import (
    Access,
    is_failing_exit,
    is_logged,
    is_own_cancellation,
    mark_logged,
    tell_failure,
)
from logly.integrations.logging import SIEVES
from logly.integrations.wsgi import REQUEST_ID_KEY

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable

    from logly.integrations._middleware import RequestOptions

_QUERY = re.compile(r"\?.*(?= HTTP/\d)|\?.*", re.DOTALL)
"""The query string of a request line, or of a message about a wrong one."""

_OPTIONS = ("access", "header", "logger", "query", "skip")

_EXCHANGE = "_logly_exchange"
"""The attribute of a request that holds its exchange."""


@guided
class LoglyMiddleware(Middleware["Callable[[Any], Any]"]):
    """Gives each request an id, adds the id to its records, and logs one access record for it.

    The id comes from the header `X-Request-ID`, or is a new one. It is sent back, and views find it as
    `request.request_id`. Records have it as `request_id`; if there is a valid `traceparent` header, they also have
    `trace_id` and `parent_id`. Within a span of OpenTelemetry they have its ids instead. This holds in other
    middlewares, in sync and async views, and while a streaming response is made.

    The access record is written when the response is there; for a streaming response, when it has ended. An exception
    that no view handled is in it, with its traceback; the record of the logger `django.request` about it is not logged
    again. If a streaming response was not read to its end, the record has `disconnected=True`; if the request was
    cancelled, `cancelled=True`.

    The options are those of the other middlewares: `settings.LOGLY_MIDDLEWARE` is a dict with `logger`, `header`,
    `skip`, `access` and `query`; see `logly.integrations.wsgi.LoglyMiddleware`.

    Args:
        get_response: The next handler, which Django passes.

    Raises:
        TypeError: An option is unknown or of a wrong type.
        ValueError: A value is not allowed.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:  # noqa: D107 - see the class
        # Imported late: the object fails before settings are known, even for code that only inspects modules.
        from django.conf import settings  # type: ignore[import-untyped, unused-ignore]  # see above

        super().__init__(get_response, **_checked(getattr(settings, "LOGLY_MIDDLEWARE", {})))
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)
        got_request_exception.connect(_note_exception, dispatch_uid=__name__)
        SIEVES["django"] = _sieve

    def __call__(self, request: Any) -> Any:
        """Answer one request. If a WSGI or ASGI `LoglyMiddleware` is around Django, only take over its id."""
        exchange = self._begun(request)
        if exchange is None:
            return self.get_response(request)
        return self._answer_async(exchange, request) if self._is_async else self._answer(exchange, request)

    def _begun(self, request: Any) -> _Exchange | None:
        if hasattr(request, _EXCHANGE):
            # `MIDDLEWARE` has this middleware twice.
            return None
        try:
            outer = _outer_id(request)
            if outer is None:
                return _Exchange(self._options, request)
            request.request_id = outer
        except Exception as failure:  # reported; the request goes on
            tell_failure(failure)
        return None

    def _answer(self, exchange: _Exchange, request: Any) -> Any:
        try:
            with exchange.context:
                response = self.get_response(request)
        except BaseException as error:
            exchange.fail(error)
            raise
        exchange.respond(response)
        return response

    async def _answer_async(self, exchange: _Exchange, request: Any) -> Any:
        try:
            with exchange.context:
                response = await self.get_response(request)
        except BaseException as error:
            exchange.fail(error)
            raise
        exchange.respond(response)
        return response


def _outer_id(request: Any) -> str | None:
    """Return the id that the middleware for WSGI or ASGI assigned, if Django is within one."""
    found = request.META.get(REQUEST_ID_KEY) or getattr(request, "scope", {}).get(REQUEST_ID_KEY)
    return None if found is None else str(found)


def _checked(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        message = f"LOGLY_MIDDLEWARE: expected a dict of options, got {given!r}"
        raise TypeError(message)
    for name in given:
        if name not in _OPTIONS:
            near = get_close_matches(str(name), _OPTIONS, n=1)
            question = f' (did you mean "{near[0]}"?)' if near else ""
            message = f"LOGLY_MIDDLEWARE: expected one of {', '.join(_OPTIONS)}, got {name!r}{question}"
            raise TypeError(message)
    return given


class _Exchange(Exchange):
    """The state of a request and its response, between Django's other middlewares and its handler."""

    def __init__(self, options: RequestOptions, request: Any) -> None:
        access = Access(
            request.method,
            request.path,
            request.META.get("REMOTE_ADDR") or None,
            request.META.get("QUERY_STRING") if options.query else None,
        )
        asked = request.headers.get(options.header), request.headers.get("traceparent")
        super().__init__(options, *asked, access)
        self.context = Contextualizer(self.fields, self.trace)
        self._has_ended = False
        request.request_id = self.fields["request_id"]
        setattr(request, _EXCHANGE, self)

    def note(self, error: BaseException) -> None:
        """Keep an exception for the access record, which is not written yet."""
        if not self._is_written:
            self._error = error
            mark_logged(error)

    def respond(self, response: Any) -> None:
        """Send the id back, and log the request now or when its response has ended."""
        try:
            self.note_span()
            self._access.status = response.status_code
            if self._options.header not in response:
                response[self._options.header] = str(self.fields["request_id"])
            if response.streaming:
                self._watch(response)
            else:
                self._access.response_bytes = 0 if self._access.method == "HEAD" else len(response.content)
                self._log(self._error)
        except Exception as failure:  # reported; the request goes on
            tell_failure(failure)

    def fail(self, error: BaseException) -> None:
        """Log an exception that left the views. It is an error, unless the client or the server gave the request up."""
        if isinstance(error, Exception) or is_own_cancellation(error) or is_failing_exit(error):
            self.note(error)
            self._log(self._error)
        else:
            self._log(self._left(), cancelled=True)

    def _watch(self, response: Any) -> None:
        """Run the code that makes a response's parts in the request's context, and notice the end of the response."""
        length = response.headers.get("Content-Length", "")
        if getattr(response, "file_to_stream", None) is not None:
            # The server may send the file by itself.
            self._has_ended = True
            self._access.response_bytes = int(length) if length.isdecimal() and self._access.method != "HEAD" else 0
        else:
            parts = self._async_parts if response.is_async else self._parts
            response.streaming_content = self.context(parts)(response.streaming_content)
        response._resource_closers.append(self._close)

    def _parts(self, content: Iterable[bytes]) -> Generator[bytes]:
        try:
            for part in content:
                self._access.response_bytes += len(part)
                yield part
        except (Exception, SystemExit) as error:
            self.fail(error)
            raise
        self._end()

    async def _async_parts(self, content: AsyncIterable[bytes]) -> AsyncGenerator[bytes]:
        try:
            async for part in content:
                self._access.response_bytes += len(part)
                yield part
        except Exception as error:
            self.fail(error)
            raise
        self._end()

    def _end(self) -> None:
        self._has_ended = True
        self._access.end()

    def _close(self) -> None:
        if self._has_ended or self._access.method == "HEAD":
            self._log(self._error)
        else:
            self._is_disconnected = True
            self._log(self._left())


def _note_exception(request: Any = None, **_signal: object) -> None:
    """Note an exception that Django is about to answer with status 500, and to log."""
    exchange: _Exchange | None = getattr(request, _EXCHANGE, None)
    error = sys.exc_info()[1]
    if exchange is not None and error is not None:
        exchange.note(error)


def _sieve(record: logging.LogRecord) -> logging.LogRecord | None:
    """Leave out a record whose exception is in an access record; remove requests and query strings from others.

    The text of a request has the query string in it. Some of Django's records come after the context has ended: they
    get the request's id here.
    """
    if record.name == "django.request" and isinstance(record.exc_info, tuple) and is_logged(record.exc_info[1]):
        return None
    request = record.__dict__.get("request")
    if request is None:
        return record
    plain = copy(record)
    del plain.__dict__["request"]
    exchange: _Exchange | None = getattr(request, _EXCHANGE, None)
    if exchange is not None:
        plain.__dict__.update(exchange.own_fields())
    if record.name == "django.server" and isinstance(plain.args, tuple):
        plain.args = tuple(_QUERY.sub("", part) if isinstance(part, str) else part for part in plain.args)
    return plain

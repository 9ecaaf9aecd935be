"""The parts of request logging that all protocols share: request ids, context fields, and the access record.

Nothing here depends on a framework. Invalid request headers never raise an exception.
"""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from os import urandom
from time import perf_counter_ns
from urllib.parse import quote

from logly import _logly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logly.logger import Logger

HEADER = "X-Request-ID"
"""The header that carries a request's id, in both directions."""

ERROR_STATUS = 500
"""From this status on, the server is to blame, and the record is an error."""

CLIENT_GONE = 499
"""The status of requests whose client left before a response began, as in nginx. No client ever sees it."""

MESSAGE = "{method} {path} {status}"
CLOSED_MESSAGE = "{method} {path} {code}"

_CANCELLATIONS = ("CancelledError", "Cancelled")
"""The names of the exceptions of asyncio and trio, since these libraries may be missing."""

_MOST_PARTS = 1000
"""The highest number of exceptions of a group that are examined."""

_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}", re.ASCII)
# The format of https://www.w3.org/TR/trace-context/. Later versions may append more fields to these four.
_TRACEPARENT = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?!0{32})(?P<trace>[0-9a-f]{32})-(?!0{16})(?P<parent>[0-9a-f]{16})-[0-9a-f]{2}"
    r"(?P<more>-.*)?"
)


def request_id(given: str | None) -> str:
    """Return the id that a request came with, or a new one.

    The given id is used if it is 1 to 128 characters of `A-Z a-z 0-9 . _ : / + = -`, so that a header cannot inject
    lines or markup into a log.
    """
    return given if given is not None and _ID.fullmatch(given) else _new_id()


def _new_id() -> str:
    """Return the 32 digits of a random UUID (version 4); `uuid.uuid4` takes several times as long."""
    raw = bytearray(urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    return raw.hex()


def trace_of(traceparent: str | None) -> dict[str, object]:
    """Return the ids of a request's trace: `trace_id`, and `parent_id`, the caller's span.

    They come from a valid W3C `traceparent` header. Without one there are none.
    """
    found = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    if found is None or (found["version"] == "00" and found["more"]):
        return {}
    return {"trace_id": found["trace"], "parent_id": found["parent"]}


def span_of(logger: Logger) -> dict[str, object] | None:
    """Return the ids of the active span, if logly reads spans for the logger and there is one."""
    opentelemetry = sys.modules.get("logly.integrations.opentelemetry")
    try:
        return None if opentelemetry is None else opentelemetry._ids_for(logger)
    except Exception as failure:  # reported; the request goes on
        tell_failure(failure)
        return None


def printable(path: str) -> str:
    """Return a path on one line: characters that cannot be shown are percent-encoded again."""
    if path.isprintable():
        return path
    return path.translate(_ESCAPES)


class _Escapes(dict[int, "str | int"]):
    """The text for each character. It is kept for the first 256 characters and computed each time for others."""

    def __missing__(self, code: int) -> str | int:
        char = chr(code)
        shown = code if char.isprintable() else quote(char, errors="surrogatepass")
        if code < _KEPT_ESCAPES:
            self[code] = shown
        return shown


_KEPT_ESCAPES = 256
_ESCAPES = _Escapes()


class Access:
    """The access record of one request, filled in as the request goes on. The duration begins when this object is made.

    Args:
        method: The method.
        path: The path, without the query string.
        client: The client's address, if it is known.
        query: The query string, if it is wanted.
    """

    __slots__ = ("_ended", "_started", "client", "code", "method", "path", "query", "response_bytes", "status")

    def __init__(self, method: str, path: str, client: str | None = None, query: str | None = None) -> None:
        self._started, self._ended = perf_counter_ns(), 0
        self.method, self.path, self.client, self.query = method, printable(path), client, query
        self.status: int | None = None
        self.code: int | None = None
        """The close code of a websocket. The message shows it in place of the status."""
        self.response_bytes = 0

    def end(self) -> None:
        """End the duration: the response has ended. Another call changes nothing."""
        self._ended = self._ended or perf_counter_ns()

    @property
    def duration_ms(self) -> float:
        """The duration of the request in milliseconds, to the microsecond."""
        return round(((self._ended or perf_counter_ns()) - self._started) / 1_000_000, 3)

    def log(self, logger: Logger, error: BaseException | None = None, more: dict[str, object] | None = None) -> None:
        """Log the record: at ERROR with an exception, a `problem` or a status from 500 up, else at INFO.

        It never raises an `Exception`.

        Args:
            logger: The logger of `RequestOptions`, or one bound to it.
            error: The exception that left the application, logged with its traceback. A missing status is then 500.
            more: More fields. This dict is changed. `problem` says what the application did wrong.
        """
        fields = {} if more is None else more
        if error is not None:
            self.status = ERROR_STATUS if self.status is None else self.status
            fields["exc_info"] = error
            mark_logged(error)
        if self.query:
            fields["query"] = self.query
        if self.code is not None:
            fields["code"] = self.code
        try:
            # An application may set any status. A status that is not a number does not affect the level.
            is_server_error = isinstance(self.status, int) and self.status >= ERROR_STATUS
            is_error = error is not None or "problem" in fields or is_server_error
            logger.log(
                "ERROR" if is_error else "INFO",
                MESSAGE if self.code is None else CLOSED_MESSAGE,
                method=self.method,
                path=self.path,
                status=self.status,
                duration_ms=self.duration_ms,
                response_bytes=self.response_bytes,
                client=self.client,
                **fields,
            )
        except Exception as failure:  # reported; the request goes on
            tell_failure(failure)


def log_failure(logger: Logger, error: BaseException, access: Access, **fields: object) -> None:
    """Log an exception whose access record is already written, or not wanted."""
    mark_logged(error)
    status = ERROR_STATUS if access.status is None else access.status
    try:
        logger.error(
            "{method} {path} failed", method=access.method, path=access.path, status=status, exc_info=error, **fields
        )
    except Exception as failure:  # reported; the request goes on
        tell_failure(failure)


def tell_failure(failure: Exception) -> None:
    """Report on standard error, once for each kind, that something here failed."""
    _logly._tell_failure(failure, "logging a request")


def mark_logged(error: BaseException) -> None:
    """Mark an exception as logged for `is_logged`, so that the server that gets it next does not log it again.

    The exceptions of a group are marked too: middlewares further out may take them from it.
    """
    for part in _with_parts(error):
        # A class may refuse any attribute; its exceptions are then logged twice.
        with suppress(Exception):
            part.__logly_logged__ = True  # type: ignore[attr-defined]


def is_logged(error: BaseException | None) -> bool:
    """Tell whether a middleware has logged an exception, or all exceptions of a group."""
    if error is None or _is_marked(error):
        return error is not None
    parts = _with_parts(error)
    return len(parts) < _MOST_PARTS and all(_is_marked(part) for part in parts if not _is_group(part))


def _is_marked(error: BaseException) -> bool:
    try:
        return getattr(error, "__logly_logged__", False) is True
    except Exception:  # the class is the program's
        return False


def _with_parts(error: BaseException) -> list[BaseException]:
    """Return an exception and, for a group, its parts. A group is Python's own, from 3.11 on, or that of a backport."""
    found = [error]
    for one in found:
        if _is_group(one) and len(found) < _MOST_PARTS:
            found += getattr(one, "exceptions", ())
    return found


def _is_group(error: BaseException) -> bool:
    return any(kind.__name__ == "BaseExceptionGroup" for kind in type(error).__mro__)


def is_cancellation(error: BaseException) -> bool:
    """Tell whether an exception, or each one of a group, ends a request from outside: asyncio's, trio's, Ctrl+C.

    Something that the application awaited may have been cancelled. That does not count: see `is_own_cancellation`.
    """
    return all(
        isinstance(part, (GeneratorExit, KeyboardInterrupt)) or type(part).__name__ in _CANCELLATIONS
        for part in _with_parts(error)
        if not _is_group(part)
    ) and not is_own_cancellation(error)


def is_own_cancellation(error: BaseException) -> bool:
    """Tell whether the application awaited something that was cancelled, while the request itself was not.

    Python tells them apart from 3.11 on. Before that, and on event loops other than asyncio's, the request counts as
    cancelled.
    """
    asyncio = sys.modules.get("asyncio")
    if asyncio is None or not isinstance(error, asyncio.CancelledError):
        return False
    try:
        return not asyncio.current_task().cancelling()
    except (AttributeError, RuntimeError):
        return False


def is_failing_exit(error: BaseException) -> bool:
    """Tell whether an exit reports a failure: `sys.exit(1)`, as in gunicorn's workers after `--timeout`.

    Servers that shut down in the middle of a request exit with 0.
    """
    return isinstance(error, SystemExit) and bool(error.code)

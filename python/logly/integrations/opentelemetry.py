"""Ids of OpenTelemetry's active span in records: `install` adds `trace_id`, `span_id` and `trace_flags`.

The extension reads OpenTelemetry's own context variable, and asks for the ids once for each context of a span.
"""

from __future__ import annotations

from typing import Any

from logly._logly import _has_span, _set_span
from logly._naming import guided
from logly._process import captures
from logly._stdlib.undoing import Undoable
from logly.integrations.logging import ADAPTERS
from logly.logger._given import logger_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import ContextVar

    from logly._stdlib.foreign import ForeignRecord
    from logly.logger import Logger

_INSTALL = "logly.integrations.opentelemetry needs OpenTelemetry: pip install opentelemetry-api"

_INJECTED = ("otelTraceID", "otelSpanID", "otelTraceSampled")
"""The attributes that OpenTelemetry's instrumentation of `logging` gives to records."""


class Installation(Undoable):
    """The change of `install`, taken back by `undo` or at the end of a `with` block."""

    __slots__ = ("_logger",)

    def __init__(self, logger: Logger) -> None:  # noqa: D107 - `install` makes it
        self._logger = logger
        _INSTALLATIONS.append(self)

    def undo(self) -> None:
        """Leave the ids out again, unless another `install` for the same logger is in force."""
        if self not in _INSTALLATIONS:
            return
        _INSTALLATIONS.remove(self)
        captures.end(self)
        if not any(other._logger._shares_with(self._logger) for other in _INSTALLATIONS):
            _set_span(self._logger, None)
        if not _INSTALLATIONS:
            ADAPTERS.pop(__name__, None)


_INSTALLATIONS: list[Installation] = []


@guided
def install(logger: Logger | None = None) -> Installation:
    """Give every record the ids of OpenTelemetry's active span: `trace_id`, `span_id` and `trace_flags`.

    They are lower-case hexadecimal with 32, 16 and 2 digits. Sampled and unsampled spans count, and so do spans of
    other processes that the program continues. A record outside of a span has none of the fields. Fields of the call
    and of `contextualize` win over them, and they win over bound fields. Records of `logging` that
    `logly.intercept_logging` passes on have the ids too. The JSON shapes of logly put them where each system expects
    them.

    Args:
        logger: The logger, with all that share its sinks; the global logger by default.

    Returns:
        An object with `undo()`. It is also a context manager.

    Raises:
        ImportError: OpenTelemetry is not installed.
        TypeError: `logger` is not a logger.

    Example:
        >>> import logly
        >>> from logly import logger
        >>> from logly.integrations.opentelemetry import install
        >>> from opentelemetry.sdk.trace import TracerProvider
        >>> tracer = TracerProvider().get_tracer("shop")
        >>> with install(), logly.testing.capture() as records, tracer.start_as_current_span("pay") as span:
        ...     logger.info("paid")
        >>> records[0]["trace_id"] == format(span.get_span_context().trace_id, "032x")
        True
    """
    given = logger_of(logger)
    _set_span(given, *_source())
    ADAPTERS[__name__] = _adapt
    installation = Installation(given)
    if given._number == 0:
        captures.begin(installation, "integrations.opentelemetry.install", {})
    return installation


def _ids_for(logger: Logger) -> dict[str, object] | None:
    """Return the ids of the active span, if `install` is in force for a logger and there is a span."""
    return (_current_ids() or None) if _has_span(logger) else None


def _source() -> tuple[Callable[..., object], ContextVar[Any] | None]:
    """Return the function that makes the ids, and the context variable whose value it takes.

    `OTEL_PYTHON_CONTEXT` may name another way to keep the context. Then there is no such variable.
    """
    try:
        from opentelemetry import context, trace  # noqa: F401 - see the error
    except ImportError as error:
        raise ImportError(_INSTALL, name="opentelemetry") from error
    from contextvars import ContextVar

    runtime = getattr(context, "_RUNTIME_CONTEXT", None)
    variable = getattr(runtime, "_current_context", None)
    is_known = type(runtime).__name__ == "ContextVarsRuntimeContext" and type(variable) is ContextVar
    return (_ids_in, variable) if is_known else (_current_ids, None)


def _ids_in(context: Any) -> dict[str, object] | None:
    """Return the ids of the span in a context of OpenTelemetry."""
    from opentelemetry import trace

    return _ids(trace.get_current_span(context))


def _current_ids() -> dict[str, object] | None:
    """Return the ids of the active span."""
    from opentelemetry import trace

    return _ids(trace.get_current_span())


def _ids(span: Any) -> dict[str, object] | None:
    found = span.get_span_context()
    if not found.is_valid:
        return None
    return {
        "trace_id": format(found.trace_id, "032x"),
        "span_id": format(found.span_id, "016x"),
        "trace_flags": format(found.trace_flags, "02x"),
    }


def _adapt(record: ForeignRecord) -> None:
    """Turn the ids that OpenTelemetry gave a record of `logging` into logly's fields.

    They are those of the thread that logged, which may be another one if a queue was in between.
    """
    trace, span, is_sampled = (record.fields.pop(name, None) for name in _INJECTED)
    if not record.fields.get("otelServiceName", True):
        del record.fields["otelServiceName"]
    if not (isinstance(trace, str) and isinstance(span, str) and trace.strip("0") and span.strip("0")):
        return
    active = _current_ids()
    if active is None or (active["trace_id"], active["span_id"]) != (trace, span):
        ids = {"trace_id": trace, "span_id": span, "trace_flags": "01" if is_sampled is True else "00"}
        record.fields = {**ids, **record.fields}

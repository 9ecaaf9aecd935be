"""The request of a service: three calls of `logging` by libraries, and four of the application, within a span.

Every library logs the same lines. Peers find secrets with the functions here, in the way their users write them: a set
of names and one expression. They look for less than logly's defaults do.
"""

from __future__ import annotations

import logging
import re
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Callable

from benchmarks.services.setups import Pipe, Setup

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.compare.adapters import Session

RECORDS = 7
TOKEN = "mF_9.B5f-4.1JqMq7kT0b"  # noqa: S105 - it must not be found in the output
PASSWORD = "hunter2-hunter2"  # noqa: S105 - it must not be found in the output
FIRST_TRACE = 0x4BF92F3577B34DA600000000_00000000
FIRST_SPAN = 0x00F067AA_00000000
CODE = compile('logger.info("a cell ran seq={i}", i=i)', "<cell>", "exec")

LIBRARIES = f"""
queries.info("query for order %s took %.1f ms", i, 1.25)
access.info('%s "%s %s" %d', "10.0.0.1", "GET", "/orders", 200)
client.info("POST https://bank.example/charge Authorization: Bearer %s", "{TOKEN}")
"""
LOGLY = f"""
logger.info("order received", order=i, user="ada")
logger.info("charging {{amount}} EUR", amount=12.5, currency="EUR")
logger.info("signing in", user="ada", password="{PASSWORD}")
logger.warning("slow gateway", ms=251, attempt=2)
"""
STRUCTLOG = LOGLY.replace('"charging {amount} EUR"', '"charging %s EUR", 12.5')
STANDARD = f"""
logger.info("order received", extra={{"order": i, "user": "ada"}})
logger.info("charging %s EUR", 12.5, extra={{"amount": 12.5, "currency": "EUR"}})
logger.info("signing in", extra={{"user": "ada", "password": "{PASSWORD}"}})
logger.warning("slow gateway", extra={{"ms": 251, "attempt": 2}})
"""

_HANDLER = """
def handle(i):
    span = NonRecordingSpan(SpanContext(FIRST_TRACE + i, FIRST_SPAN + i, False, SAMPLED))
    token = attach(set_span_in_context(span))
    try:
        {body}
    finally:
        detach(token)
"""

_SECRET_KEYS = {"password", "authorization", "token", "secret", "api_key", "cookie", "session"}
_SECRETS = re.compile(
    r"(?<=Bearer )[\w.~+/-]+=*|eyJ[\w-]+\.[\w-]+\.[\w-]*|\b(?:\d[ -]?){13,16}\b|[\w.+-]+@[\w-]+\.[\w.]+"
)


def redact_text(text: str) -> str:
    """Mask the secrets in *text*."""
    return _SECRETS.sub("***", text)


def redact_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """Return *fields* with the values of secret names, and secrets in texts, masked."""
    return {
        name: "***" if name in _SECRET_KEYS else redact_text(value) if isinstance(value, str) else value
        for name, value in fields.items()
    }


def span_ids() -> dict[str, str]:
    """Return the ids of the active span, as OpenTelemetry's documentation advises for processors."""
    from opentelemetry import trace  # noqa: PLC0415 - other set-ups do without the package

    context = trace.get_current_span().get_span_context()
    return {"trace.id": f"{context.trace_id:032x}", "span.id": f"{context.span_id:016x}"}


def enter_span(number: int) -> None:
    """Make a span the active one for the rest of the process."""
    from opentelemetry import context, trace  # noqa: PLC0415 - other set-ups do without the package

    ids = trace.SpanContext(FIRST_TRACE + number, FIRST_SPAN + number, False, trace.TraceFlags(1))  # noqa: FBT003
    context.attach(trace.set_span_in_context(trace.NonRecordingSpan(ids)))


def setup(folder: Path, pipe: Pipe, calls: str, session: Session) -> Setup:
    """Return the set-up of a service whose application makes *calls*, between those of its libraries.

    The calls use the names of *session*, whose own call is replaced by the request.
    """
    handle = _handler(LIBRARIES + calls, session.names)
    return Setup(
        replace(session, call="handle(i)", names={"handle": handle}, imports=""),
        folder / "out.log",
        lines=RECORDS,
        number=_number,
        secrets=(TOKEN.encode(), PASSWORD.encode()),
        bare=_handler("pass", session.names),
        pipe=pipe,
    )


def _handler(body: str, names: dict[str, object]) -> Callable[[int], object]:
    from opentelemetry import context, trace  # noqa: PLC0415 - other set-ups do without the package

    loggers = {"queries": "sqlalchemy.engine", "access": "uvicorn.access", "client": "httpx"}
    namespace: dict[str, Any] = {
        "__name__": "shop",
        "NonRecordingSpan": trace.NonRecordingSpan,
        "SpanContext": trace.SpanContext,
        "SAMPLED": trace.TraceFlags(1),
        "FIRST_TRACE": FIRST_TRACE,
        "FIRST_SPAN": FIRST_SPAN,
        "attach": context.attach,
        "detach": context.detach,
        "set_span_in_context": trace.set_span_in_context,
        **{name: logging.getLogger(found) for name, found in loggers.items()},
        **names,
    }
    logging.getLogger().setLevel(logging.INFO)
    body = textwrap.indent(body.strip(), " " * 8).strip()
    exec(compile(_HANDLER.format(body=body), "shop.py", "exec"), namespace)  # noqa: S102 - the calls are pasted in
    found: Callable[[int], object] = namespace["handle"]
    return found


def _number(record: dict[str, Any]) -> int | None:
    """Return the number of the request that a line of ECS belongs to, if the line is complete."""
    trace = record["trace.id"] if "trace.id" in record else record["trace"]["id"]
    span = record["span.id"] if "span.id" in record else record["span"]["id"]
    number = int(trace, 16) - FIRST_TRACE
    is_whole = int(span, 16) - FIRST_SPAN == number and record["message"] and record["@timestamp"].startswith("20")
    level = record["log.level"] if "log.level" in record else record["log"]["level"]
    return number if is_whole and level.upper() in {"INFO", "WARNING"} else None

"""structlog as its performance page advises: BytesLogger, orjson, filtering, cached, bound once.

A renderer of a few lines of code makes the text lines, as structlog's own renderers use other formats.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks.compare.adapters import Session
from benchmarks.compare.content import BOUND_FIELDS, CONTEXT_FIELDS, Output
from benchmarks.compare.scenarios import Shape

if TYPE_CHECKING:
    from pathlib import Path

_AMOUNT = '"paid %d EUR", 12, user="ada", seq=i'

_CALLS = {
    Shape.FILTERED: f"logger.debug({_AMOUNT})",
    Shape.PLAIN: 'logger.info("payment accepted")',
    Shape.FRESH: 'logger.info(f"message seq={i}")',
    Shape.TEMPLATE: f"logger.info({_AMOUNT})",
    Shape.BOUND: f"logger.info({_AMOUNT})",
    Shape.JSON: 'logger.info("paid %d EUR", 12, amount=12, user="ada", seq=i)',
    Shape.EXCEPTION: 'logger.exception("payment failed", seq=i)',
}
_LAST = {Shape.FILTERED: f"logger.info({_AMOUNT})"}


def open_session(shape: Shape, folder: Path, mode: str, kept: int) -> Session:  # noqa: ARG001 - it has one mode
    """Configure structlog to write one file."""
    structlog = importlib.import_module("structlog")
    output = Output(folder / "out.log", is_json=shape is Shape.JSON)
    file = output.path.open("ab")
    structlog.configure(
        processors=_processors(structlog, shape),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(file=file),
        cache_logger_on_first_use=True,
    )
    logger = structlog.get_logger().bind(**(BOUND_FIELDS if shape is Shape.BOUND else {}))
    in_context = partial(structlog.contextvars.bound_contextvars, **CONTEXT_FIELDS)
    context = in_context if shape is Shape.BOUND else contextlib.nullcontext
    return Session(
        _CALLS[shape],
        {"logger": logger},
        (output,),
        _LAST.get(shape, ""),
        close=file.close,
        context=context,
    )


def _processors(structlog: Any, shape: Shape) -> list[Any]:  # noqa: ANN401 - the module
    first = [structlog.contextvars.merge_contextvars] if shape is Shape.BOUND else []
    if shape is Shape.JSON:
        orjson = importlib.import_module("orjson")
        return [
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ]
    stamp = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
    ]
    if shape in {Shape.PLAIN, Shape.FRESH}:
        return [*stamp, _render_without_caller]
    failed = [structlog.processors.format_exc_info] if shape is Shape.EXCEPTION else []
    return [*first, *stamp, _caller_adder(structlog), *failed, _render_with_caller]


def _caller_adder(structlog: Any) -> Any:  # noqa: ANN401 - the module, and a processor
    parameters = structlog.processors.CallsiteParameter
    return structlog.processors.CallsiteParameterAdder([parameters.MODULE, parameters.FUNC_NAME, parameters.LINENO])


def _render_without_caller(_logger: object, _method: str, event: dict[str, Any]) -> bytes:
    return f"{event['timestamp']} | {event['level'].upper()} | {event['event']}".encode()


def _render_with_caller(_logger: object, _method: str, event: dict[str, Any]) -> bytes:
    take = event.pop
    caller = f"{take('module')}:{take('func_name')}:{take('lineno')}"
    head = f"{take('timestamp')} | {take('level').upper()} | {caller}"
    message, traceback = take("event"), take("exception", "")
    fields = "".join(f" {name}={value}" for name, value in event.items())
    line = f"{head} | {message}{fields}"
    return (f"{line}\n{traceback}" if traceback else line).encode()

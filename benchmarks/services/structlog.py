"""The set-ups of structlog."""

from __future__ import annotations

import importlib
import logging
import sys
from typing import TYPE_CHECKING, Any

from benchmarks.compare.adapters import Session
from benchmarks.services import requests
from benchmarks.services.setups import Pipe, Setup

if TYPE_CHECKING:
    from pathlib import Path

library: Any = importlib.import_module("structlog")
CALL = 'logger.info("paid %d EUR", 12, amount=12, user="ada", seq=i)'


def span(folder: Path) -> Setup:
    """The processor for OpenTelemetry of structlog's documentation."""
    requests.enter_span(7)
    return _file(folder, CALL, _add_span)


def variables(folder: Path) -> Setup:
    """Three values of the context."""
    library.contextvars.bind_contextvars(request="request-1", tenant="tenant-1", region="region-1")
    return _file(folder, CALL, library.contextvars.merge_contextvars)


def redacted(folder: Path) -> Setup:
    """A processor that masks the message and the fields."""
    return _file(folder, CALL, _redact)


def dict_field(folder: Path) -> Setup:
    """A field that is a dict."""
    return _file(folder, 'logger.info("paid", cart={"id": 7, "items": 3, "total": 12.5}, seq=i)')


def stdout(folder: Path) -> Setup:
    """JSON on standard output."""
    pipe = Pipe(folder / "out.log")
    _configure(sys.stdout.buffer, _rendering())
    return _setup(folder / "out.log", CALL, pipe)


def service(folder: Path) -> Setup:
    """A request of a service: processors add the ids, mask secrets and render ECS, also for records of `logging`."""
    pipe = Pipe(folder / "out.log")
    shared = [library.stdlib.add_log_level, _add_span, _redact]
    render = importlib.import_module("ecs_logging").StructlogFormatter()
    _configure(sys.stdout.buffer, [*shared, lambda *given: render(*given).encode()])
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(library.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[_forget, render]))
    logging.getLogger().addHandler(handler)
    session = Session("", {"logger": library.get_logger()}, (), drain=handler.flush, close=logging.shutdown)
    return requests.setup(folder, pipe, requests.STRUCTLOG, session)


def _forget(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    event.pop("_record", None)
    event.pop("_from_structlog", None)
    return event


def _add_span(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    event.update(requests.span_ids())
    return event


def _redact(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    return requests.redact_fields(event)


def _rendering() -> list[Any]:
    return [
        library.processors.add_log_level,
        library.processors.TimeStamper(fmt="iso"),
        library.processors.EventRenamer("message"),
        library.processors.JSONRenderer(serializer=importlib.import_module("orjson").dumps),
    ]


def _configure(file: Any, processors: list[Any]) -> None:  # noqa: ANN401 - a binary file
    library.configure(
        processors=processors,
        wrapper_class=library.make_filtering_bound_logger(logging.INFO),
        logger_factory=library.BytesLoggerFactory(file=file),
        cache_logger_on_first_use=True,
    )


def _file(folder: Path, call: str, *processors: Any) -> Setup:  # noqa: ANN401 - functions
    _configure((folder / "out.log").open("ab"), [*processors, *_rendering()])
    return _setup(folder / "out.log", call)


def _setup(output: Path, call: str, pipe: Pipe | None = None) -> Setup:
    return Setup(Session(call, {"logger": library.get_logger().bind()}, ()), output, pipe=pipe)

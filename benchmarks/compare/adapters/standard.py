"""The standard library's logging: plain, through QueueHandler, and with python-json-logger.

It is set up as its documentation advises for speed: no thread, process or task lookups, and no caller
lookup if the line does not show the caller. picologging has the same interface and uses the same calls.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import logging.handlers
import queue
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from benchmarks.compare.adapters import FILE_BYTES, Session
from benchmarks.compare.content import BOUND_FIELDS, CONTEXT_FIELDS, Output
from benchmarks.compare.scenarios import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DATE = "%Y-%m-%d %H:%M:%S"
_WITHOUT_CALLER = "%(asctime)s | %(levelname)s | %(message)s"
_WITH_CALLER = "%(asctime)s | %(levelname)s | %(module)s:%(funcName)s:%(lineno)d | %(message)s"
_AMOUNT = '"paid %d EUR user=%s seq=%d", 12, "ada", i'
_EXTRA = '"paid %d EUR", 12, extra={"amount": 12, "user": "ada", "seq": i}'

CALLS = {
    Shape.FILTERED: f"logger.debug({_AMOUNT})",
    Shape.PLAIN: 'logger.info("payment accepted")',
    Shape.FRESH: 'logger.info(f"message seq={i}")',
    Shape.TEMPLATE: f"logger.info({_AMOUNT})",
    Shape.BOUND: f"logger.info({_AMOUNT})",
    Shape.JSON: f"logger.info({_EXTRA})",
    Shape.SINKS: f"logger.info({_EXTRA})",
    Shape.EXCEPTION: 'logger.exception("payment failed seq=%d", i)',
}
LAST = {Shape.FILTERED: f"logger.info({_AMOUNT})", Shape.SINKS: f"logger.error({_EXTRA})"}
FORMATS = {
    Shape.PLAIN: _WITHOUT_CALLER,
    Shape.FRESH: _WITHOUT_CALLER,
    Shape.BOUND: _WITH_CALLER + "".join(f" {name}=%({name})s" for name in {**BOUND_FIELDS, **CONTEXT_FIELDS}),
    Shape.SINKS: _WITH_CALLER + " user=%(user)s seq=%(seq)d",
}

_LIMITS = {"rotating": FILE_BYTES, "per-line": 1}

_request: ContextVar[str] = ContextVar("request", default="")


def open_session(shape: Shape, folder: Path, mode: str, kept: int) -> Session:
    """Set up the logger `checkout` with the handlers *shape* needs."""
    _spare_lookups(shape)
    outputs, handlers = _handlers(shape, folder, (_LIMITS.get(mode, 0), kept))
    logger = logging.getLogger("checkout")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    drain = _attach_queue(logger, handlers) if mode == "queue" else _attach(logger, handlers)
    caller: Any = logging.LoggerAdapter(logger, BOUND_FIELDS) if shape is Shape.BOUND else logger
    context = _contextualize if shape is Shape.BOUND else contextlib.nullcontext
    return Session(
        CALLS[shape],
        {"logger": caller},
        outputs,
        LAST.get(shape, ""),
        drain=drain,
        close=logging.shutdown,
        context=context,
    )


def text_format(shape: Shape) -> str:
    """Return the %-style format of *shape*'s text lines."""
    return FORMATS.get(shape, _WITH_CALLER)


def _spare_lookups(shape: Shape) -> None:
    for switch in ("logThreads", "logProcesses", "logMultiprocessing", "logAsyncioTasks"):
        setattr(logging, switch, False)
    if text_format(shape) == _WITHOUT_CALLER:
        logging._srcfile = None  # noqa: SLF001 - as the logging how-to says


def _handlers(shape: Shape, folder: Path, limits: tuple[int, int]) -> tuple[tuple[Output, ...], list[logging.Handler]]:
    text = Output(folder / "text.log", has_archives=limits[0] > 0)
    as_json = Output(folder / "json.log", is_json=True)
    errors = Output(folder / "errors.log", errors_only=True)
    if shape is Shape.JSON:
        return (as_json,), [_json_handler(as_json)]
    if shape is Shape.SINKS:
        handlers = [
            _text_handler(text, shape, limits),
            _json_handler(as_json),
            _text_handler(errors, shape, limits),
        ]
        handlers[2].setLevel(logging.ERROR)
        return (text, as_json, errors), handlers
    return (text,), [_text_handler(text, shape, limits)]


def _text_handler(output: Output, shape: Shape, limits: tuple[int, int]) -> logging.Handler:
    if output.has_archives:
        handler: logging.Handler = logging.handlers.RotatingFileHandler(
            output.path, maxBytes=limits[0], backupCount=limits[1], encoding="utf-8"
        )
    else:
        handler = logging.FileHandler(output.path, encoding="utf-8")
    handler.setFormatter(logging.Formatter(text_format(shape), datefmt=DATE))
    if shape is Shape.BOUND:
        handler.addFilter(_add_request)
    return handler


def _json_handler(output: Output) -> logging.Handler:
    library = importlib.import_module("pythonjsonlogger.orjson")
    handler = logging.FileHandler(output.path, encoding="utf-8")
    handler.setFormatter(
        library.OrjsonFormatter("%(levelname)s %(message)s", rename_fields={"levelname": "level"}, timestamp=True)
    )
    return handler


def _attach(logger: logging.Logger, handlers: list[logging.Handler]) -> Any:  # noqa: ANN401 - a bound method
    for handler in handlers:
        logger.addHandler(handler)
    return lambda: None


def _attach_queue(logger: logging.Logger, handlers: list[logging.Handler]) -> Any:  # noqa: ANN401 - a closure
    lines: Any = queue.SimpleQueue()
    logger.addHandler(logging.handlers.QueueHandler(lines))
    listener = logging.handlers.QueueListener(lines, *handlers)
    listener.start()

    def drain() -> None:
        """Stop the listener, the only way to wait for the queue, and start it again for the next pass."""
        listener.stop()
        listener.start()

    return drain


@contextlib.contextmanager
def _contextualize() -> Iterator[None]:
    token = _request.set(CONTEXT_FIELDS["request"])
    try:
        yield
    finally:
        _request.reset(token)


def _add_request(record: logging.LogRecord) -> bool:
    record.request = _request.get()
    return True

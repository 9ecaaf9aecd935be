"""The set-ups of the standard library's logging, with python-json-logger and ecs-logging."""

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

EXTRA = 'log.info("paid %d EUR", 12, extra={"amount": 12, "user": "ada", "seq": i})'
TEXT = 'log.info("paid %s EUR seq=%s", 12, i)'


def json_lines(folder: Path) -> Setup:
    """JSON lines by python-json-logger with orjson."""
    return _file(folder, _orjson_formatter(), EXTRA)


def file_handler(folder: Path) -> Setup:
    """A file with the time, the level and the place."""
    form = "%(asctime)s | %(levelname)s | %(module)s:%(funcName)s:%(lineno)d | %(message)s"
    return _file(folder, logging.Formatter(form), TEXT)


def null_handler(_folder: Path) -> Setup:
    """A handler that writes nothing."""
    return _setup(logging.NullHandler(), None, TEXT)


class LookingHandler(logging.Handler):
    """A handler that looks at each record, as those of error trackers do, and keeps nothing.

    A `NullHandler` would not do: logly knows that it looks at nothing, and passes it by.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Look at the level and the name."""
        if record.levelno >= logging.ERROR and record.name == "shop":
            raise AssertionError(record)


def looking_handler(_folder: Path) -> Setup:
    """A handler that looks at records and writes nothing."""
    return _setup(LookingHandler(), None, TEXT)


def percent(folder: Path) -> Setup:
    """A message with one value."""
    return _file(folder, logging.Formatter("%(asctime)s | %(levelname)s | %(message)s"), 'log.info("seq %s", i)')


def ecs(folder: Path) -> Setup:
    """Elastic's common schema by ecs-logging."""
    return _file(folder, importlib.import_module("ecs_logging").StdlibFormatter(), EXTRA)


def stdout(folder: Path) -> Setup:
    """JSON on standard output."""
    pipe = Pipe(folder / "out.log")
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_orjson_formatter())
    return _setup(handler, folder / "out.log", EXTRA, pipe)


def service(folder: Path) -> Setup:
    """A request of a service: a filter adds the ids and masks secrets."""
    pipe = Pipe(folder / "out.log")
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(importlib.import_module("ecs_logging").StdlibFormatter())
    handler.addFilter(_prepare)
    logging.getLogger().addHandler(handler)
    names = {"logger": logging.getLogger("shop")}
    session = Session("", names, (), drain=handler.flush, close=logging.shutdown)
    return requests.setup(folder, pipe, requests.STANDARD, session)


_OWN = set(logging.makeLogRecord({}).__dict__)


def _prepare(record: logging.LogRecord) -> bool:
    """Add the span's ids, and mask the message and the fields."""
    fields = {name: value for name, value in record.__dict__.items() if name not in _OWN}
    record.__dict__.update(requests.redact_fields(fields))
    record.__dict__.update(requests.span_ids())
    record.msg, record.args = requests.redact_text(record.getMessage()), None
    return True


def _orjson_formatter() -> logging.Formatter:
    library = importlib.import_module("pythonjsonlogger.orjson")
    formatter: logging.Formatter = library.OrjsonFormatter(
        "%(levelname)s %(message)s", rename_fields={"levelname": "level"}, timestamp=True
    )
    return formatter


def _file(folder: Path, formatter: logging.Formatter, call: str) -> Setup:
    handler = logging.FileHandler(folder / "out.log", encoding="utf-8")
    handler.setFormatter(formatter)
    return _setup(handler, folder / "out.log", call)


def _setup(handler: logging.Handler, output: Path | None, call: str, pipe: Pipe | None = None) -> Setup:
    log = logging.getLogger("shop")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(handler)
    names: dict[str, Any] = {"log": log}
    return Setup(Session(call, names, (), drain=handler.flush, close=logging.shutdown), output, pipe=pipe)

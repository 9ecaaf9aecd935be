"""Lines of a shape, and the same records for other libraries."""

from __future__ import annotations

import io
import json
import logging
import sys

import logly.testing
from logly import logger

WHEN = "2025-01-15T10:30:45.123456Z"
SECONDS = 1736937045.123456
TRACE = {"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7", "trace_flags": "01"}
FIELDS = {"n": 1, "ratio": 0.5, "ok": True, "name": "ada", "order": {"id": 7, "tags": ["a", "b"]}}
PLACE = ["logger", "function", "file", "path", "line"]


def unique(pairs):
    """Return the object, and assert that no key occurs twice."""
    assert len({key for key, _ in pairs}) == len(pairs), pairs
    return dict(pairs)


def text(log, **options):
    """The output of *log* in a sink with these options."""
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, level="TRACE", **options)
    with logly.testing.freeze(WHEN):
        log()
    return stream.getvalue()


def line(log, **options):
    """The one object that *log* writes."""
    output = text(log, **options)
    assert output.count("\n") == 1
    return json.loads(output, object_pairs_hook=unique)


def failing():
    """Log an exception with a cause."""
    try:
        try:
            {}["port"]
        except KeyError as error:
            raise RuntimeError("no settings") from error
    except RuntimeError:
        logger.exception("cannot start")


def record_of(level, message, *, extra=None, exc_info=None):
    """The record of `logging` for the same call, made in a function and line of its own."""
    code = sys._getframe(1)
    record = logging.LogRecord(
        code.f_globals["__name__"], level, code.f_code.co_filename, code.f_lineno, message, (), exc_info,
        code.f_code.co_name,
    )  # fmt: skip
    record.created, record.msecs = SECONDS, 123.0
    for key, value in (extra or {}).items():
        setattr(record, key, value)
    return record


def undotted(members):
    """Nest the keys that have dots in them, as readers of ECS do."""
    nested = {}
    for key, value in members.items():
        inner = nested
        *outer, last = key.split(".") if key not in ("ecs.version", "log.level") else [key]
        for name in outer:
            inner = inner.setdefault(name, {})
        inner[last] = value
    return nested

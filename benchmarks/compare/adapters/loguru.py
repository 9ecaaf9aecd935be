"""Loguru, with `enqueue` off and on, and with rotation.

`backtrace` and `diagnose` are off, as its documentation advises for production. JSON follows its
recipe for custom serialization (`patch` and `{extra[serialized]}`) with orjson, because
`serialize=True` writes a much longer record than the other libraries do.
"""

from __future__ import annotations

import contextlib
import importlib
from functools import partial
from typing import TYPE_CHECKING, Any, Callable

from benchmarks.compare.adapters import FILE_BYTES, Session
from benchmarks.compare.content import BOUND_FIELDS, CONTEXT_FIELDS, Output
from benchmarks.compare.scenarios import Shape

if TYPE_CHECKING:
    from pathlib import Path

_WITHOUT_CALLER = "{time:YYYY-MM-DD HH:mm:ss} | {level} | {message}"
_WITH_CALLER = "{time:YYYY-MM-DD HH:mm:ss} | {level} | {module}:{function}:{line} | {message}"
_AMOUNT = '"paid {amount} EUR user={user} seq={seq}", amount=12, user="ada", seq=i'
_FIELDS = '"paid {amount} EUR", amount=12, user="ada", seq=i'

_CALLS = {
    Shape.FILTERED: f"logger.debug({_AMOUNT})",
    Shape.PLAIN: 'logger.info("payment accepted")',
    Shape.FRESH: 'logger.info(f"message seq={i}")',
    Shape.TEMPLATE: f"logger.info({_AMOUNT})",
    Shape.BOUND: f"logger.info({_AMOUNT})",
    Shape.JSON: f"logger.info({_FIELDS})",
    Shape.SINKS: f"logger.info({_FIELDS})",
    Shape.EXCEPTION: 'logger.exception("payment failed seq={}", i)',
}
_LAST = {Shape.FILTERED: f"logger.info({_AMOUNT})", Shape.SINKS: f"logger.error({_FIELDS})"}
_OPTIONS: dict[str, dict[str, Any]] = {
    "direct": {},
    "enqueue": {"enqueue": True},
    "rotating": {"rotation": FILE_BYTES, "compression": "gz"},
    "per-line": {"rotation": 1},
}
_FORMATS = {
    Shape.PLAIN: _WITHOUT_CALLER,
    Shape.FRESH: _WITHOUT_CALLER,
    Shape.BOUND: _WITH_CALLER + "".join(f" {name}={{extra[{name}]}}" for name in {**BOUND_FIELDS, **CONTEXT_FIELDS}),
    Shape.SINKS: _WITH_CALLER + " user={extra[user]} seq={extra[seq]}",
}


def open_session(shape: Shape, folder: Path, mode: str, kept: int) -> Session:
    """Set up Loguru's logger with the sinks *shape* needs."""
    logger = importlib.import_module("loguru").logger
    logger.remove()
    options = _OPTIONS[mode]
    retention = {"retention": kept} if "rotation" in options else {}
    add = partial(logger.add, backtrace=False, diagnose=False, **options, **retention)
    outputs = _add_sinks(shape, folder, add)
    caller = logger.bind(**BOUND_FIELDS) if shape is Shape.BOUND else logger
    if shape in {Shape.JSON, Shape.SINKS}:
        caller = logger.patch(partial(_patch_with_json, importlib.import_module("orjson").dumps))
    context = partial(logger.contextualize, **CONTEXT_FIELDS) if shape is Shape.BOUND else contextlib.nullcontext
    return Session(
        _CALLS[shape],
        {} if caller is logger else {"logger": caller},
        outputs,
        _LAST.get(shape, ""),
        drain=logger.complete,
        close=logger.remove,
        context=context,
        imports="from loguru import logger" if caller is logger else "",
    )


def _add_sinks(shape: Shape, folder: Path, add: Any) -> tuple[Output, ...]:  # noqa: ANN401 - a partial
    text = Output(folder / "text.log", has_archives="rotation" in add.keywords)
    as_json = Output(folder / "json.log", is_json=True)
    errors = Output(folder / "errors.log", errors_only=True)
    line = _FORMATS.get(shape, _WITH_CALLER)
    if shape is Shape.JSON:
        add(as_json.path, format="{extra[serialized]}", level="INFO")
        return (as_json,)
    add(text.path, format=line, level="INFO")
    if shape is not Shape.SINKS:
        return (text,)
    add(as_json.path, format="{extra[serialized]}", level="INFO")
    add(errors.path, format=line, level="ERROR")
    return text, as_json, errors


def _patch_with_json(dumps: Callable[[object], bytes], record: Any) -> None:  # noqa: ANN401 - a dict of anything
    extra = record["extra"]
    content = {
        "timestamp": record["time"].isoformat(),
        "level": record["level"].name,
        "message": record["message"],
        **extra,
    }
    extra["serialized"] = dumps(content).decode()

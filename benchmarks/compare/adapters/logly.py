"""logly, with background and synchronous file sinks, with and without rotation."""

from __future__ import annotations

import contextlib
import importlib
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks.compare.adapters import FILE_BYTES, Session
from benchmarks.compare.content import BOUND_FIELDS, CONTEXT_FIELDS, Output
from benchmarks.compare.scenarios import Shape

if TYPE_CHECKING:
    from pathlib import Path

_WITHOUT_CALLER = "{time:YYYY-MM-DD HH:mm:ss} | {level} | {message}"
_WITH_CALLER = "{time:YYYY-MM-DD HH:mm:ss} | {level} | {module}:{function}:{line} | {message}{fields}"
_AMOUNT = '"paid {amount} EUR", amount=12, user="ada", seq=i'

_CALLS = {
    Shape.FILTERED: f"logger.debug({_AMOUNT})",
    Shape.PLAIN: 'logger.info("payment accepted")',
    Shape.FRESH: 'logger.info(f"message seq={i}")',
    Shape.TEMPLATE: f"logger.info({_AMOUNT})",
    Shape.BOUND: f"logger.info({_AMOUNT})",
    Shape.JSON: f"logger.info({_AMOUNT})",
    Shape.SINKS: f"logger.info({_AMOUNT})",
    Shape.EXCEPTION: 'logger.exception("payment failed", seq=i)',
}
_OPTIONS: dict[str, dict[str, Any]] = {
    "async": {},
    "sync": {"async_write": False},
    "rotating": {"rotation": FILE_BYTES, "compression": "zstd"},
    "sync-rotating": {"async_write": False, "rotation": FILE_BYTES, "compression": "zstd"},
    "per-line": {"async_write": False, "rotation": 1},
}
_LAST = {Shape.FILTERED: f"logger.info({_AMOUNT})", Shape.SINKS: f"logger.error({_AMOUNT})"}


def open_session(shape: Shape, folder: Path, mode: str, kept: int) -> Session:
    """Set up logly's logger with the sinks *shape* needs."""
    logger = importlib.import_module("logly").logger
    logger.remove_all()
    logger.configure(level="INFO", console=False)
    options = _OPTIONS[mode]
    is_rotated = "rotation" in options
    add = partial(logger.add, **options, **({"retention": kept} if is_rotated else {}))
    if shape is Shape.EXCEPTION:
        add = partial(add, backtrace=False, diagnose=False)
    outputs = _add_sinks(shape, folder, add)
    is_bound = shape is Shape.BOUND
    return Session(
        _CALLS[shape],
        {"logger": logger.bind(**BOUND_FIELDS)} if is_bound else {},
        outputs,
        _LAST.get(shape, ""),
        drain=logger.flush if is_rotated else logger.complete,
        settle=logger.complete if is_rotated else None,
        close=logger.remove_all,
        dropped=lambda: sum(info["dropped"] for info in logger.all_sinks_info()),
        context=partial(logger.contextualize, **CONTEXT_FIELDS) if is_bound else contextlib.nullcontext,
        imports="" if is_bound else "from logly import logger",
    )


def _add_sinks(shape: Shape, folder: Path, add: Any) -> tuple[Output, ...]:  # noqa: ANN401 - a partial
    text = Output(folder / "text.log", has_archives="rotation" in add.keywords)
    as_json = Output(folder / "json.log", is_json=True)
    errors = Output(folder / "errors.log", errors_only=True)
    line = _WITHOUT_CALLER if shape in {Shape.PLAIN, Shape.FRESH} else _WITH_CALLER
    if shape is Shape.JSON:
        add(as_json.path, json=True, level="INFO")
        return (as_json,)
    add(text.path, format=line, level="INFO")
    if shape is not Shape.SINKS:
        return (text,)
    add(as_json.path, json=True, level="INFO")
    add(errors.path, format=line, level="ERROR")
    return text, as_json, errors

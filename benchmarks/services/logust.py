"""The set-ups of logust, whose interface is Loguru's."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from benchmarks.compare.adapters import Session
from benchmarks.services.setups import Pipe, Setup

if TYPE_CHECKING:
    from pathlib import Path

logger: Any = importlib.import_module("logust").logger
CALL = 'logger.info("paid {amount} EUR", amount=12, user="ada", seq=i)'


def plain_json(folder: Path) -> Setup:
    """JSON lines by its own serializer."""
    return _file(folder, CALL, serialize=True)


def filter_function(folder: Path) -> Setup:
    """A filter that every record passes."""
    return _file(folder, CALL, serialize=True, filter=_is_wanted)


def _is_wanted(record: Any) -> bool:  # noqa: ANN401 - a dict of anything
    return bool(record["extra"]["amount"] > 5 and record["extra"]["user"] != "eve")  # noqa: PLR2004


def patcher(folder: Path) -> Setup:
    """A patcher that adds a field."""
    return _file(folder, CALL, serialize=True, logger=logger.patch(_add_region))


def _add_region(record: Any) -> None:  # noqa: ANN401 - a dict of anything
    record["extra"]["region"] = "eu"


def function(_folder: Path) -> Setup:
    """A function that gets each line."""
    logger.remove()
    logger.add(_drop, format="{time} | {level} | {message}")
    return _setup(None, CALL)


def _drop(_line: object) -> None:
    """Do nothing with a line."""


def stdout(folder: Path) -> Setup:
    """JSON on standard output."""
    logger.remove()
    pipe = Pipe(folder / "out.log")
    logger.add(sys.stdout, serialize=True)
    return _setup(folder / "out.log", CALL, pipe)


def _file(folder: Path, call: str, **given: Any) -> Setup:  # noqa: ANN401 - names and options of any kind
    logger.remove()
    names = {"logger": given.pop("logger")} if "logger" in given else {}
    logger.add(str(folder / "out.log"), **given)
    return _setup(folder / "out.log", call, **names)


def _setup(output: Path | None, call: str, pipe: Pipe | None = None, **names: object) -> Setup:
    imports = "" if "logger" in names else "from logust import logger"
    return Setup(
        Session(call, names, (), drain=logger.complete, close=logger.remove, imports=imports), output, pipe=pipe
    )

"""The set-ups of Loguru."""

from __future__ import annotations

import importlib
import logging
import sys
from typing import TYPE_CHECKING, Any, Callable

from benchmarks.compare.adapters import Session
from benchmarks.services import requests
from benchmarks.services.setups import Pipe, Setup

if TYPE_CHECKING:
    from pathlib import Path

logger: Any = importlib.import_module("loguru").logger
CALL = 'logger.info("paid {amount} EUR", amount=12, user="ada", seq=i)'
TEXT = "{time} | {level} | {message}"
WITH_SEQ = TEXT + " seq={extra[seq]}"


class InterceptHandler(logging.Handler):
    """Passes records of `logging` on, as Loguru's documentation advises."""

    def emit(self, record: logging.LogRecord) -> None:
        """Find the caller's frame, and log there."""
        level: str | int = logger.level(record.levelname).name
        frame, depth = logging.currentframe(), 2
        while frame and frame.f_code.co_filename == logging.__file__:
            frame = frame.f_back  # type: ignore[assignment]
            depth += 1
        logger.opt(depth=depth, exception=record.exc_info).log(level, record.getMessage())


def intercepted(folder: Path) -> Setup:
    """A call of `logging`, by the handler of Loguru's documentation."""
    log = logging.getLogger("shop")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(InterceptHandler())
    return _file(folder, 'log.info("paid %s EUR seq=%s", 12, i)', TEXT, log=log)


def redacted(folder: Path) -> Setup:
    """A patcher that masks the message and the fields."""
    logger.configure(patcher=_redact)
    return _file(folder, CALL, WITH_SEQ)


def _redact(record: Any) -> None:  # noqa: ANN401 - a dict of anything
    record["message"] = requests.redact_text(record["message"])
    record["extra"] = requests.redact_fields(record["extra"])


def filter_function(folder: Path) -> Setup:
    """A filter that every record passes."""
    return _file(folder, CALL, WITH_SEQ, filter=_is_wanted)


def _is_wanted(record: Any) -> bool:  # noqa: ANN401 - a dict of anything
    return bool(record["extra"]["amount"] > 5 and record["extra"]["user"] != "eve")  # noqa: PLR2004


def patcher(folder: Path) -> Setup:
    """A patcher that adds a field."""
    logger.configure(patcher=_add_region)
    return _file(folder, CALL, WITH_SEQ)


def _add_region(record: Any) -> None:  # noqa: ANN401 - a dict of anything
    record["extra"]["region"] = "eu"


def function(_folder: Path) -> Setup:
    """A function that gets each line."""
    logger.remove()
    logger.add(_drop, format=TEXT)
    return _setup(None, CALL)


def _drop(_line: object) -> None:
    """Do nothing with a line."""


def braces(folder: Path) -> Setup:
    """A placeholder without a name."""
    return _file(folder, 'logger.info("seq {}", i)', TEXT)


def decimals(folder: Path) -> Setup:
    """A number with two decimals."""
    return _file(folder, 'logger.info("paid {amount:.2f}", amount=i / 7, seq=i)', WITH_SEQ)


def new_places(folder: Path) -> Setup:
    """Code that is compiled anew for each call."""
    call = "exec(code.replace(co_firstlineno=i % 60_000 + 1))"
    return _file(folder, call, TEXT, code=requests.CODE, logger=logger)


def stdout(folder: Path) -> Setup:
    """JSON on standard output, by a function that makes it with orjson."""
    logger.remove()
    pipe = Pipe(folder / "out.log")
    logger.add(_writer(_json_record))
    return _setup(folder / "out.log", CALL, pipe)


def service(folder: Path) -> Setup:
    """A request of a service: a patcher masks secrets, a function makes and writes the line."""
    logger.remove()
    pipe = Pipe(folder / "out.log")
    logger.configure(patcher=_redact)
    logger.add(_writer(_ecs_record))
    logging.getLogger().addHandler(InterceptHandler())
    session = Session("", {"logger": logger}, (), drain=logger.complete, close=logger.remove)
    return requests.setup(folder, pipe, requests.LOGLY, session)


def _writer(content: Callable[[Any], dict[str, Any]]) -> Callable[[Any], None]:
    dumps, write = importlib.import_module("orjson").dumps, sys.stdout.buffer.write
    flush = sys.stdout.buffer.flush

    def sink(message: Any) -> None:  # noqa: ANN401 - a str with a record
        write(dumps(content(message.record)) + b"\n")
        flush()

    return sink


def _json_record(record: Any) -> dict[str, Any]:  # noqa: ANN401 - a dict of anything
    time = record["time"].isoformat()
    return {"timestamp": time, "level": record["level"].name, "message": record["message"], **record["extra"]}


def _ecs_record(record: Any) -> dict[str, Any]:  # noqa: ANN401 - a dict of anything
    return {
        "@timestamp": record["time"].isoformat(),
        "log.level": record["level"].name.lower(),
        "message": record["message"],
        "ecs.version": "1.6.0",
        "log.logger": record["name"],
        "log.origin": {
            "function": record["function"],
            "file.line": record["line"],
            "file.name": record["file"].name,
        },
        "process.pid": record["process"].id,
        **requests.span_ids(),
        **record["extra"],
    }


def _file(folder: Path, call: str, form: str, **given: Any) -> Setup:  # noqa: ANN401 - names and options of any kind
    logger.remove()
    options = {"filter": given.pop("filter")} if "filter" in given else {}
    logger.add(folder / "out.log", format=form, backtrace=False, diagnose=False, **options)
    return _setup(folder / "out.log", call, **given)


def _setup(output: Path | None, call: str, pipe: Pipe | None = None, **names: object) -> Setup:
    imports = "" if "logger" in names else "from loguru import logger"
    session = Session(call, names, (), drain=logger.complete, close=logger.remove, imports=imports)
    return Setup(session, output, pipe=pipe)

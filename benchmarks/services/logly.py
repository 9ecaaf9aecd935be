"""The set-ups of logly."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from logly import intercept_logging, logger

from benchmarks.compare.adapters import Session
from benchmarks.services import requests
from benchmarks.services.setups import Pipe, Setup
from benchmarks.services.standard import LookingHandler

if TYPE_CHECKING:
    from pathlib import Path

IMPORT = "from logly import logger"
CALL = 'logger.info("paid {amount} EUR", amount=12, user="ada", seq=i)'


def plain_json(folder: Path) -> Setup:
    """JSON lines, to which the other rows add."""
    return _setup(_file(folder, json=True))


def intercepted(folder: Path) -> Setup:
    """A call of `logging`, taken over at its entry."""
    intercept_logging()
    return _logging_call(_file(folder))


def intercepted_slowly(folder: Path) -> Setup:
    """A call of `logging` that goes through its handlers."""
    intercept_logging(fast=False)
    return _logging_call(_file(folder))


def intercepted_beside(folder: Path) -> Setup:
    """A call of `logging` that a handler of the program gets as well, so that it takes Python's way."""
    intercept_logging()
    logging.getLogger("shop").addHandler(LookingHandler())
    return _logging_call(_file(folder))


def span(folder: Path) -> Setup:
    """The ids of OpenTelemetry's active span."""
    from logly.integrations import opentelemetry  # noqa: PLC0415 - other set-ups do without the package

    opentelemetry.install()
    requests.enter_span(7)
    return _setup(_file(folder, json=True))


def variables(folder: Path) -> Setup:
    """Three context variables as fields."""
    found = {name: ContextVar[str](name) for name in ("request", "tenant", "region")}
    logger.configure(context=found)
    for name, variable in found.items():
        variable.set(f"{name}-1")
    return _setup(_file(folder, json=True))


def redacted(folder: Path) -> Setup:
    """The default names and patterns of secrets."""
    logger.configure(redact=True)
    return _setup(_file(folder, json=True))


def where(folder: Path) -> Setup:
    """A condition that every record meets."""
    return _setup(_file(folder, json=True, where="amount > 5 and user != 'eve'"))


def filter_function(folder: Path) -> Setup:
    """The same as a function."""
    return _setup(_file(folder, json=True, filter=_is_wanted))


def _is_wanted(record: Any) -> bool:  # noqa: ANN401 - a dict of anything
    return bool(record["extra"]["amount"] > 5 and record["extra"]["user"] != "eve")  # noqa: PLR2004


def ecs(folder: Path) -> Setup:
    """Elastic's common schema."""
    return _setup(_file(folder, json="ecs"))


def gcp(folder: Path) -> Setup:
    """The schema of Google Cloud."""
    return _setup(_file(folder, json="gcp"))


def renamed(folder: Path) -> Setup:
    """Other names for the keys."""
    return _setup(_file(folder, json=True, keys={"message": "msg", "timestamp": "ts"}))


def stdout(folder: Path) -> Setup:
    """JSON on standard output, written directly."""
    logger.configure(console=False)
    pipe = Pipe(folder / "out.log")
    logger.add("stdout", json=True, direct=True)
    return _setup(folder / "out.log", pipe=pipe)


def patcher(folder: Path) -> Setup:
    """A patcher that adds a field."""
    logger.configure(patcher=_add_region)
    return _setup(_file(folder, json=True))


def _add_region(record: Any) -> None:  # noqa: ANN401 - a dict of anything
    record["extra"]["region"] = "eu"


def function(_folder: Path) -> Setup:
    """A function that gets each line."""
    logger.configure(console=False)
    logger.add(_drop, format="{time} | {level} | {message}")
    return _setup(None)


def _drop(_line: object) -> None:
    """Do nothing with a line."""


def braces(folder: Path) -> Setup:
    """A placeholder without a name."""
    return _setup(_file(folder), 'logger.info("seq {}", i)')


def percent(folder: Path) -> Setup:
    """The style of `logging`."""
    return _setup(_file(folder), 'logger.info("seq %s", i)')


def decimals(folder: Path) -> Setup:
    """A number with two decimals."""
    return _setup(_file(folder), 'logger.info("paid {amount:.2f} seq={seq}", amount=i / 7, seq=i)')


def dict_field(folder: Path) -> Setup:
    """A field that is a dict."""
    call = 'logger.info("paid", cart={"id": 7, "items": 3, "total": 12.5}, seq=i)'
    return _setup(_file(folder, json=True), call)


def callback(folder: Path) -> Setup:
    """A callback in the background."""
    logger.add_callback(_drop)
    return _setup(_file(folder, json=True))


def new_places(folder: Path) -> Setup:
    """Code that is compiled anew for each call."""
    path = _file(folder)
    return _setup(path, "exec(code.replace(co_firstlineno=i % 60_000 + 1))", code=requests.CODE, logger=logger)


def service(folder: Path) -> Setup:
    """A request of a service."""
    from logly.integrations import opentelemetry  # noqa: PLC0415 - other set-ups do without the package

    logger.configure(console=False, redact=True)
    pipe = Pipe(folder / "out.log")
    logger.add("stdout", json="ecs", direct=True)
    intercept_logging()
    opentelemetry.install()
    session = Session("", {"logger": logger}, (), drain=logger.complete, close=logger.remove_all)
    return requests.setup(folder, pipe, requests.LOGLY, session)


def _file(folder: Path, **options: Any) -> Path:  # noqa: ANN401 - the options of `add`
    logger.configure(console=False)
    logger.add(folder / "out.log", **options)
    return folder / "out.log"


def _setup(output: Path | None, call: str = CALL, pipe: Pipe | None = None, **names: object) -> Setup:
    session = Session(
        call,
        names,
        (),
        drain=logger.complete,
        close=logger.remove_all,
        dropped=lambda: sum(info["dropped"] for info in logger.all_sinks_info()),
        imports=IMPORT if "logger" not in names else "",
    )
    return Setup(session, output, pipe=pipe)


def _logging_call(output: Path) -> Setup:
    log = logging.getLogger("shop")
    log.setLevel(logging.INFO)
    return _setup(output, 'log.info("paid %s EUR seq=%s", 12, i)', log=log)

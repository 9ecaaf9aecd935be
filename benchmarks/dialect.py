"""Compares `logly.loguru` with Loguru: the same program, with the same options, on both.

Run it as `python -m benchmarks.dialect [--repetitions N] [--rows a,b] [--calls N]`. Each measurement is a process of
its own. In each repetition a row runs once on either library. A ratio is taken within a repetition, and its median is
shown.
"""

from __future__ import annotations

import argparse
import importlib
import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARIES = ("loguru", "logly.loguru")

_FORMAT = "{time:YYYY-MM-DD HH:mm:ss.SSS} | {level: <8} | {name}:{function}:{line} - {message}"
_WARMING = 500


@dataclass(frozen=True)
class Row:
    """One row: the call, the sink, and how many times faster than Loguru the call has to be."""

    name: str
    call: str
    goal: int
    sink: str = "PATH"
    options: str = ""
    before: str = "pass"
    calls: int = 20_000


ROWS = (
    Row("plain", 'logger.info("payment accepted")', 30),
    Row("template", 'logger.info("paid {amount} by {user}", amount=12, user="ada")', 30),
    Row("positional", 'logger.info("paid {} by {}", 12, "ada")', 30),
    Row(
        "contextualize", 'logger.info("payment accepted")', 30, options='format=FORMAT + " {extra}"', before="context()"
    ),
    Row("exception", "raising(logger)", 30, options="backtrace=False, diagnose=False", calls=4_000),
    Row("diagnosed", "paying(logger)", 30, calls=2_000),
    Row("rotation", 'logger.info("paid {} by {}", 12, "ada")', 30, options="rotation=200_000, retention=5"),
    Row("enqueue", 'logger.info("paid {} by {}", 12, "ada")', 30, options="enqueue=True"),
    Row("function", 'logger.info("paid {} by {}", 12, "ada")', 4, sink="lambda message: None"),
    Row("filter", 'logger.info("paid {} by {}", 12, "ada")', 4, options='filter=lambda record: record["line"] > 0'),
    Row("patch", 'logger.info("paid {} by {}", 12, "ada")', 4, before="patched()"),
    Row("format", 'logger.info("paid {} by {}", 12, "ada")', 4, options='format=lambda record: FORMAT + "\\n"'),
)

_PROGRAM = """
def measure(logger, count, clock):
    for i in range(count):
        pass
    begin = clock()
    for i in range(count):
        pass
    empty = clock() - begin
    begin = clock()
    for i in range(count):
        CALL
    return clock() - begin - empty, begin
"""


def raising(logger: Any) -> None:  # noqa: ANN401 - of either library
    """Log an exception that was raised some frames down."""
    try:
        _deep(6)
    except ZeroDivisionError:
        logger.exception("payment failed")


class _Account:
    """An object with attributes and a text of its own."""

    def __init__(self) -> None:
        self.user = "ada"
        self.balance = 12.5

    def __repr__(self) -> str:
        return "<account of ada>"


def paying(logger: Any) -> None:  # noqa: ANN401 - of either library
    """Log an exception of frames that have values of several kinds."""
    try:
        _pay(_Account(), 10, [1, 2, 3], {"currency": "EUR", "retries": 3})
    except KeyError:
        logger.exception("payment failed")


def _pay(account: _Account, amount: int, items: list[int], options: dict[str, Any]) -> float:
    total = sum(items)
    return _checked(account, amount / total, options)


def _checked(account: _Account, rate: float, options: dict[str, Any]) -> float:
    return min(account.balance, rate, float(options["limit"]))


def _deep(depth: int) -> float:
    return _deep(depth - 1) if depth else 1 / depth


def measure(row: Row, library: str, count: int, folder: Path) -> dict[str, float]:
    """Run a row in this process; return nanoseconds a call, for the caller and until all is written."""
    logger = importlib.import_module(library).logger
    logger.remove()
    path = folder / "app.log"
    given = {"logger": logger, "FORMAT": _FORMAT, "PATH": path, "raising": raising, "paying": paying}
    given["context"] = lambda: logger.contextualize(user="ada", request=7).__enter__()
    given["patched"] = lambda: logger.configure(patcher=lambda record: record["extra"].update(user="ada"))
    layout = "" if "format=" in row.options else "format=FORMAT, "
    eval(f"logger.add({row.sink}, {layout}{row.options})", given)  # noqa: S307 - code of this file
    eval(row.before if row.before != "pass" else "None", given)  # noqa: S307
    exec(compile(_PROGRAM.replace("CALL", row.call), "<row>", "exec"), given)  # noqa: S102
    loop: Callable[..., tuple[int, int]] = given["measure"]
    loop(logger, _WARMING, perf_counter_ns)
    logger.complete()
    taken, begin = loop(logger, count, perf_counter_ns)
    logger.complete()
    logger.remove()
    drained = perf_counter_ns() - begin
    _check(row, folder, count + _WARMING)
    return {"caller": taken / count, "drained": drained / count}


def _check(row: Row, folder: Path, count: int) -> None:
    """Raise if lines are missing; rotation with retention keeps only some of them."""
    if row.sink != "PATH" or row.name == "rotation":
        return
    lines = (folder / "app.log").read_text("utf-8").count("| ERROR" if row.call.endswith("ing(logger)") else "| INFO")
    if lines != count:
        message = f"{row.name}: {lines} lines of {count}"
        raise RuntimeError(message)


def _in_child(row: Row, library: str, count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        arguments = [sys.executable, "-m", "benchmarks.dialect", "--one", row.name, library, str(count), folder]
        done = subprocess.run(arguments, capture_output=True, encoding="utf-8", check=False)  # noqa: S603
        if done.returncode:
            raise RuntimeError(done.stderr)
        return dict(json.loads(done.stdout.splitlines()[-1]))


def compare(rows: tuple[Row, ...], repetitions: int, calls: int) -> Iterator[str]:
    """Yield a table of the rows."""
    yield "| row | Loguru, ns a call | logly.loguru | times faster | until written | goal |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for row in rows:
        pairs = [[_in_child(row, library, calls or row.calls) for library in LIBRARIES] for _ in range(repetitions)]
        theirs, ours = (statistics.median(pair[index]["caller"] for pair in pairs) for index in (0, 1))
        times, drained = (
            statistics.median(pair[0][figure] / pair[1][figure] for pair in pairs) for figure in ("caller", "drained")
        )
        yield f"| {row.name} | {theirs:,.0f} | {ours:,.0f} | {times:.1f} | {drained:.1f} | {row.goal} |"


def main() -> None:
    """Measure one row for a parent, or all of them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--calls", type=int, default=0)
    parser.add_argument("--rows", default=",".join(row.name for row in ROWS))
    parser.add_argument("--one", nargs=4, metavar=("ROW", "LIBRARY", "CALLS", "FOLDER"))
    given = parser.parse_args()
    if given.one:
        name, library, count, folder = given.one
        (row,) = (row for row in ROWS if row.name == name)
        print(json.dumps(measure(row, library, int(count), Path(folder))))  # noqa: T201
        return
    chosen = tuple(row for row in ROWS if row.name in given.rows.split(","))
    for line in compare(chosen, given.repetitions, given.calls):
        print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()

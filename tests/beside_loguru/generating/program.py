"""Random programs over the documented API of Loguru, as text."""

from __future__ import annotations

from tests.beside_loguru.generating import calls, settings, sinks
from tests.beside_loguru.generating.drawing import Draw
from tests.beside_loguru.generating.exceptions import COLOURED, SHOWN

# Names that the steps use. Times are set by a patcher, so that formats of time can be compared.
_BEFORE = """
import asyncio, io, logging, os, pickle, re, sys, threading
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path

from loguru import logger

Color = Enum("Color", "RED BLUE")


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __repr__(self):
        return f"Point({self.x}, {self.y!r})"


class Shown:
    def __str__(self):
        return "shown"

    def __repr__(self):
        return "<Shown>"

    def __format__(self, spec):
        return f"format:{spec}"


class Broken:
    def __str__(self):
        raise Wrong("has no text")


class Wrong(Exception):
    pass


class Writer:
    def __init__(self, has_flush):
        if has_flush:
            self.flush = lambda: print("flushed")

    def write(self, text):
        print("wrote", repr(str(text)), text.record["message"] == "" if hasattr(text, "record") else None)

    def stop(self):
        print("stopped")


class Handler(logging.Handler):
    def emit(self, record):
        error = record.exc_info and record.exc_info[0]
        print("handled", record.name, record.levelno, record.levelname, record.getMessage(), record.funcName, error)


collected = []


def show_record(message):
    record = message.record
    file, level = record["file"], record["level"]
    print("record", sorted(record), file.name, level.name, level.no, level.icon, record["module"], record["name"])
    print("values", record["message"], record["extra"], record["function"], record["line"], record["time"])
    print(f"{file} {level} {level!r} {record['time']:YYYY/MM} {record['thread'].name} {record['process'].name}")
    print(type(record["elapsed"]).__name__, pickle.loads(pickle.dumps(record["level"])), str(message) == message)
    exception = record["exception"]
    if exception is not None:
        print("exception", exception.type, exception.value, exception.traceback is not None)


def only_even(record):
    only_even.count += 1
    return only_even.count % 2 == 0


only_even.count = 0


def when_big(message, file):
    return file.tell() + len(message) > 150


def all_stay(paths):
    assert all(os.path.exists(path) for path in paths)


def renamed(path):
    os.rename(path, path + ".done")


def fixed(record):
    new = dict(year=2024, month=2, day=29, hour=13, minute=5, second=9, microsecond=123456)
    record["time"] = record["time"].replace(**new)
    record["elapsed"] = timedelta(hours=1, minutes=2, seconds=3, microseconds=456789)


def attempt(call, has_text=True):
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, error if has_text else "")


def in_module(name, code):
    exec(code, {**globals(), "__name__": name})


def in_thread(function):
    thread = threading.Thread(target=function, name="worker")
    thread.start()
    thread.join()


def run_now(coroutine):
    return asyncio.run(coroutine)


def deep(depth):
    local = "x" * depth
    if depth:
        return deep(depth - 1)
    return local + depth


def chained():
    try:
        {}["missing"]
    except KeyError as error:
        raise Wrong("from a key") from error


def during():
    try:
        1 / 0
    except ZeroDivisionError:
        raise Wrong("while handling")


def hidden():
    try:
        1 / 0
    except ZeroDivisionError:
        raise Wrong("alone") from None


def noted():
    error = Wrong("with a note")
    if hasattr(error, "add_note"):
        error.add_note("the note")
    raise error


def grouped():
    if sys.version_info < (3, 11):
        raise Wrong("no groups")
    raise ExceptionGroup("several", [ValueError("a"), Wrong("b")])


async def completed():
    print(await logger.complete())


async def with_coroutine_sink():
    async def sink(message):
        await asyncio.sleep(0)
        print("coroutine", message, end="")

    number = logger.add(sink, format="{message}")
    logger.info("awaited")
    await logger.complete()
    logger.remove(number)


def parsed():
    with open("parsed.log", "w") as file:
        file.write("12 INFO one\\n13 ERROR two\\n")
    pattern = r"(?P<n>\\d+) (?P<level>\\w+) (?P<text>.*)"
    print(list(logger.parse("parsed.log", pattern, cast={"n": int})))
    pairs = r"(?P<k>\\w)=(?P<v>\\d)"
    print(list(logger.parse(io.StringIO("a=1 b=2"), pairs, cast=lambda found: found.update(v=0), chunk=3)))


logger.level("LOUD", no=37, color="<red>", icon="!")
logger.configure(extra={"user": "nobody", "width": 10}, patcher=fixed)
"""

_AFTER = """
logger.remove()
print(*[str(message) for message in collected], sep="", end="")
"""


def steps(seed):
    """Return the steps of the program with this number."""
    draw = Draw(seed)
    begun = [draw.step("logger.remove()")] if draw.chance(0.9) else []
    found = [sinks.sink(draw) for _ in range(draw.number(1, 3))]
    for _ in range(draw.number(3, 9)):
        kind = settings.step if draw.chance(0.25) else calls.step
        found.append(kind(draw))
        if draw.chance(0.08):
            found.append(sinks.sink(draw))
    found = begun + found
    for option, kept in (("diagnose=True", SHOWN), ("colorize=True", COLOURED)):
        if not any(option in step.text for step in found):
            found = [step._replace(kept=step.kept - {kept}) for step in found]
    return found


def source(found):
    """Return the program of these steps."""
    return "\n\n".join([_BEFORE.lstrip(), *(step.text for step in found), _AFTER.lstrip()])

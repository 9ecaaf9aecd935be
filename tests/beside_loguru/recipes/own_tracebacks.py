"""Exceptions in a form of the program's own, and a stack without an exception."""

import sys
import traceback

from loguru import logger


def one_line(record):
    exception = record["exception"]
    if exception is None:
        return "{message}\n"
    kind, value, trace = exception
    last = traceback.extract_tb(trace)[-1]
    record["extra"]["short"] = f"{kind.__name__}({value}) in {last.name}, line {last.lineno}"
    return "{message}: {extra[short]}\n"


def by_module(record):
    if record["exception"] is not None:
        lines = traceback.format_exception(*record["exception"])
        record["extra"]["trace"] = "".join(lines[-1:])
        return "{message} <- {extra[trace]}"
    return "{message}\n"


def with_stack(record):
    frames = traceback.extract_stack()[:-1]
    names = [frame.name for frame in frames if frame.filename.endswith("program.py")]
    record["extra"]["stack"] = " > ".join(names)
    return "{extra[stack]} {message}\n"


def fail():
    return int("x")


def log_all():
    logger.info("fine")
    try:
        fail()
    except ValueError:
        logger.exception("failed")
    logger.opt(exception=KeyError("made")).warning("made") if logger else None


logger.remove()
number = logger.add(sys.stdout, format=one_line)
logger.info("fine")
try:
    fail()
except ValueError:
    logger.exception("failed")
logger.remove(number)
number = logger.add(sys.stdout, format=by_module)
log_all()
logger.remove(number)
logger.add(sys.stdout, format=with_stack)
logger.info("with its stack")

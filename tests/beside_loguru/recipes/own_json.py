"""JSON of the program's own shape: by a sink, by a patcher, and by a format function."""

import json
import sys

from loguru import logger


def shape(record):
    subset = {"level": record["level"].name, "message": record["message"], "function": record["function"]}
    if record["exception"]:
        subset["error"] = repr(record["exception"].value)
    if set(record["extra"]) - {"json"}:
        subset["extra"] = {name: value for name, value in record["extra"].items() if name != "json"}
    return json.dumps(subset, sort_keys=True, default=str)


def patcher(record):
    record["extra"]["json"] = shape(record)


def layout(record):
    record["extra"]["json"] = shape(record)
    return "{extra[json]}\n"


def log_all(log):
    log.info("plain {}", {"a": 1})
    log.bind(user="ada").warning("with {n} fields", n=1)
    try:
        raise OSError(2, "no such thing")
    except OSError:
        log.exception("failed")


logger.remove()
number = logger.add(lambda message: print("sink", shape(message.record)))
log_all(logger)
logger.remove(number)

number = logger.add(sys.stdout, format="patched {extra[json]}", backtrace=False, diagnose=False)
log_all(logger.patch(patcher))
logger.remove(number)

logger.add(sys.stdout, format=layout)
log_all(logger)

"""Loggers with handlers of their own: copies that are made before any handler is there, or filters by a field."""

import copy
import sys

from loguru import logger

logger.remove()
first = copy.deepcopy(logger)
second = copy.deepcopy(logger)
first.add(sys.stdout, format="first {message} {extra}", level="INFO")
second.add(sys.stdout, format="second {message} {extra}", level="ERROR")
logger.add(sys.stdout, format="original {message}")

first.info("one")
second.info("not shown")
second.bind(a=1).error("two")
logger.info("three")
first.configure(extra={"kind": "configured"})
first.warning("has a field")
second.error("has none")
first.disable("__main__")
first.error("disabled")
logger.info("not disabled")
first.remove()
second.critical("still there")
logger.remove()


def task(name):
    return logger.bind(task=name)


for name in ("a", "b"):
    logger.add(f"{name}.log", filter=lambda record, name=name: record["extra"]["task"] == name, format="{message}")
task("a").info("for a")
task("b").info("for b")

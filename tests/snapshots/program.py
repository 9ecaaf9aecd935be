"""The program whose output the snapshots keep: every level, kind of value and source of fields, at a stopped clock.

Its arguments are the keyword arguments of `add`, as JSON, and those of `configure`.
"""

import json
import sys
from datetime import datetime, timezone
from decimal import Decimal

import logly.testing
from logly import logger

LEVELS = ("trace", "debug", "info", "notice", "success", "warning", "error", "fail", "critical")


def log_levels():
    for name in LEVELS:
        getattr(logger, name)("a message of level {name}", name=name, count=3)


def log_values():
    logger.info("no fields")
    logger.info("quoted", space="a b", empty="", equals="a=b", quote='say "hi"', plain="C:\\temp")
    logger.info("numbers", int=1, float=1.5, big=10**20, none=None, true=True, small=1e-7, nan=float("nan"))
    logger.info("containers", list=[1, "two"], dict={"a": {"b": None}}, set={1}, tuple=(1,))
    logger.info("others", when=datetime(2025, 1, 15, tzinfo=timezone.utc), price=Decimal("1.10"), raw=b"\xff")
    logger.info("escapes \x1b[31m \n \u202e \0", x="\r\t\x85")
    logger.info("unfilled {missing} {0}", extra_field=1)


def log_sources():
    with logger.contextualize(request="r-1"):
        logger.bind(user="ada").info("{user} paid {amount:>6.2f}", amount=12, request="r-2")
    logger.log(37, "a number without a name")
    logger.info("<red>markup</red> in data")


def main():
    logger.remove_all()
    logger.configure(**json.loads(sys.argv[2]))
    logger.add(sys.stdout, **{"level": 0, **json.loads(sys.argv[1])})
    with logly.testing.freeze("2025-01-15T10:30:45.123456Z") as clock:
        for log in (log_levels, log_values, log_sources):
            log()
            clock.tick(1.5)


main()

"""Handlers of `logging` as sinks: where a traceback stands in their lines, and what their records have."""

import logging
import sys

from loguru import logger


class Shown(logging.Handler):
    def emit(self, record):
        print(repr(record.getMessage()), repr(record.exc_text), record.exc_info and record.exc_info[0].__name__)


class Own(logging.Formatter):
    def formatException(self, error):  # noqa: N802
        return f"own form of {error[0].__name__}"


def fail():
    try:
        [].pop()
    except IndexError:
        logger.exception("failed {}", "{exception}")


stream = logging.StreamHandler(sys.stdout)
stream.setFormatter(logging.Formatter("[%(levelname)s] %(message)s."))
own = logging.StreamHandler(sys.stdout)
own.setFormatter(Own("[%(levelname)s] %(message)s."))

FORMATS = (
    "{message}",
    "{message} | {exception}",
    "{{exception}} {message}{exception}!",
    lambda record: "{message}: {exception}",
    lambda record: "{message}\n",
    lambda record: "{message} {{exception}}\n{exception}",
)
for layout in FORMATS:
    for handler in (Shown(), stream, own):
        logger.remove()
        logger.add(handler, format=layout, backtrace=False, diagnose=False)
        logger.info("fine")
        fail()
logger.remove()

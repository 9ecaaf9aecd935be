"""Records of `logging` that go to the logger, and records of the logger that go to `logging`."""

import inspect
import logging
import sys

from loguru import logger


class ToLogger(logging.Handler):
    def emit(self, record):
        try:
            level = logger.level(record.levelname).name
        except ValueError:
            level = record.levelno
        frame, depth = inspect.currentframe(), 0
        while frame and (depth == 0 or frame.f_code.co_filename == logging.__file__):
            frame = frame.f_back
            depth += 1
        logger.opt(depth=depth, exception=record.exc_info).log(level, record.getMessage())


class ToLogging(logging.Handler):
    def emit(self, record):
        logging.getLogger(record.name).handle(record)


def by_logging():
    log = logging.getLogger("library")
    log.debug("debug %s", 1)
    log.warning("a warning {with} braces")
    log.log(27, "its own level")
    try:
        {}["x"]
    except KeyError:
        log.exception("failed")


layout = "{level} {level.no} {name} {function} {line} {message}"
logger.remove()
number = logger.add(sys.stdout, format=layout, level=0, backtrace=False, diagnose=False)
logging.basicConfig(handlers=[ToLogger()], level=0, force=True)
by_logging()
logger.remove(number)

handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(logging.Formatter("%(levelname)s %(levelno)d %(name)s %(funcName)s %(message)s %(extra)s"))
logging.basicConfig(handlers=[handler], level="INFO", force=True)
logger.add(ToLogging(), format="{message}", filter=lambda record: record["exception"] is None)
logger.debug("too low")
logger.bind(user="ada").info("hello {}", "x")
logger.level("AUDIT", no=45)
logger.log("AUDIT", "by its number")
logger.log(33, "without a name")

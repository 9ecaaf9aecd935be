"""Several messages on one line: by an end of the program's own, and by raw messages."""

import sys

from loguru import logger


def layout(record):
    end = record["extra"].get("end", "\n")
    return "[{level}] {message}" + end + "{exception}"


logger.remove()
number = logger.add(sys.stdout, format=layout)
logger.info("an ordinary line")
for step in ("one", "two", "three"):
    logger.bind(end="; ").debug("step {}", step)
logger.info("done")
logger.opt(raw=True).info("progress: ")
for percent in (0, 50, 100):
    logger.opt(raw=True).info("{}% ", percent)
logger.opt(raw=True).info("\n")
logger.remove(number)

logger.add(sys.stdout, format=lambda record: "{message}")
logger.info("no")
logger.info(" line breaks")
logger.opt(raw=True).warning("\n")

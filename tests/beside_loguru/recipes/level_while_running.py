"""Change the level of a handler that is already there, by a filter with a level of its own."""

import sys

from loguru import logger


class Threshold:
    def __init__(self, level):
        self.level = level

    def __call__(self, record):
        return record["level"].no >= logger.level(self.level).no


threshold = Threshold("WARNING")
logger.remove()
logger.add(sys.stdout, filter=threshold, level=0, format="{level} {message}")

logger.info("not shown")
logger.warning("shown")
threshold.level = "DEBUG"
logger.debug("shown now")
logger.trace("still not shown")

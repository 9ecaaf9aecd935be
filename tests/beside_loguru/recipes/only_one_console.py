"""The default handler goes before another one is added, so that nothing is printed twice."""

import sys

from loguru import logger

logger.info("by the default handler, on standard error")
number = logger.add(sys.stderr, format="{message}")
logger.info("twice")
logger.remove(0)
logger.info("once, by handler {}", number)
try:
    logger.remove(0)
except ValueError as error:
    print(error)
logger.remove()
logger.info("not at all")

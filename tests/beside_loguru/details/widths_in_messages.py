"""Messages whose placeholders have a width or a precision from another argument."""

import sys

from loguru import logger

logger.remove()
logger.add(sys.stdout, format="{message}|{extra}")
logger.info("[{:>{}}]", "a", 5)
logger.info("[{:{}.{}f}]", 3.14159, 8, 2)
logger.info("[{:{}}{:<{}}] {}", 1, 4, 2, 6, "last")
logger.info("[{0:>{1}}{0:<{1}}]", "b", 3)
logger.info("[{:>{width}}{:{fill}^{width}}]", "c", "d", width=4, fill="*")
logger.info("[{name:>{}}]", 7, name="e")
for width in (1, 3, 9):
    logger.info("[{:{}}]", "f", width)
logger.remove()

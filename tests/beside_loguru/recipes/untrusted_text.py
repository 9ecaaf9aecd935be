"""Text from outside is an argument of a message, and no part of its template or markup."""

import sys

from loguru import logger

OUTSIDE = "{0.__class__} <red>text</red> {record}"

logger.remove()
logger.add(sys.stdout, format="{message}", colorize=True)
logger.info("User said: {}", OUTSIDE)
logger.info(OUTSIDE)
logger.opt(colors=True).info("<blue>{}</blue>", OUTSIDE)
logger.bind(text=OUTSIDE).info("bound: {text}", text=OUTSIDE)
logger.add(sys.stdout, format="{extra[text]} {message}", filter=lambda record: "text" in record["extra"])
logger.bind(text=OUTSIDE).info("in the format")

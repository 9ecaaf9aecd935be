"""A method of its own for a level that the program defines."""

import sys
from functools import partialmethod

from loguru import logger

logger.remove()
logger.add(sys.stdout, format="{level} {level.no} {function} {line} {message} {extra}", level=0)
logger.level("audit", no=33, icon="A", color="<blue>")
logger.__class__.audit = partialmethod(logger.__class__.log, "audit")


def check(user):
    logger.audit("checked {}", user)
    logger.bind(user=user).audit("checked {user}")


check("ada")

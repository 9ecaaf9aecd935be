"""An option that holds for every call of a module."""

import sys
from functools import partial

from loguru import logger

logger.remove()
logger.add(sys.stdout, format="{message} {function}", colorize=True)
logger = logger.opt(colors=True)
logger.opt = partial(logger.opt, colors=True)

logger.info("It is in <green>green</> and {}", "<red>not red</red>")
logger.opt(lazy=True).info("<bold>{}</bold>", lambda: "lazy")
logger.opt(record=True).error("<yellow>{record[level].no}</yellow>")
logger.bind(user=1).info("<red>{user}</red>", user=2)

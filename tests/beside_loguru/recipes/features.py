"""One small use of each feature that the overview of Loguru shows."""

import sys
from functools import partial

from loguru import logger

logger.remove()
show = partial(logger.add, sys.stdout, backtrace=False, diagnose=False)

number = show(format="{time} {level} {message}", filter="my_module", level="INFO")
logger.info("filtered by a module that is not this one")
logger.remove(number)

number = show(colorize=True, format="<green>{time:YYYY}</green> <level>{message}</level>")
logger.patch(lambda record: record.update(time=record["time"].replace(year=2024))).debug("That's it")
logger.remove(number)

number = show(format="{message}")
logger.info("If you're using Python {}, prefer {feature} of course!", 3.6, feature="f-strings")
logger.opt(lazy=True).debug("If sink level <= DEBUG: {x}", x=lambda: 2**64)
logger.opt(record=True).info("Display values from the record (eg. {record[line]})")
logger.opt(raw=True).info("Bypass sink formatting\n")
logger.opt(capture=False).info("Won't be in extra: {value}", value=3)
logger.opt(colors=True).info("We got a <blue>BIG</blue> problem")
logger.remove(number)

number = show(format="{extra[ip]} {extra[user]} {message}")
context = logger.bind(ip="192.168.0.1", user="someone")
context.info("Contextualize your logger easily")
context.bind(user="someone_else").info("Inline binding of extra attribute")
context.info("Use kwargs to add context during formatting: {user}", user="anybody")
logger.remove(number)

number = show(format="{extra} {message}", filter=lambda record: "special" in record["extra"])
logger.debug("This message is not logged")
logger.bind(special=True).info("This message, though, is logged")
with logger.contextualize(special=3):
    logger.info("So is this")


@logger.contextualize(special=4)
def decorated():
    logger.info("And this")


decorated()
logger.remove(number)

number = show(format="{level.icon} <{level}> {message}")
new = logger.level("SNAKY", no=38, color="<yellow>", icon="🐍")
logger.log("SNAKY", "Here we go!")
print(new)


@logger.catch
def divide(a, b):
    return a / b


divide(1, 0)
logger.complete()

"""Formats that depend on the record: a column that grows with its longest value, and colours by the message."""

import sys

from loguru import logger


class Aligned:
    def __init__(self):
        self.padding = 0
        self.fmt = "{level: <8} | {name}:{function}:{line}{extra[padding]} | {message}\n{exception}"

    def format(self, record):
        length = len("{name}:{function}:{line}".format(**record))
        self.padding = max(self.padding, length)
        record["extra"]["padding"] = " " * (self.padding - length)
        return self.fmt


def rainbow(text):
    colors = ["red", "yellow", "green", "cyan", "blue", "magenta"]
    letters = (f"<{colors[i % len(colors)]}>{letter}</>" for i, letter in enumerate(text))
    return "".join(letters).replace("{", "{{").replace("}", "}}")


def colored(record):
    if record["extra"].get("rainbow"):
        return rainbow(record["message"].replace("<", r"\<")) + "\n"
    return "<level>{message}</level> {level.icon}\n"


def short():
    logger.info("from a short name")


def a_function_with_a_long_name():
    logger.warning("from a long name")


logger.remove()
number = logger.add(sys.stdout, format=Aligned().format)
logger.info("from the module")
a_function_with_a_long_name()
short()
logger.remove(number)

logger.add(sys.stdout, format=colored, colorize=True)
logger.info("in its level's colour <b>")
logger.bind(rainbow=True).info("in many {colours}")
logger.error("red {}", "text")

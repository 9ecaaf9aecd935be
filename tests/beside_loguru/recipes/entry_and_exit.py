"""A decorator that logs entry and exit of functions, at the place of the decorated function's caller."""

import functools
import sys

from loguru import logger


def traced(*, on_entry=True, on_exit=True, level="DEBUG"):
    def decorate(function):
        name = function.__name__

        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            outside = logger.opt(depth=1)
            if on_entry:
                outside.log(level, "Entering '{}' (args={}, kwargs={})", name, args, kwargs)
            result = function(*args, **kwargs)
            if on_exit:
                outside.log(level, "Exiting '{}' (result={})", name, result)
            return result

        return wrapper

    return decorate


@traced()
def add(a, b):
    logger.info("inside")
    return a + b


@traced(on_entry=False, level="WARNING")
def shout(text):
    return text.upper()


def main():
    add(1, b=2)
    shout("{braces}")


logger.remove()
logger.add(sys.stdout, format="{level: <8} {function}:{line} {message}")
main()

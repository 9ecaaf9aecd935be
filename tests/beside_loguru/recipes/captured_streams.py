"""Printed text and warnings of a program, as records."""

import contextlib
import sys
import warnings

from loguru import logger


class Stream:
    def __init__(self, level):
        self.level = level

    def write(self, text):
        for line in text.rstrip().splitlines():
            logger.opt(depth=1).log(self.level, line.rstrip())

    def flush(self):
        pass


def noisy():
    print("printed {}")
    print("two\nlines", "and more")


logger.remove()
logger.add(sys.__stdout__, format="{level} {function} {message}")
with contextlib.redirect_stdout(Stream("INFO")):
    noisy()
print("printed as usual")

shown = warnings.showwarning


def showwarning(message, category, *place, **more):
    logger.warning("{}: {}", category.__name__, message)


warnings.showwarning = showwarning
warnings.simplefilter("always")
warnings.warn("it is old", DeprecationWarning, stacklevel=1)

"""A command-line tool: its verbosity sets the level and the format, and a failure sets its exit code."""

import argparse
import sys

from loguru import logger

LEVELS = ["WARNING", "INFO", "DEBUG", "TRACE"]


def set_up(verbose, *, color):
    logger.remove()
    layout = "<level>{level: <7}</level> {message}"
    if verbose >= 2:
        layout = "<level>{level: <7}</level> <dim>{function}:{line}</dim> {message}"
    return logger.add(sys.stdout, level=LEVELS[min(verbose, 3)], format=layout, colorize=color, backtrace=False)


def count_words(name):
    logger.debug("Opening {name}", name=name)
    with open(name, encoding="utf-8") as file:
        words = file.read().split()
    logger.trace("Words: {}", words)
    if not words:
        logger.warning("{} is empty", name)
    logger.info("{}: {} words", name, len(words))


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("-v", "--verbose", action="count", default=0)
    parser.add_argument("--color", action="store_true")
    given = parser.parse_args(arguments)
    set_up(given.verbose, color=given.color)
    codes = []

    @logger.catch(
        FileNotFoundError, level="CRITICAL", onerror=lambda error: codes.append(error.errno), message="No file"
    )
    def run():
        for name in given.names:
            count_words(name)
        logger.success("Done")

    run()
    return codes[0] if codes else 0


with open("a.txt", "w", encoding="utf-8") as file:
    file.write("some words here")
with open("b.txt", "w", encoding="utf-8") as file:
    file.write("")

for line in ("a.txt", "-v a.txt b.txt", "-vv --color a.txt", "-vvv a.txt b.txt", "--color b.txt"):
    print("$ count", line, "->", main(line.split()))
logger.remove()
logger.add(sys.stdout, format="{message}", diagnose=False, backtrace=False)
with logger.catch(SystemExit, message="The tool ends by {record[level]}"):
    sys.exit(3)
print("still here")

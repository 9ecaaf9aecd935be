"""Executor threads that log with the context in which their work was submitted.

Prints::

    INFO | job 1: 4 squared is 16
    INFO | job 1: 5 squared is 25
    INFO | job 2: 6 squared is 36
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import logly
from logly import logger


def square(number: int) -> int:
    """Log on the executor's thread."""
    logger.info("{number} squared is {result}", number=number, result=number * number)
    return number * number


def main() -> None:
    """Submit the work of two jobs to an executor."""
    logger.add("console", format="{level} | job {job}: {message}")
    with ThreadPoolExecutor(max_workers=1) as pool:
        with logger.contextualize(job=1):
            list(pool.map(logly.copy_context(square), [4, 5]))
        with logger.contextualize(job=2):
            pool.submit(logly.copy_context(square), 6).result()


if __name__ == "__main__":
    main()

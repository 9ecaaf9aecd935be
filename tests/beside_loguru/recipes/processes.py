"""Processes that log into the sinks of the first one: with a logger that is handed over, and after a fork."""

import multiprocessing
from pathlib import Path

from loguru import logger


def work(log, number):
    log.info("from process {}", number)
    log.bind(number=number).warning("bound")
    log.complete()


class Pooled:
    """What a worker of a pool has."""

    log = None


def begin(log):
    Pooled.log = log


def pooled(number):
    Pooled.log.info("from the pool {}", number)
    Pooled.log.complete()
    return number


def main(method):
    context = multiprocessing.get_context(method)
    logger.remove()
    number = logger.add("processes.log", enqueue=True, context=context, format="{level} {message} {extra}")
    child = context.Process(target=work, args=(logger, method))
    child.start()
    child.join()
    print(method, child.exitcode)
    with context.Pool(1, initializer=begin, initargs=(logger,)) as pool:
        print(pool.map(pooled, range(2)))
    logger.info("from the first one")
    logger.complete()
    logger.remove(number)


if __name__ == "__main__":
    main("spawn")
    main("fork")
    lines = Path("processes.log").read_text("utf-8").splitlines()
    print(*sorted(lines), sep="\n")

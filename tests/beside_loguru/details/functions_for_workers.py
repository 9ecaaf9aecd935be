"""Functions and objects that write records of workers in the process that has them."""

import functools
import multiprocessing

from loguru import logger


class Collector:
    """Cannot be pickled."""

    def __init__(self):
        self.lines = []
        self.work = lambda: None

    def write(self, message):
        self.lines.append(message)


def is_severe(record):
    return record["level"].no > 25


def work(log, number):
    log.info("from process {}", number)
    log.bind(number=number).warning("bound")
    log.debug("below the level of one")
    try:
        1 / 0
    except ZeroDivisionError:
        log.opt(exception=True).error("failed")
    log.level("WORKED", no=35)
    log.log("WORKED", "with a level of its own")
    log.complete()


def main():
    context = multiprocessing.get_context("spawn")
    logger.remove()
    collector, lines, others = Collector(), [], []
    options = {"enqueue": True, "context": context, "backtrace": False, "diagnose": False}
    logger.level("PARENT", no=21)
    logger.add(collector, format="{level} {message} {extra} {function} {process.name}", level="INFO", **options)
    logger.add(lambda message: lines.append(message.record["message"]), **options)
    logger.add(functools.partial(list.append, others), format="{message}", filter=is_severe, **options)
    for number in range(2):
        child = context.Process(target=work, args=(logger, number), name=f"worker-{number}")
        child.start()
        child.join()
        print(number, child.exitcode)
    logger.log("PARENT", "from the first one")
    logger.complete()
    logger.remove()
    print(*collector.lines, sep="")
    print(lines, others)


if __name__ == "__main__":
    main()

"""A scheduler of jobs with retries: decorators log each call at the place of the caller."""

import functools
import sys

from loguru import logger


def retried(times, *, errors=(Exception,)):
    """Call a job again after an error; the last error passes."""

    def decorate(job):
        @functools.wraps(job)
        def run(*arguments):
            log = logger.bind(job=job.__name__).opt(depth=1)
            for attempt in range(1, times + 1):
                try:
                    result = job(*arguments)
                except errors as error:
                    log.warning("attempt {}/{} failed: {!r}", attempt, times, error)
                    last = error
                else:
                    log.success("done after {} attempts", attempt)
                    return result
            log.opt(exception=last).error("giving up")
            raise last

        return run

    return decorate


class Flaky:
    """A resource that fails a number of times before it works."""

    def __init__(self, failures):
        self.failures = failures

    def fetch(self):
        if self.failures:
            self.failures -= 1
            raise ConnectionError(f"{self.failures} left")
        return "content"


@retried(3, errors=(ConnectionError,))
def fetch(resource):
    return resource.fetch()


@retried(2)
def total(values):
    return sum(values)


def nightly():
    logger.info("nightly run")
    print(fetch(Flaky(2)))
    with logger.catch(ConnectionError, level="INFO", message="fetching failed for good"):
        fetch(Flaky(9))
    with logger.catch(message="total failed"):
        total([1, "2"])
    logger.info("end of run")


logger.remove()
layout = "{level: <7} {function}:{line} {extra} {message}"
logger.add(sys.stdout, format=layout, diagnose=False, backtrace=False)
logger.add("errors.log", format=layout, level="ERROR", diagnose=False, backtrace=False, mode="w")
nightly()

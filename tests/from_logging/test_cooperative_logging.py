"""Calls of `logging` in programs with cooperative threads: they take Python's way, since threads are not Python's."""

from __future__ import annotations

import json

import pytest

from tests.support.cooperative import EVENTLET, GEVENT, LOGLY, output

# Greenlets and native threads log in turn; each has its own name, context and exception.
LOGGING = """
import contextvars, json, logging, sys, threading
import logly, logly.testing

request = contextvars.ContextVar("request")
logger.configure(context={"request": request})
log = logging.getLogger("shop.db")

def work(number):
    request.set(number)
    with logger.contextualize(work=number):
        for step in range(3):
            log.info("%d at %s", number, step, extra={"step": step})
            sleep(0)
        try:
            raise KeyError(number)
        except KeyError:
            sleep(0)
            log.exception("failed %r", "here")

def part(value):
    return repr(value.value) if hasattr(value, "traceback") else str(value)

def shown(record):
    left_out = {"time", "timestamp", "timestamp_ns", "elapsed", "process", "thread"}
    return {name: part(record[name]) for name in record if name not in left_out}
"""

RUN = """
def run(fast):
    with logly.testing.capture() as records, logly.intercept_logging(fast=fast):
        before = logly._logly._direct_calls()[0]
        join_all([spawn(work, number) for number in range(4)])
        thread = threading.Thread(target=work, args=[9], name="worker")
        thread.start()
        thread.join()
        log.warning("main")
        direct = logly._logly._direct_calls()[0] - before
    names = ["worker" if record["thread"].name == "worker" else "other" for record in records]
    return direct, [shown(record) for record in records], names

first, second, third = run(True), run(False), run(True)
assert logging.Logger.info.__code__.co_name == "info" and type(logging.Logger.info).__name__ == "function"
print(json.dumps([first, second, third]))
"""

BEFORE = """
with logly.intercept_logging():
    log.info("before the patch")
"""

ORDERS = {
    "patched first": lambda package: package + LOGLY + LOGGING + RUN,
    "patched after the import": lambda package: LOGLY + package + LOGGING + RUN,
    "patched after direct calls": lambda package: LOGLY + LOGGING + BEFORE + package + RUN,
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("package", [GEVENT, EVENTLET], ids=["gevent", "eventlet"])
def test_records_of_greenlets_are_the_same(package, order, tmp_path):
    first, second, third = json.loads(output("", ORDERS[order](package), tmp_path))

    assert [direct for direct, *_ in (first, second, third)] == [0, 0, 0]
    assert first == second == third
    assert len(first[1]) == 21

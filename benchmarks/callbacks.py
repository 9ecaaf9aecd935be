"""The cost of callbacks: for the logging call, and for a program that computes at the same time.

`python -m benchmarks.callbacks`

The program counts in a loop, in turns while callbacks run and while they wait at a barrier. Its speed is given as a
share of its speed without callbacks. The second figure is its share of the processor time of the process: it says less
about the whole, but it is steady on a shared machine.
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from logly import Logger

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 1.0
"""The length of each turn."""

TURNS = 5
RECORDS = 100_000
CALLS = 500
"""Calls in a row when the cost of a call is measured."""


class Held:
    """A callback that runs only while an event is set."""

    def __init__(self, go: threading.Event, work: Callable[[], object]) -> None:
        """Run *work* for each record while *go* is set."""
        self.go = go
        self.work = work
        self.calls = 0

    def __call__(self, _record: dict[str, Any]) -> None:
        """Wait for *go*, count the call, and run *work*."""
        if not self.go.is_set():
            self.go.wait()
        self.calls += 1
        self.work()


def main() -> None:
    """Measure and print."""
    without, beside = cost_of_call(callbacks=0), cost_of_call(callbacks=1)
    sys.stdout.write(f"a call to nobody but a file: {without:.0f} ns; with a callback: {beside - without:+.0f} ns\n")
    cases: list[tuple[str, int, Callable[[], object]]] = [
        ("1 trivial callback", 1, int),
        ("10 trivial callbacks", 10, int),
        ("1 that computes 10 ms at a stretch", 1, lambda: sum(range(300_000))),
        ("10 that wait 0.5 ms each", 10, lambda: time.sleep(0.0005)),
    ]
    for name, count, work in cases:
        speed, share, calls = beside_callbacks(count, work)
        sys.stdout.write(
            f"{name}: the program keeps {speed:.0%} of its speed, has {share:.0%} of the time; {calls} calls\n"
        )


def cost_of_call(callbacks: int) -> float:
    """Return the nanoseconds per call in the best of many short bursts: other threads interrupt the slower ones."""
    logger = _logger()
    logger.add("/dev/shm/logly-callbacks.log", mode="w")  # noqa: S108 - memory, and nothing secret
    for _ in range(callbacks):
        logger.add_callback(lambda _record: None)
    best = float("inf")
    for _ in range(400):
        began = time.perf_counter_ns()
        for number in range(CALLS):
            logger.info("paid {amount} EUR", amount=number)
        best = min(best, (time.perf_counter_ns() - began) / CALLS)
        logger.complete()
    return best


def beside_callbacks(count: int, work: Callable[[], object]) -> tuple[float, float, int]:
    """Return the program's speed while callbacks run, its share of processor time, and the number of callback calls."""
    logger = _logger()
    go = threading.Event()
    callbacks = [Held(go, work) for _ in range(count)]
    for callback in callbacks:
        logger.add_callback(callback)
    for _ in range(RECORDS):
        logger.info("event")
    speeds, shares = [], []
    for _ in range(TURNS):
        before, _ = _count()
        go.set()
        speed, share = _count()
        go.clear()
        after, _ = _count()
        speeds.append(2 * speed / (before + after))
        shares.append(share)
    for callback in callbacks:
        callback.work = int
    go.set()
    return statistics.median(speeds), statistics.median(shares), sum(callback.calls for callback in callbacks)


def _logger() -> Logger:
    logger = Logger()
    logger.configure(console=False)
    return logger


def _count() -> tuple[float, float]:
    """Count for `SECONDS`; return the speed, and this thread's share of the process's time."""
    number = 0
    own, all_of_it, began = time.thread_time(), time.process_time(), time.perf_counter()
    while time.perf_counter() < began + SECONDS:
        for _ in range(1000):
            number += 1
    speed = number / (time.perf_counter() - began)
    return speed, (time.thread_time() - own) / (time.process_time() - all_of_it)


if __name__ == "__main__":
    main()

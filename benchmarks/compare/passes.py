"""The passes of one measurement, and their figures.

Per-call figures and loop figures come from different passes, because reading the clock around a call
costs as much as a fast call.
"""

from __future__ import annotations

import bisect
import threading
import time
from array import array
from typing import TYPE_CHECKING, Callable

from benchmarks.compare import memory

if TYPE_CHECKING:
    from benchmarks.compare.adapters import Session
    from benchmarks.compare.program import Program
    from benchmarks.compare.scenarios import Scenario

# The approximate length of a pass. Slow libraries then do not take all the time, and the last
# millisecond of draining does not dominate the figures of fast ones.
PASS_NS = 100_000_000
# If the number of timed calls is fixed, a library that takes microseconds per call makes fewer in each pass.
SLOW_NS = 5_000
SLOW_CALLS = 70_000
LEAST_CALLS = 2_000
MOST_CALLS = 100_000
WARM_UP = 500
PACE_NS = 100_000

clock = time.perf_counter_ns


class Course:
    """The passes over one scenario.

    `runs` are the ranges of sequence numbers logged, each by one thread; `figures` are in
    nanoseconds per message and in bytes.
    """

    def __init__(self, scenario: Scenario, session: Session, program: Program, share: float) -> None:
        """Take the measured parts, and the *share* of the usual length of a pass."""
        self.runs: list[range] = []
        self.last_run = range(0)
        self.figures: dict[str, float] = {}
        self.dropped = 0
        self._scenario = scenario
        self._session = session
        self._program = program
        self._share = share
        self._next = 0

    def run(self) -> None:
        """Warm up, then make the scenario's passes; return after the drain."""
        scenario = self._scenario
        per_message = self._warm_up()
        calls = self._calls(per_message)
        most = SLOW_CALLS if scenario.timed and per_message > SLOW_NS else MOST_CALLS + scenario.messages
        if scenario.is_timed:
            self._time_calls(min(scenario.timed, most) or calls)
        if scenario.is_looped:
            self._loop(min(scenario.messages, most) or calls)
        if scenario.paced:
            self._pace(scenario.paced)
        self.last_run = self._take(1)
        self._program["pay_last"](self.last_run.start)
        self._session.drain()
        self.dropped = self._session.dropped()
        peak = memory.peak() or 0
        self.figures["peak_rss_bytes"] = max(peak, self.figures.get("peak_rss_bytes", 0))

    def _take(self, count: int) -> range:
        taken = range(self._next, self._next + count)
        self._next = taken.stop
        return taken

    def _log(self, count: int) -> range:
        """Reserve sequence numbers that one thread will log."""
        taken = self._take(count)
        self.runs.append(taken)
        return taken

    def _warm_up(self) -> float:
        """Fill every cache, twice; return the nanoseconds a message took the second time."""
        scratch = array("q", bytes(8 * WARM_UP))
        elapsed = 0
        for _ in range(2):
            start = clock()
            if self._scenario.is_timed:
                run = self._log(WARM_UP)
                self._program["pay_timed"](run.start, run.stop, scratch, clock)
            if self._scenario.is_looped:
                run = self._log(WARM_UP)
                self._program["pay_plain"](run.start, run.stop)
            if self._scenario.paced:
                run = self._log(WARM_UP)
                self._program["pay_paced"](run.start, run.stop, scratch, clock, time.sleep, 0)
            self._session.drain()
            elapsed = clock() - start
            self._settle()
        return elapsed / WARM_UP

    def _calls(self, per_message: float) -> int:
        wanted = int(PASS_NS * self._share / max(per_message, 1))
        return max(int(LEAST_CALLS * self._share), min(MOST_CALLS, wanted))

    def _time_calls(self, calls: int) -> None:
        run = self._log(calls)
        spans = array("q", bytes(8 * calls))
        self._program["pay_timed"](run.start, run.stop, spans, clock)
        self._session.drain()
        self._settle()
        self._note_caller(spans)

    def _pace(self, calls: int) -> None:
        run = self._log(calls)
        spans = array("q", bytes(8 * calls))
        start = clock()
        self._program["pay_paced"](run.start, run.stop, spans, clock, time.sleep, PACE_NS)
        self.figures["pace_ns"] = (clock() - start) / calls
        self._session.drain()
        self._note_caller(spans)

    def _note_caller(self, spans: array[int]) -> None:
        empty = array("q", bytes(8 * len(spans)))
        self._program["empty_timed"](0, len(empty), empty, clock)
        step = _clock_step(empty)
        pair = _median(sorted(empty), step)
        ordered = sorted(spans)
        self.figures["caller_median_ns"] = _median(ordered, step) - pair
        self.figures["caller_p99_ns"] = ordered[int(0.99 * (len(ordered) - 1))] - pair
        self.figures["caller_p999_ns"] = ordered[int(0.999 * (len(ordered) - 1))] - pair
        self.figures["empty_pair_ns"] = pair
        self.figures["timed_calls"] = len(spans)

    def _loop(self, messages: int) -> None:
        threads = self._scenario.threads
        runs = [self._log(messages // threads) for _ in range(threads)]
        before = memory.resident()
        peak = memory.peak() or 0
        memory.reset_peak()
        loop, wall, cpu = self._through_drain(runs)
        if before is not None:
            self.figures["rss_growth_bytes"] = (memory.peak() or before) - before
        self.figures["peak_rss_bytes"] = peak
        self.figures["loop_ns"] = loop / messages - self._empty_loop()
        self.figures["wall_ns"] = wall / messages
        self.figures["cpu_ns"] = cpu / messages
        self.figures["messages"] = messages

    def _through_drain(self, runs: list[range]) -> tuple[int, int, int]:
        """Log *runs*, each in one thread.

        Returns:
            Nanoseconds until the calls returned, nanoseconds until every line was written, and nanoseconds
            of CPU time until archives were compressed as well.
        """
        plain = self._program["pay_plain"]
        go = _hold_threads(plain, runs) if len(runs) > 1 else lambda: plain(runs[0].start, runs[0].stop)
        cpu, start = time.process_time_ns(), clock()
        go()
        returned = clock()
        self._session.drain()
        written = clock()
        self._settle()
        if self._session.settle is not None:
            self.figures["settled_ns"] = (clock() - start) / sum(map(len, runs))
        return returned - start, written - start, time.process_time_ns() - cpu

    def _settle(self) -> None:
        """Wait for the archives, so that a pass does not pay for the archives of an earlier pass."""
        if self._session.settle is not None:
            self._session.settle()

    def _empty_loop(self) -> float:
        turns = 10_000
        start = clock()
        self._program["empty_plain"](0, turns)
        return (clock() - start) / turns


def _clock_step(empty: array[int]) -> int:
    """Return the clock's step in nanoseconds: 1, or 10 on some virtual machines.

    Readings that differ by 1 belong to the same step, with and without a rounded nanosecond.
    """
    usual = sorted(set(sorted(empty)[: len(empty) * 9 // 10]))
    gaps = [after - before for before, after in zip(usual, usual[1:]) if after - before > 1]
    return min(gaps) + 1 if gaps else 1


def _median(ordered: list[int], step: int) -> float:
    """Return the median of *ordered*, interpolated within a step: a fast call takes only a few steps."""
    middle = ordered[len(ordered) // 2]
    low = bisect.bisect_left(ordered, middle - step / 2)
    high = bisect.bisect_right(ordered, middle + step / 2)
    return middle - step / 2 + step * (len(ordered) / 2 - low) / (high - low)


def _hold_threads(plain: Callable[[int, int], None], runs: list[range]) -> Callable[[], None]:
    """Start a thread per run, held at a barrier; return a function that releases and joins the threads."""
    barrier = threading.Barrier(len(runs) + 1)

    def log(run: range) -> None:
        barrier.wait()
        plain(run.start, run.stop)

    threads = [threading.Thread(target=log, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()

    def go() -> None:
        barrier.wait()
        for thread in threads:
            thread.join()

    return go

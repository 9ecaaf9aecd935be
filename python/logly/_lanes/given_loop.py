"""The program's own event loops that sinks run on, given by `add(loop=)`.

The lane's thread hands its records over: it asks the loop for a task that takes one record after the other, and waits
until the task is done. The loop belongs to the program, which may stop it, close it or never run it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import perf_counter

from logly._lanes import ending
from logly._lanes.threads import Event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from typing import Any

    from logly._logly import _Lane

    _AsyncFunction = Callable[[object], Awaitable[object]]

_SLICE = 0.001
"""Seconds after which the loop can run other tasks."""

_SHORTEST_WAIT = 0.01
_LONGEST_WAIT = 0.25
"""Seconds between checks that the loop still runs."""

_CANCELLED_PAUSE = 0.1
"""Seconds to wait after a task was cancelled, as by `asyncio.run` at its end: a new task would delay it."""


def run(lane: _Lane, function: _AsyncFunction, loop: asyncio.AbstractEventLoop | None) -> None:
    """Run *function* on *loop* with the records of *lane*, and wait for it; None is a loop of the parent process."""
    if loop is None:
        lane.lose("its event loop runs in the process that this one was forked from")
        return
    handover = _Handover(lane, function, loop)
    try:
        loop.call_soon_threadsafe(handover.begin)
    except RuntimeError:
        lane.lose("its event loop is closed")
        return
    wait = _SHORTEST_WAIT
    while not handover.is_over.wait(wait):
        wait = min(2 * wait, _LONGEST_WAIT)
        if loop.is_closed():
            handover.give_up()
            lane.lose("its event loop is closed")
            return
        if ending.is_ending and not loop.is_running():
            lane.lose("its event loop does not run")
            return
    if handover.is_cancelled:
        Event().wait(_CANCELLED_PAUSE)


class _Handover:
    """One task on the loop, which runs while the lane has records."""

    def __init__(self, lane: _Lane, function: _AsyncFunction, loop: asyncio.AbstractEventLoop) -> None:
        self.is_over = Event()
        self.is_cancelled = False
        self._lane = lane
        self._function = function
        self._loop = loop
        self._draining: Coroutine[Any, Any, None] | None = None
        # The loop keeps only weak references to tasks.
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start the task; the loop calls this."""
        self._draining = self._drain()
        try:
            self._task = self._loop.create_task(self._draining)
        except BaseException as error:  # from a loop that is not asyncio's own
            self._draining.close()
            if self._lane.take(is_paced=False) is not None:
                self._lane.failed(error)
            self.is_over.set()
            return
        # A switch of asyncio: it does not report a task that the end of the loop interrupts.
        self._task._log_destroy_pending = False  # type: ignore[attr-defined]
        self._task.add_done_callback(self._end)

    def give_up(self) -> None:
        """Close the coroutine that a closed loop left, which would be reported as never awaited."""
        if self._draining is not None:
            # It may try to await something, which is no longer possible.
            with suppress(BaseException):
                self._draining.close()

    def _end(self, task: asyncio.Task[None]) -> None:
        self.is_cancelled |= task.cancelled()
        if not task.cancelled():
            # The exception is retrieved, so that asyncio does not report it again.
            task.exception()
        self.is_over.set()

    async def _drain(self) -> None:
        lane = self._lane
        lane.enter_task()
        until = perf_counter() + _SLICE
        while (item := lane.take(is_paced=False)) is not None:
            try:
                await self._function(item)
            except (GeneratorExit, KeyboardInterrupt, SystemExit) as error:
                # Either the program must end, and this is its thread, or the loop is closed, which `run` reports.
                if not self._loop.is_closed():
                    lane.failed(error)
                raise
            except asyncio.CancelledError as error:
                # Other code cancelled the task, or the function raised it. The next task takes the waiting records.
                lane.failed(error)
                self.is_cancelled = True
                return
            except BaseException as error:  # the next record may succeed
                lane.failed(error)
            if perf_counter() >= until:
                await asyncio.sleep(0)
                until = perf_counter() + _SLICE

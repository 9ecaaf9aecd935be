"""The event loop for coroutine functions, both callbacks and sinks: one for the process, in a daemon thread.

This module, and `asyncio` with it, is imported when the first such function is added. A forked child makes its own loop
at its first record. Tasks that are unfinished when the process ends are dropped silently.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import Future
from concurrent.futures.thread import ThreadPoolExecutor
from contextlib import suppress

from logly import _logly
from logly._lanes import ending
from logly._lanes.async_wait import tell_of_trio
from logly._lanes.threads import Event, Pool, Thread, are_patched, new_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from typing import Any

    from logly._logly import _Lane

    _AsyncFunction = Callable[[object], Awaitable[object]]

_LAST_WAIT = 0.25
"""Seconds that the loop has to end; it needs more only while a task in it blocks."""


class _Loop:
    """A loop that runs in a thread, and the process it belongs to."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.is_over = False
        self.is_real = are_patched()
        self.pool = Pool("logly-loop", _logly._enter_lane)
        self.loop = _real_loop(self.pool) if self.is_real else _usual_loop(self.pool)
        self.thread = Thread(self._run, "logly-loop")
        self.thread.start()

    def _run(self) -> None:
        _logly._enter_lane()
        asyncio.set_event_loop(self.loop)
        # A task that a function left on the loop may stop the loop, or raise SystemExit out of it.
        while not self.is_over and not self.loop.is_closed():
            try:
                self.loop.run_forever()
            except BaseException as error:  # noqa: PERF203 - other functions need this loop
                _logly._tell_failure(error, "the event loop of coroutine functions", ", and goes on")

    def end(self) -> None:
        self.is_over = True
        try:
            self.loop.call_soon_threadsafe(self.loop.stop)
        except RuntimeError:
            return
        if self.thread.join(_LAST_WAIT):
            for task in asyncio.all_tasks(self.loop):
                _forget(task)
            self.loop.close()


class _Executor(ThreadPoolExecutor):
    """A pool as an executor, of the class that asyncio wants.

    The executor's own threads would end with an error if gevent or eventlet patched threads after their start.
    """

    def __init__(self, pool: Pool) -> None:
        super().__init__()
        self._real_threads = pool

    def submit(self, function: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._real_threads.submit(lambda: _fulfil(future, lambda: function(*args, **named)))
        return future


def _fulfil(future: Future[Any], function: Callable[[], Any]) -> None:
    """Give a future the result of a function, unless it was cancelled before."""
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = function()
    except BaseException as error:  # those who wait for the future have it raised
        future.set_exception(error)
    else:
        future.set_result(result)


def _usual_loop(pool: Pool) -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    loop.set_default_executor(_Executor(pool))
    return loop


def _real_loop(pool: Pool) -> asyncio.AbstractEventLoop:
    from logly._lanes.real_loop import RealLoop  # for programs whose threads are cooperative

    return RealLoop(pool)


# asyncio makes its policy for loops with a lock held, at the first loop. A child that is forked in that moment would
# wait for the lock for ever, so the policy is made here: nothing is forked during an import of this package.
asyncio.new_event_loop().close()

_running: _Loop | None = None
_lock = new_lock()


def run(lane: _Lane, function: _AsyncFunction) -> None:
    """Run *function* on the loop with the records of *lane*, and wait for it."""
    try:
        loop = _current().loop
    except RuntimeError:
        run_here(lane, function)
        return
    draining = _drain(lane, function)
    running = _Running(draining, loop)
    try:
        loop.call_soon_threadsafe(running.begin)
        running.is_over.wait()
    except BaseException as error:  # it kept the loop from running
        running.error = error
    if running.error is not None:
        draining.close()
        lane.failed(running.error)


class _Running:
    """A coroutine that a loop runs for a waiting thread."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> None:
        self.is_over = Event()
        self.error: BaseException | None = None
        self._coroutine = coroutine
        self._loop = loop
        # The loop keeps only weak references to tasks.
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start the coroutine; the loop calls this."""
        try:
            self._task = self._loop.create_task(self._coroutine)
            self._task.add_done_callback(self._end)
        except BaseException as error:  # from a loop that is not asyncio's own
            self.error = error
            self.is_over.set()

    def _end(self, task: asyncio.Task[None]) -> None:
        self.error = asyncio.CancelledError() if task.cancelled() else task.exception()
        self.is_over.set()


def prepare() -> None:
    """Start the loop, and one thread of its pool, while threads can be started."""
    with suppress(RuntimeError):
        _current().pool.submit(_logly._enter_lane)


def run_here(lane: _Lane, function: _AsyncFunction) -> None:
    """Run *function* with the records of *lane* on this thread, because no other can be started."""
    draining = _drain(lane, function)
    try:
        asyncio.run(draining)
    except BaseException as error:
        draining.close()
        while lane.take() is not None:
            lane.failed(error)


async def _drain(lane: _Lane, function: _AsyncFunction) -> None:
    _forget(asyncio.current_task())
    lane.enter_task()
    while (item := lane.take()) is not None:
        try:
            await function(item)
        except GeneratorExit as error:  # noqa: PERF203 - the next record may succeed
            # Unless the function raised it, the loop is gone and nothing can be awaited.
            lane.failed(error)
            raise
        except BaseException as error:
            # Before the record counts as handled, for those who wait for it.
            tell_of_trio(error, _logly._tell_once)
            lane.failed(error)


def _forget(task: asyncio.Task[object] | None) -> None:
    """Keep asyncio from reporting an unfinished task."""
    if task is not None:
        task._log_destroy_pending = False  # type: ignore[attr-defined]


def _current() -> _Loop:
    """Return the loop of this process, started at first use."""
    global _running  # noqa: PLW0603 - one for the process
    with _lock:
        # If threads became cooperative since the loop was made, its executor would start greenlets.
        if (
            _running is None
            or _running.process != os.getpid()
            or _running.loop.is_closed()
            or _running.is_real is not are_patched()
        ):
            _running = _Loop()
        return _running


def end() -> None:
    """Stop the loop at the end of the process, unless a task in it blocks."""
    if _running is not None and _running.process == os.getpid():
        _running.end()


def _leave_to_parent() -> None:
    """Have a forked child make a loop of its own."""
    global _lock  # noqa: PLW0603 - the one that was inherited may be locked
    _lock = new_lock()
    # A child forked by a coroutine would continue in a loop that shares its wake-up with the parent's loop.
    if _running is not None and _running.thread.is_current():
        _running.is_over = True
        _running.loop.stop()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no forks
    os.register_at_fork(after_in_child=_leave_to_parent)

# Registered again, after the threads of executors: coroutine functions may need them.
ending.register_end()

"""Threads, events and pools of threads that stay real when a program makes its threads cooperative.

gevent and eventlet replace threads by greenlets. A greenlet that waits in native code stops all other greenlets of its
thread. So logly's background work runs in real threads, started by the interpreter's own function, and waits on the
interpreter's own locks. Patching may happen at any time, so each start of a thread checks for it.
"""

from __future__ import annotations

import _thread
import os
import sys
import threading
from collections import deque
from contextlib import contextmanager, suppress

from logly import _logly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MOST_THREADS = 32
"""The maximum of an executor of the standard library."""

_ENOUGH = 1 << 20
"""Bytes of stack that are enough for the sinks of programs."""

_LONGEST_WAIT = 1
"""In seconds: a signal handler may have interrupted the start of a thread."""

new_lock = _logly._original("_thread", "allocate_lock")
_start = _logly._original("_thread", "start_new_thread")
_stack_size = _logly._original("_thread", "stack_size")
_ident = _logly._original("_thread", "get_ident")

_sizing = new_lock()


def _leave_to_parent() -> None:
    """Let a forked child start threads, even if another thread of the parent was starting one."""
    global _sizing  # noqa: PLW0603 - the one that was inherited may be locked
    _sizing = new_lock()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no forks
    os.register_at_fork(after_in_child=_leave_to_parent)


def are_patched() -> bool:
    """Tell whether the threads that the program starts are greenlets."""
    return type(_thread.start_new_thread) is not type(_start)


@contextmanager
def roomy_stack() -> Iterator[None]:
    """Start threads with the system's default stack, even if the program set a small one for its own threads.

    The size is one for the process, and is changed only if it is too small. If the program sets a size in the meantime,
    its size stays. A thread that the program starts in the meantime has a larger stack than it asked for.
    """
    lock = _sizing
    is_alone = lock.acquire(timeout=_LONGEST_WAIT)
    before = 0
    try:
        before = _stack_size()
        if 0 < before < _ENOUGH:
            _stack_size(0)
        yield
    finally:
        if 0 < before < _ENOUGH and _stack_size() == 0:
            _stack_size(before)
        if is_alone:
            lock.release()


class Event:
    """Like `threading.Event`, for one waiting thread."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = new_lock()
        self._lock.acquire()

    def set(self) -> None:
        """Wake the thread."""
        # The event may be set already.
        with suppress(RuntimeError):
            self._lock.release()

    def clear(self) -> None:
        """Make the thread wait again."""
        self._lock.acquire(blocking=False)

    def wait(self, timeout: float = -1) -> bool:
        """Wait until it is set, for at most *timeout* seconds; tell whether it is."""
        if not self._lock.acquire(timeout=timeout):
            return False
        self.set()
        return True


class Thread:
    """A real daemon thread."""

    def __init__(self, run: Callable[[], object], name: str) -> None:
        self.name = name
        self.ident = 0
        self._run = run
        self._over = Event()

    def start(self) -> None:
        """Start the thread.

        Raises:
            RuntimeError: No thread can be started.
        """
        if are_patched():
            _make_hubs()
            with roomy_stack():
                _start(self._introduce, ())
        else:
            thread = threading.Thread(target=self._work_for_threading, name=self.name, daemon=True)
            with roomy_stack():
                thread.start()

    def is_current(self) -> bool:
        """Tell whether this is the current thread."""
        return bool(self.ident == _ident())

    def join(self, timeout: float) -> bool:
        """Wait for the thread's end, for at most *timeout* seconds; tell whether it ended."""
        return self._over.wait(timeout)

    def _introduce(self) -> None:
        # `threading` makes an object for a thread that it did not start. Records show its name.
        with suppress(Exception):
            threading.current_thread().name = self.name
        self._work()

    def _work(self) -> None:
        self.ident = _ident()
        try:
            self._run()
        finally:
            self._over.set()

    def _work_for_threading(self) -> None:
        try:
            self._work()
        finally:
            if are_patched():
                # `threading` will remove its entry, and looks for it under a number that is patched by now.
                with suppress(Exception):
                    active = threading._active  # type: ignore[attr-defined]
                    active[threading.get_ident()] = active.pop(self.ident, None)


class Pool:
    """Threads that run submitted functions, one at a time each; a new thread starts when all others are busy."""

    def __init__(self, name: str, begin: Callable[[], object]) -> None:
        self._name = name
        self._begin = begin
        self._lock = new_lock()
        self._work: deque[Callable[[], object]] = deque()
        self._idle: list[Event] = []
        self._threads = 0

    def submit(self, work: Callable[[], object]) -> None:
        """Run a function in a thread of the pool; it must not raise.

        Raises:
            RuntimeError: No thread is free, and none can be started.
        """
        with self._lock:
            self._work.append(work)
            if self._idle:
                self._idle.pop().set()
                return
            if self._threads == _MOST_THREADS:
                return
            self._threads += 1
            name = f"{self._name}_{self._threads - 1}"
        Thread(self._serve, name).start()

    def _serve(self) -> None:
        self._begin()
        wake = Event()
        while True:
            with self._lock:
                work = self._work.popleft() if self._work else None
                if work is None:
                    wake.clear()
                    self._idle.append(wake)
            if work is None:
                wake.wait()
            else:
                work()
            del work


def _make_hubs() -> None:
    """Create the hub of this thread, which it will need sooner or later.

    The first hub imports modules of its package. If two threads did that at once, each would wait for the other with a
    lock that needs a hub.
    """
    for name in ("gevent.hub", "eventlet.hubs"):
        with suppress(Exception):
            sys.modules[name].get_hub()


def pause_of_hub() -> Callable[[float], object] | None:
    """Return the function that pauses so that other greenlets of this thread run; None if none can run."""
    for name, hub_of in _HUBS.items():
        package = sys.modules.get(name)
        # The package may be half imported, or have other inner names: then the wait is a plain one.
        with suppress(Exception):
            hub = None if package is None else hub_of()
            if hub is not None:
                is_hub = hub is sys.modules["greenlet"].getcurrent()
                return None if is_hub else package.sleep  # type: ignore[union-attr]
    return None


def _hub_of_gevent() -> object:
    return sys.modules["gevent._hub_local"].get_hub_if_exists()


def _hub_of_eventlet() -> object:
    hub = getattr(sys.modules["eventlet.hubs"]._threadlocal, "hub", None)
    return None if hub is None else hub.greenlet


_HUBS = {"gevent": _hub_of_gevent, "eventlet": _hub_of_eventlet}

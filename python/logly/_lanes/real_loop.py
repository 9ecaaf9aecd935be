"""The event loop of coroutine functions in a program whose threads and socket waits are cooperative.

It waits with the system's own `poll`, wakes up by a real socket, and its executor has real threads.
"""

from __future__ import annotations

import asyncio
import selectors
from _socket import socketpair
from contextlib import suppress

from logly import _logly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from selectors import SelectorKey
    from typing import Any

    from logly._lanes.threads import Pool

_poll = _logly._original("select", "poll")
_READ, _WRITE, _FAILED = 0x001, 0x004, ~(0x001 | 0x004)
"""POLLIN and POLLOUT, the same on all systems that have `poll`; other events concern both."""


class _Selector(selectors.BaseSelector):
    """A selector over the system's `poll`."""

    def __init__(self) -> None:
        self._poll = _poll()
        self._keys: dict[int, SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> SelectorKey:
        descriptor = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        if descriptor in self._keys:
            message = f"{fileobj!r} is already registered"
            raise KeyError(message)
        wanted = (_READ if events & selectors.EVENT_READ else 0) | (_WRITE if events & selectors.EVENT_WRITE else 0)
        self._poll.register(descriptor, wanted)
        key = self._keys[descriptor] = selectors.SelectorKey(fileobj, descriptor, events, data)
        return key

    def unregister(self, fileobj: Any) -> SelectorKey:
        key = self.get_key(fileobj)
        del self._keys[key.fd]
        # The descriptor may be closed already.
        with suppress(OSError, KeyError):
            self._poll.unregister(key.fd)
        return key

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        # Rounded up, because otherwise it would not wait for less than a millisecond.
        milliseconds = None if timeout is None else max(0, -int(-timeout * 1000 // 1))
        found = []
        for descriptor, told in self._poll.poll(milliseconds):
            key = self._keys[descriptor]
            ready = (selectors.EVENT_READ if told & (_READ | _FAILED) else 0) | (
                selectors.EVENT_WRITE if told & (_WRITE | _FAILED) else 0
            )
            if ready & key.events:
                found.append((key, ready & key.events))
        return found

    def get_key(self, fileobj: Any) -> SelectorKey:
        if isinstance(fileobj, int):
            return self._keys[fileobj]
        for key in self._keys.values():
            if key.fileobj is fileobj:
                return key
        message = f"{fileobj!r} is not registered"
        raise KeyError(message)

    def get_map(self) -> Mapping[int, SelectorKey]:  # type: ignore[override]
        return self._keys


class RealLoop(asyncio.SelectorEventLoop):
    """A loop with `_Selector`, whose executor is a pool of real threads."""

    def __init__(self, pool: Pool) -> None:
        # Set first: the base class makes its sockets in `__init__`.
        self._pool = pool
        super().__init__(_Selector())

    def run_in_executor(self, executor: Any, function: Callable[..., Any], *arguments: object) -> asyncio.Future[Any]:
        """Run *function* in a real thread, unless another executor is given."""
        if executor is not None:
            return super().run_in_executor(executor, function, *arguments)
        future = self.create_future()

        def work() -> None:
            try:
                settle, outcome = future.set_result, function(*arguments)
            except BaseException as error:  # the coroutine gets it
                settle, outcome = future.set_exception, error
            # The loop may be closed by now, and the coroutine gone.
            with suppress(RuntimeError):
                self.call_soon_threadsafe(lambda: future.done() or settle(outcome))

        self._pool.submit(work)
        return future

    def _make_self_pipe(self) -> None:
        # The sockets of the module `socket` are patched.
        self._ssock, self._csock = socketpair()
        self._ssock.settimeout(0)
        self._csock.settimeout(0)
        self._internal_fds += 1  # type: ignore[attr-defined]
        self._add_reader(self._ssock.fileno(), self._read_from_self)  # type: ignore[attr-defined]

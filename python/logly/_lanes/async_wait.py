"""Blocking waits in a thread, so that the event loop of asyncio or trio goes on."""

from __future__ import annotations

import sys
from contextvars import copy_context
from functools import partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    _Result = TypeVar("_Result")


async def wait_for(name: str, function: Callable[[], _Result]) -> _Result:
    """Call *function* in a thread, in a copy of this context, and return its result; *name* is for errors.

    Raises:
        RuntimeError: This coroutine runs under neither asyncio nor trio.
    """
    # The context tells whether a sink calls this; it would wait for itself.
    in_context: Callable[[], _Result] = partial(copy_context().run, function)
    if _is_in_trio():
        # As under asyncio, the thread continues when the wait is cancelled.
        run_sync = sys.modules["trio"].to_thread.run_sync
        return await run_sync(in_context, abandon_on_cancel=True)  # type: ignore[no-any-return]
    from asyncio import _get_running_loop, get_running_loop  # a program that uses trio may not need it

    try:
        loop = get_running_loop()
    except RuntimeError:
        message = f"{name}: expected to be awaited on an event loop of asyncio or of trio, and neither runs here"
        raise RuntimeError(message) from None

    def call() -> _Result:
        try:
            return in_context()
        finally:
            # Under cooperative threads, this is the thread of the loop. Python 3.14 then does not wake the loop.
            if _get_running_loop() is loop and not loop.is_closed():
                loop.call_soon_threadsafe(bool)

    return await loop.run_in_executor(None, call)


def _is_in_trio() -> bool:
    """Tell whether trio runs here. trio itself is asked, because in guest mode it runs inside a loop of asyncio."""
    trio = sys.modules.get("trio")
    if trio is None:
        return False
    try:
        trio.lowlevel.current_task()
    except (AttributeError, RuntimeError):
        return False
    return True


def tell_of_trio(error: BaseException, tell: Callable[[str], object]) -> None:
    """Report once that a function failed because it awaited something of trio on logly's event loop."""
    if "trio" not in sys.modules:
        return
    traceback = error.__traceback__
    while traceback is not None and not traceback.tb_frame.f_globals.get("__name__", "").startswith("trio._core."):
        traceback = traceback.tb_next
    if traceback is not None:
        tell(
            "coroutine functions run on an event loop of asyncio, where trio's cannot be awaited: give a function that "
            "calls trio.from_thread.run(..., trio_token=token)"
        )

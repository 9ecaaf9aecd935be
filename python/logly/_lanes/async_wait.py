"""Waiting in a thread for what an event loop may not be blocked by: under asyncio, and under trio."""

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
    """Call *function* in a thread, in a copy of this context, and return what it returns; *name* is the method's.

    Raises:
        RuntimeError: Neither asyncio nor trio runs this coroutine.
    """
    # The context tells whether this is a sink, which would wait for itself.
    in_context = partial(copy_context().run, function)
    if _is_in_trio():
        # As under asyncio, the thread goes on when the wait is cancelled.
        run_sync = sys.modules["trio"].to_thread.run_sync
        return await run_sync(in_context, abandon_on_cancel=True)  # type: ignore[no-any-return]
    from asyncio import get_running_loop  # noqa: PLC0415 - a program with trio may not need it

    try:
        loop = get_running_loop()
    except RuntimeError:
        message = f"{name}: expected to be awaited on an event loop of asyncio or of trio, and neither runs here"
        raise RuntimeError(message) from None
    return await loop.run_in_executor(None, in_context)


def _is_in_trio() -> bool:
    """Ask trio itself: in guest mode it runs within a loop of asyncio."""
    trio = sys.modules.get("trio")
    if trio is None:
        return False
    try:
        trio.lowlevel.current_task()
    except (AttributeError, RuntimeError):
        return False
    return True


def tell_of_trio(error: BaseException, tell: Callable[[str], object]) -> None:
    """Say once why a function that awaits what is trio's fails on logly's event loop, if that is why."""
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

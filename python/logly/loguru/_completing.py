"""The result of `complete`: everything is written when the method returns, and coroutine sinks when it was awaited."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any


class Completer:
    """Waits for the coroutine sinks of a logger when it is awaited."""

    __slots__ = ("_logger",)

    def __init__(self, logger: Any) -> None:
        self._logger = logger

    def __await__(self) -> Generator[Any, None, None]:
        return self._wait().__await__()

    async def _wait(self) -> None:
        from logly._lanes.async_wait import wait_for  # for programs that await it

        await wait_for("complete", lambda: self._logger._complete(None))

"""Delivery of records before an ASGI server ends: the end of the process may leave no time for it.

uvicorn raises a SIGTERM again once it is done, so the process ends without running Python's exit functions.
"""

from __future__ import annotations

from logly import _logly
from logly.integrations._requests import tell_failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logly.integrations.asgi import Message, Send
    from logly.logger import Logger

LIMIT = 5
"""Seconds that the end of a server waits for sinks and callbacks; the end of a process waits as long."""


def delivering(send: Send, logger: Logger) -> Send:
    """Return a `send` for a lifespan that delivers all records before the server learns that it may end."""

    async def deliver_and_send(message: Message) -> None:
        try:
            if str(message.get("type")).startswith("lifespan.shutdown."):
                await _deliver(logger)
        except Exception as failure:  # reported; the server goes on
            tell_failure(failure)
        await send(message)

    return deliver_and_send


async def _deliver(logger: Logger) -> None:
    if not await logger.complete_async(LIMIT):
        left = [part["pending"] for kind in logger.stats().values() for part in kind.values()]  # type: ignore[attr-defined]
        _logly._tell_once(f"the server ends, and {sum(left)} records are still on their way")

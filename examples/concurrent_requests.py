"""Concurrent requests of a server, each with its own fields: `bind`, `contextualize` and asyncio.

Prints::

    10:30:45 INFO  request /a              received
    10:30:45 INFO  request /b              received
    10:30:45 DEBUG request /b step=load    reading 2 rows
    10:30:45 DEBUG request /a step=load    reading 1 rows
    10:30:45 INFO  request /b              answered 200
    10:30:45 INFO  request /a              answered 200
"""

from __future__ import annotations

import asyncio

from logly import logger


async def load(rows: int) -> None:
    """Load rows. The function does not know the request, but its records have the request's context."""
    with logger.contextualize(step="step=load"):
        logger.debug("reading {rows} rows", rows=rows)


async def handle(url: str, rows: int, ready: asyncio.Event, done: asyncio.Event) -> None:
    """Answer one request."""
    with logger.contextualize(url=url):
        logger.info("received")
        await ready.wait()
        await load(rows)
        done.set()
        await asyncio.sleep(0)
        logger.info("answered {status}", status=200)


async def main() -> None:
    """Handle two requests; the second overtakes the first."""
    logger.add("console", level="DEBUG", format="{time:HH:mm:ss} {level: <5} request {url} {step: <12} {message}")
    ready, second_done, first_done = asyncio.Event(), asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(handle("/a", 1, second_done, first_done))
    second = asyncio.create_task(handle("/b", 2, ready, second_done))
    await asyncio.sleep(0)
    ready.set()
    await asyncio.gather(first, second)


if __name__ == "__main__":
    asyncio.run(main())

"""A consumer of messages in asyncio: a coroutine as sink, tasks with their own context, and an orderly end."""

import asyncio
import sys

from loguru import logger

delivered = []


async def deliver(message):
    await asyncio.sleep(0)
    record = message.record
    delivered.append((record["extra"].get("task"), record["level"].name, record["message"]))


@logger.catch(default="nothing", message="handler failed")
async def handle(message):
    await asyncio.sleep(0)
    logger.info("handling {}", message)
    if message == "poison":
        raise RuntimeError(message)
    return message.upper()


async def source(messages):
    with logger.catch(EOFError, level="DEBUG", message="the source ended"):
        for message in messages:
            yield message
        raise EOFError("no more messages")


async def consume(name, messages):
    with logger.contextualize(task=name):
        async for message in source(messages):
            logger.success("{} became {}", message, await handle(message))


async def main():
    number = logger.add(deliver, format="{message}")
    await consume("one", ["a", "poison", "b"])
    await asyncio.gather(consume("two", ["c"]), consume("three", []))
    await logger.complete()
    logger.remove(number)


logger.remove()
logger.add(sys.stdout, format="{extra} {level} {function} {message}", backtrace=False, diagnose=False)
asyncio.run(main())
for item in delivered:
    print(item)

"""A web service: an id for each request, a record for each answer, and failures with their tracebacks."""

import asyncio
import sys

from loguru import logger

ORDERS = {7: {"item": "lamp", "price": 40}, 8: {"item": "desk", "price": 0}}


class NotFound(LookupError):
    pass


async def find_order(number):
    await asyncio.sleep(0)
    logger.debug("Looking for order {}", number)
    if number not in ORDERS:
        raise NotFound(number)
    return ORDERS[number]


async def share_of_price(order):
    return 100 / order["price"]


async def answer(method, path):
    try:
        if not path.startswith("/orders/"):
            logger.warning("No route for {path!r}", path=path)
            return 404
        order = await find_order(int(path.rpartition("/")[2]))
        logger.bind(item=order["item"]).info("Share is {:.2f}", await share_of_price(order))
    except NotFound as error:
        logger.opt(exception=False).warning("{} not found", error)
        return 404
    except ValueError:
        logger.error("Bad path: {}", path)
        return 400
    except Exception:
        logger.exception("Unhandled error in {} {}", method, path)
        return 500
    return 200


async def serve(requests):
    for number, (method, path) in enumerate(requests):
        with logger.contextualize(request=f"r-{number}"):
            status = await answer(method, path)
            level = "ERROR" if status >= 500 else "INFO"
            logger.log(level, "{} {} -> {}", method, path, status)


def main():
    logger.remove()
    logger.configure(extra={"request": "-"})
    layout = "{level: <8} | {extra[request]} | {name}:{function}:{line} - {message}"
    logger.add(sys.stdout, format=layout, level="INFO", diagnose=False, backtrace=False)
    logger.add("service.log", format=layout + " {extra}", level="DEBUG", diagnose=False, backtrace=False)
    logger.info("Listening")
    paths = ("/orders/7", "/orders/9", "/orders/x", "/health", "/orders/8")
    asyncio.run(serve([("GET", path) for path in paths]))
    logger.info("Stopped")


main()

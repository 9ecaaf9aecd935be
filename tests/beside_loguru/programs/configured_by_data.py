"""A program whose logging is data: handlers, levels, extra, patcher and activation of one `configure`."""

import sys

from loguru import logger


def add_size(record):
    record["extra"]["size"] = len(record["message"])


CONFIGURATION = {
    "handlers": [
        {
            "sink": sys.stdout,
            "format": "{level.icon} {level.no} {extra[app]} {extra[size]} {message}",
            "colorize": False,
        },
        {"sink": "all.log", "format": "{name}|{level}|{message}|{extra}", "level": "TRACE"},
        {"sink": "loud.log", "format": "<level>{message}</level>", "level": 37, "colorize": True},
        {"sink": "quiet.jsonl", "serialize": True, "filter": {"": False}},
    ],
    "levels": [
        {"name": "NOTICE", "no": 23, "color": "<blue>", "icon": "N"},
        {"name": "ALARM", "no": 37, "color": "<bg red><white>", "icon": "A"},
        {"name": "INFO", "icon": "i"},
    ],
    "extra": {"app": "billing"},
    "patcher": add_size,
    "activation": [("quiet", False)],
}

numbers = logger.configure(**CONFIGURATION)
print(numbers)
logger.debug("begin")
logger.info("the {app} is {state}", app="shadowed", state="up")
logger.log("NOTICE", "noticed")
logger.log("ALARM", "alarmed <b>")
logger.bind(app="refunds").warning("bound")
with logger.contextualize(app="context", job=3):
    logger.error("in context")
    logger.bind(job=4).error("bound in context")
exec("logger.critical('never')", {"logger": logger, "__name__": "quiet.module"})
print(logger.level("NOTICE"), logger.level("INFO"))

print(logger.configure(extra={"app": "changed"}))
logger.info("after")
print(logger.configure(handlers=[]))
logger.info("to none")
print(logger.configure(handlers=[{"sink": sys.stdout, "format": "{message}!"}], levels=None, patcher=None))
logger.info("again")
for wrong in ({"levels": [{"name": "INFO", "no": 5}]}, {"handlers": [{"format": "x"}]}, {"handlers": [{"sink": None}]}):
    try:
        logger.configure(**wrong)
    except Exception as error:
        print(type(error).__name__)

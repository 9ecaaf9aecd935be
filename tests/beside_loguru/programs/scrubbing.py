"""Secrets that are kept out of logs: by a patcher, by a filter, and by a function that makes the format."""

import re
import sys

from loguru import logger

CARD = re.compile(r"\b(\d{4})\d{8}(\d{4})\b")
HIDDEN = {"pin", "code_word"}


def scrub(record):
    record["message"] = CARD.sub(r"\1********\2", record["message"])
    for name in HIDDEN & set(record["extra"]):
        record["extra"][name] = "***"


class OnlyPublic:
    """A filter with a state that is changed while the program runs."""

    def __init__(self):
        self.is_open = False

    def __call__(self, record):
        return self.is_open or not record["extra"].get("private", False)


def layout(record):
    extra = {name: value for name, value in record["extra"].items() if name != "private"}
    record["extra"]["rendered"] = " ".join(f"{name}={value}" for name, value in sorted(extra.items()))
    return "{level.name} {message} [{extra[rendered]}]\n"


public = OnlyPublic()
logger.remove()
logger.configure(patcher=scrub)
logger.add(sys.stdout, format=layout, filter=public)
logger.add("audit.log", format="{message} {extra}")

logger.info("paid with {}", "1234567812345678")
logger.bind(pin=1234, user="ada").info("pin was {pin}", pin=99)
logger.bind(private=True).info("hidden {code_word}", code_word="sesame")
public.is_open = True
logger.bind(private=True).info("shown {code_word}", code_word="sesame")

twice = logger.patch(lambda record: record["extra"].update(order="second")).patch(
    lambda record: record["extra"].update(order=record["extra"]["order"] + ", third")
)
twice.warning("patchers run in order, card 9999000011112222")
logger.patch(lambda record: record.update(level=record["level"], function="patched", line=1)).error("renamed")

"""A report on yesterday's log: written in a known format, parsed again, cast, and counted."""

import io
import re
from collections import Counter
from datetime import datetime
from pathlib import Path

from loguru import logger

LAYOUT = "{time:YYYY-MM-DD HH:mm:ss.SSS} [{level.no}] {extra[user]}: {message}"
PATTERN = r"(?P<time>[\d-]+ [\d:.]+) \[(?P<level>\d+)\] (?P<user>\w+): (?P<message>.*)"


def backdate(record):
    minute = record["extra"]["minute"]
    record["time"] = record["time"].replace(2024, 2, 29, 1, minute, 2, microsecond=345678)


logger.remove()
sink = logger.add("night.log", format=LAYOUT, encoding="utf-8")
log = logger.patch(backdate)
for minute, (user, level, text) in enumerate(
    [
        ("ada", "INFO", "login"),
        ("bo", "ERROR", "disk ünï full"),
        ("ada", "DEBUG", "logout"),
        ("cy", "INFO", "[12] x: y"),
    ]
):
    log.bind(user=user, minute=minute).log(level, text)
logger.remove(sink)

cast = {"level": int, "time": lambda text: datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f").replace(microsecond=0)}
entries = list(logger.parse("night.log", PATTERN, cast=cast))
for entry in entries:
    print(entry)
print(Counter(entry["user"] for entry in entries), sum(entry["level"] for entry in entries))


def shorten(found):
    found["message"] = found["message"][:4]


print([entry["message"] for entry in logger.parse(Path("night.log"), re.compile(PATTERN), cast=shorten, chunk=7)])
with open("night.log", encoding="utf-8") as file:
    print(len(list(logger.parse(file, PATTERN))))
print(list(logger.parse(io.BytesIO(b"k=1;k=2;"), rb"k=(?P<k>\d);", cast={"k": int})))
for wrong in (lambda: list(logger.parse(3, PATTERN)), lambda: list(logger.parse("night.log", PATTERN, cast=5))):
    try:
        wrong()
    except Exception as error:
        print(type(error).__name__, error)

"""An agent that runs for long: files rotated by size and by a function, archives kept in number, or handed on."""

import os
import sys
from pathlib import Path

from loguru import logger


class Quota:
    """A rotation after so many records."""

    def __init__(self, records):
        self.records = records
        self.seen = 0

    def should_rotate(self, message, file):
        self.seen += 1
        if self.seen <= self.records:
            return False
        self.seen = 1
        print("rotating", Path(file.name).name, "at", file.tell(), "for", message.record["message"])
        return True


def keep_newest(paths):
    for path in sorted(paths)[:-2]:
        os.remove(path)


def hand_on(path):
    os.replace(path, f"{path}.sent")


logger.remove()
logger.add("size.log", format="{message}", rotation="60 B", retention=2)
logger.add("packed.log", format="{message}", rotation=80, compression="gz")
logger.add("quota.log", format="{level} {message}", rotation=Quota(4).should_rotate, retention=keep_newest)
logger.add("sent.log", format="{message}", rotation="100 B", compression=hand_on)
logger.add("late.log", format="{message}", delay=True, level="ERROR")
logger.add("deep/er/folder.log", format="{message}", mode="w", encoding="utf-8")
print(sorted(os.listdir(".")))

for number in range(12):
    logger.info("record number {:02d} ünï", number)
print("late.log" in os.listdir("."))
logger.error("the first error")
logger.complete()
print("late.log" in os.listdir("."))
logger.remove()

for path in sorted(Path().rglob("*.log*")):
    print(path.name.split(".")[0], path.suffix, path.stat().st_size if path.suffix == ".log" else "packed")
logger.add(sys.stdout, format="{message}")
logger.info("the end")

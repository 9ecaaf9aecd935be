"""A rotation by size or by time, whichever comes first."""

import datetime
from pathlib import Path

from loguru import logger


class Rotator:
    def __init__(self, size, at):
        now = datetime.datetime.now()
        self.size = size
        self.limit = now.replace(hour=at.hour, minute=at.minute, second=at.second)
        if now >= self.limit:
            self.limit += datetime.timedelta(days=1)

    def is_due(self, message, file):
        file.seek(0, 2)
        if file.tell() + len(message) > self.size:
            return True
        late = message.record["time"].timestamp() - self.limit.timestamp()
        if late >= 0:
            days = late // 86400
            self.limit += datetime.timedelta(days=days + 1)
            return True
        return False


logger.remove()
rotator = Rotator(50, datetime.time(0, 0, 0))
logger.add("rotated.log", rotation=rotator.is_due, format="{message}")
for number in range(9):
    logger.info("message number {}", number)
later = logger.patch(lambda record: record.update(time=record["time"] + datetime.timedelta(days=2)))
later.info("two days later")
later.info("and then")
logger.remove()
print(len(list(Path().iterdir())))

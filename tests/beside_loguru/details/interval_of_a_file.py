"""Intervals of rotation, which begin when a file is made, not at round times."""

import datetime
import re
import shutil
from pathlib import Path

from loguru import logger

HOURS = (0, 0.5, 0.999, 1.001, 1.2, 1.9, 2.01, 2.5, 5, 5.5, 24.5, 48.1)
FOLDER = Path("rotated")


def later(hours):
    return logger.patch(lambda record: record.update(time=record["time"] + datetime.timedelta(hours=hours)))


logger.remove()
for interval in ("1 hour", "2 h", "1h 30min", "90 minutes, 30 s", "1 day", "1 week", datetime.timedelta(hours=2)):
    logger.add(FOLDER / "app.log", format="{message}", rotation=interval)
    for hours in HOURS:
        later(hours).info(hours)
    logger.remove()
    files = [path.read_text().split() for path in FOLDER.iterdir()]
    print(interval, sorted(files, key=lambda lines: float(lines[0])))
    shutil.rmtree(FOLDER)

for given in ("1 parsec", "5 m", "1 day -", "day"):
    try:
        logger.add("refused.log", rotation=given)
    except ValueError as error:
        print(given, re.sub(r"0x\w+", "", str(error)))
logger.remove()

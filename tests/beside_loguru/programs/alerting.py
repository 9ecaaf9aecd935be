"""Alerts beside the log: a sink that collects a batch, one that counts by level, and one that stores in a database."""

import sqlite3
import sys
from collections import Counter

from loguru import logger


class Batch:
    """Collects messages, and delivers them when there are enough or when logging ends."""

    def __init__(self, size, deliver):
        self.size = size
        self.deliver = deliver
        self.waiting = []

    def write(self, message):
        self.waiting.append(message.rstrip("\n"))
        if len(self.waiting) == self.size:
            self.flush_batch()

    def flush_batch(self):
        self.deliver(f"{len(self.waiting)} alerts: " + "; ".join(self.waiting))
        self.waiting = []

    def stop(self):
        if self.waiting:
            self.flush_batch()


class Database:
    def __init__(self):
        self.connection = sqlite3.connect(":memory:")
        self.connection.execute("CREATE TABLE log (level TEXT, number INT, message TEXT, place TEXT, error TEXT)")

    def __call__(self, message):
        record = message.record
        error = record["exception"].type.__name__ if record["exception"] else None
        place = f"{record['name']}:{record['function']}"
        row = (record["level"].name, record["level"].no, record["message"], place, error)
        self.connection.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?)", row)


counts = Counter()
database = Database()
logger.remove()
logger.add(
    Batch(2, lambda text: print("ALERT", text)), level="ERROR", format="{message}", backtrace=False, diagnose=False
)
logger.add(database)
logger.add(lambda message: counts.update([message.record["level"].name]), level=0)
logger.add(
    sys.stdout,
    format="<lvl>{level: >8}</lvl> {message}",
    colorize=True,
    level="WARNING",
    filter=lambda r: r["exception"] is None,
)


def check(values):
    for name, value in values.items():
        if value > 90:
            logger.critical("{name} is at {value}%", name=name, value=value)
        elif value > 80:
            logger.error("{name} is at {value:.1f}%", name=name, value=value)
        else:
            logger.trace("{} is fine", name)
    with logger.catch(KeyError, message="no reading"):
        values["gpu"]


check({"cpu": 85, "disk": 95, "memory": 20})
check({"cpu": 1, "disk": 81.25})
logger.remove()
print(sorted(counts.items()))
for row in database.connection.execute("SELECT * FROM log ORDER BY rowid"):
    print(row)

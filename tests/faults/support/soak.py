"""A program that logs for a long time from eight threads to three sinks and two callbacks, and measures itself.

`python -m tests.faults.support.soak FOLDER SECONDS` prints one JSON object per line for each of ten laps: records so
far, memory in kB, threads, descriptors, and the records each sink has written. It measures while no record is logged
or pending.
"""

from __future__ import annotations

import gc
import json
import re
import sys
import threading
import time
from pathlib import Path

from logly import Logger

THREADS = 8
LAPS = 10
PATIENCE = 60
"""Seconds after which a call counts as hung."""

QUEUE = 1024 * 1024
"""Bytes of a callback's queue. With longer queues, the memory that the allocator keeps settles only after millions of
records."""

BURST = 25
PAUSE = 0.001
"""Seconds between bursts: about 150,000 records a second, no faster than archives can be compressed."""


class Soak:
    def __init__(self, folder):
        self.logger = Logger()
        self.logger.remove_all()
        kept = {"retention": 3, "archive": "{stem}.{n}{ext}"}
        self.sinks = {
            "text": self.logger.add(folder / "text.log", rotation="4 MB", compression="zstd", **kept),
            "json": self.logger.add(folder / "json.log", json=True, rotation="16 MB", compression="gzip:1", **kept),
            "errors": self.logger.add(folder / "errors.log", level="ERROR", async_write=False, rotation="1 MB", **kept),
        }
        self.called = [0, 0]
        for number in range(len(self.called)):
            self.logger.add_callback(
                self.counter(number), name=f"counter {number}", overflow="block", buffer_size=QUEUE
            )
        self.counts = [0] * THREADS
        self.lap = threading.Barrier(THREADS + 1)
        self.is_lap_over = threading.Event()

    def counter(self, number):
        called = self.called  # A method would keep its logger alive.

        def count(record):
            called[number] += 1

        return count

    def log(self, thread):
        number = 0
        for _ in range(LAPS):
            self.lap.wait(PATIENCE)
            while not self.is_lap_over.is_set():
                for _ in range(BURST):
                    number += 1
                    self.logger.info("thread {thread} paid {number}", thread=thread, number=number, user="ada")
                self.logger.error("refused", number=number, items=[thread, "a"], padding="x" * (number % 200))
                time.sleep(PAUSE)
            self.counts[thread] = number + number // BURST
            self.lap.wait(PATIENCE)
        self.lap.wait(PATIENCE)

    def run(self, seconds):
        threads = [threading.Thread(target=self.log, args=(thread,)) for thread in range(THREADS)]
        for thread in threads:
            thread.start()
        for _ in range(LAPS):
            self.is_lap_over.clear()
            self.lap.wait(PATIENCE)
            time.sleep(seconds / LAPS)
            self.is_lap_over.set()
            self.lap.wait(PATIENCE)
            sys.stdout.write(json.dumps(self.measured()) + "\n")
        self.lap.wait(PATIENCE)
        for thread in threads:
            thread.join()

    def measured(self):
        is_complete = self.logger.complete(timeout=PATIENCE)
        gc.collect()
        memory = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
        return {
            "is_complete": is_complete,
            "records": sum(self.counts),
            "memory": int(memory[1]),
            "threads": len(list(Path("/proc/self/task").iterdir())),
            "descriptors": len(list(Path("/proc/self/fd").iterdir())),
            "called": self.called,
            "written": {name: self.logger.sink_info(sink)["written"] for name, sink in self.sinks.items()},
        }


if __name__ == "__main__":
    Soak(Path(sys.argv[1])).run(float(sys.argv[2]))

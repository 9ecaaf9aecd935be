"""The program whose records cross to other servers: four threads, fields of all types, and ids of spans.

`python -m tests.interop.program COUNT OPTIONS` adds a sink with the options, a JSON object, logs so many records, and
prints the statistics of its sink. It ends at the end of its input.
"""

from __future__ import annotations

import json
import sys
import threading

from logly import logger

THREADS = 4


def log(thread: int, count: int):
    """Log the records of a thread: each has its number, values of every type, and the ids of a span."""
    for number in range(count):
        logger.info(
            "step {number} of {thread}", number=number, thread=thread, price=number / 4, paid=number % 2 == 0,
            tags=["a", 1], trace_id=f"{number + 1:032x}", span_id=f"{thread + 1:016x}",
        )  # fmt: skip


def main(count: int, options: dict):
    """Log, end the sink, and print what it counted."""
    logger.configure(console=False)
    sink = logger.add(**options)
    threads = [threading.Thread(target=log, args=(thread, count // THREADS)) for thread in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = logger.complete()
    sys.stdout.write(json.dumps({**logger.stats()["sinks"][sink], "done": done}) + "\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]))

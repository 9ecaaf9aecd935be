"""Workers in threads that share a queue: each has its own context, and one file takes all records."""

import queue
import sys
import threading

from loguru import logger

jobs = queue.Queue()
results = {}


def work(worker):
    with logger.contextualize(worker=worker):
        while True:
            job = jobs.get()
            if job is None:
                logger.bind(kind="end").debug("worker {} ends", worker)
                return
            with logger.catch(message=f"job {job} failed"):
                results[job] = 60 // job
                logger.info("job {} gave {}", job, results[job])


logger.remove()
logger.add("workers.log", enqueue=True, format="{extra[worker]}|{thread.name}|{level}|{message}", diagnose=False)
# Records of one thread at a time reach this one, since threads run one after another.
logger.add(sys.stdout, format="{thread.name}: {message}", filter=lambda record: record["exception"] is None)

for worker in ("a", "b", "c"):
    for job in {"a": (1, 2), "b": (3, 0, 4), "c": ()}[worker]:
        jobs.put(job)
    jobs.put(None)
    thread = threading.Thread(target=work, args=(worker,), name=f"worker-{worker}")
    thread.start()
    thread.join()

logger.configure(extra={"worker": "main"})
logger.success("results: {}", sorted(results.items()))
logger.complete()

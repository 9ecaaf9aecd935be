"""Workers as PyTorch's `DataLoader` makes them: daemonic, fed with indices by queues, for one epoch or persistent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import run_file

if TYPE_CHECKING:
    from pathlib import Path

ITEMS = 60

LOADER = """
import json, multiprocessing, os, queue, sys, traceback
from logly import logger

INTERVAL = 5.0  # seconds between two looks at whether the other side lives

class ResumeIteration:
    pass

class Problem:
    def __init__(self, error):
        self.text = "".join(traceback.format_exception(type(error), error, error.__traceback__))

def worker_loop(dataset, indices, results, done, number, epoch):
    parent = os.getppid()
    try:
        while os.getppid() == parent:
            try:
                task = indices.get(timeout=INTERVAL)
            except queue.Empty:
                continue
            if isinstance(task, ResumeIteration):
                results.put((task, number))
                epoch += 1
            elif task is None:
                assert done.is_set()
                break
            elif not done.is_set():
                batch, wanted = task
                try:
                    data = [dataset.item(index, epoch) for index in wanted]
                except Exception as error:
                    data = Problem(error)
                results.put((batch, data))
    except KeyboardInterrupt:
        pass
    if done.is_set():
        results.cancel_join_thread()
        results.close()

class Loader:
    def __init__(self, dataset, context, workers, size, persistent):
        self.dataset, self.context, self.size, self.persistent = dataset, context, size, persistent
        self.count, self.workers, self.epoch = workers, [], 0

    def __iter__(self):
        if self.workers and self.persistent:
            for indices in self.indices:
                indices.put(ResumeIteration())
            for _ in self.workers:
                assert isinstance(self.results.get(timeout=60)[0], ResumeIteration)
        else:
            self.start()
        batches = [list(range(at, min(at + self.size, ITEMS))) for at in range(0, ITEMS, self.size)]
        sent = 0
        for number in range(len(batches)):
            # Each worker has two batches in advance.
            while sent < min(len(batches), number + 2 * self.count):
                self.indices[sent % self.count].put((sent, batches[sent]))
                sent += 1
            yield self.results.get(timeout=60)[1]
        self.epoch += 1
        if not self.persistent:
            self.shut_down()

    def start(self):
        self.results, self.done, self.indices = self.context.Queue(), self.context.Event(), []
        for number in range(self.count):
            self.indices.append(self.context.Queue())
            self.indices[-1].cancel_join_thread()
            arguments = (self.dataset, self.indices[-1], self.results, self.done, number, self.epoch)
            self.workers.append(self.context.Process(target=worker_loop, args=arguments, daemon=True))
            self.workers[-1].start()

    def shut_down(self):
        self.done.set()
        for worker, indices in zip(self.workers, self.indices):
            indices.put(None)
        for worker, indices in zip(self.workers, self.indices):
            worker.join(60)
            indices.cancel_join_thread()
            indices.close()
        print(*[worker.exitcode for worker in self.workers], file=sys.stderr)
        self.workers.clear()

class Dataset:
    def item(self, index, epoch):
        logger.info("item", index=index, epoch=epoch, worker=multiprocessing.current_process().name)
        if index == 7:
            try:
                raise ValueError("broken item")
            except ValueError:
                logger.exception("no item", index=index, epoch=epoch, worker="")
        return index
"""

MAIN = """
if __name__ == "__main__":
    logger.configure(console=False)
    seen = []
    logger.add_callback(lambda record: seen.append(record))
    loader = Loader(Dataset(), multiprocessing.get_context({method!r}), 3, 4, {persistent})
    for epoch in range(3):
        data = sorted(index for batch in loader for index in batch)
        # The workers live on, or have ended, and have sent all records of the epoch.
        assert logger.complete(60)
        found = [record for record in seen if record["epoch"] == epoch]
        print(json.dumps({{
            "data": data,
            "items": sorted(record["index"] for record in found if record["message"] == "item"),
            "problems": [record["exception"]["message"] for record in found if "exception" in record],
            "workers": sorted({{record["worker"] for record in found if record["worker"]}}),
        }}))
    if {persistent}:
        loader.shut_down()
    print(len(seen))
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
@pytest.mark.parametrize("persistent", [False, True], ids=["for one epoch", "persistent"])
def test_a_callback_of_the_parent_gets_the_records_of_each_epoch(
    tmp_path: Path, method: str, *, persistent: bool
) -> None:
    program = f"ITEMS = {ITEMS}\n{LOADER}\n{MAIN.format(method=method, persistent=persistent)}"

    result = run_file(tmp_path, program)

    *epochs, count = result.check().stdout.splitlines()
    for number, line in enumerate(epochs):
        names = range(1, 4) if persistent else range(3 * number + 1, 3 * number + 4)
        kind = "SpawnProcess" if method == "spawn" else "ForkServerProcess"
        assert json.loads(line) == {
            "data": list(range(ITEMS)),
            "items": list(range(ITEMS)),
            "problems": ["broken item"],
            "workers": sorted(f"{kind}-{name}" for name in names),
        }
    assert len(epochs) == 3
    assert int(count) == 3 * (ITEMS + 1)
    assert result.stderr.splitlines() == ["0 0 0"] * (1 if persistent else 3)

"""Functions, callbacks and objects of a process get the records of its workers, each once, whatever ends a worker."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from tests.faults.processes.test_taking_over import KINDS, LINES, program
from tests.faults.support.children import METHODS
from tests.faults.support.oracle import run_file

if TYPE_CHECKING:
    from pathlib import Path

HEAD = f"""
import multiprocessing, os, sys, time
from concurrent.futures import ProcessPoolExecutor
from logly import logger

def work(number):
    for line in range({LINES}):
        logger.info("line", job=number, number=line, padding="x" * 50)
    return os.getpid()

def endless(count):
    while True:
        time.sleep(0.0005)
        logger.info("line", job="doomed", number=count.value, padding="x" * 50)
        count.value += 1
"""

SET_UP = """
calls = os.open("calls.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def note(message):
    fields = message.record["extra"]
    os.write(calls, f"{os.getpid()} {fields['job']} {fields['number']} {len(fields['padding'])}\\n".encode())
seen = []
logger.configure(console=False)
logger.add(note)
logger.add_callback(seen.append, overflow="block")
"""

KILLED = """
count = context.RawValue("l", 0)
doomed = context.Process(target=endless, args=(count,))
doomed.start()
while count.value < 20:
    time.sleep(0.001)
"""

AFTER = """
doomed.kill()
doomed.join()
assert logger.complete(60)
print(os.getpid(), sum(record["job"] != "doomed" for record in seen))
for counted in (*logger.stats()["sinks"].values(), *logger.stats()["callbacks"].values()):
    assert counted["accepted"] == counted["written"], counted
"""


def check(folder: Path, stdout: str, tasks: int, *, is_copy: bool = False) -> None:
    """Check that the function was called once with each line, in the order of each worker, and in which processes."""
    parent, seen = stdout.split()[-2:]
    calls = [line.split() for line in (folder / "calls.log").read_text().splitlines()]
    found = defaultdict(list)
    for _, job, number, _ in calls:
        found[job].append(int(number))
    doomed = found.pop("doomed")

    assert dict(found) == {str(task): list(range(LINES)) for task in range(tasks)}
    assert doomed == list(range(len(doomed)))
    assert {padding for *_, padding in calls} == {"50"}
    assert ({process for process, *_ in calls} == {parent}) is not is_copy
    assert int(seen) == (0 if is_copy else tasks * LINES)


@METHODS
@pytest.mark.parametrize("kind", KINDS)
def test_functions_of_the_parent_get_each_record_of_its_workers(tmp_path: Path, method: str, kind: str) -> None:
    context = f"context = multiprocessing.get_context({method!r})"
    main = f"{context}\n{SET_UP}{KILLED}{KINDS[kind]}{AFTER}"

    result = run_file(tmp_path, program(main, HEAD)).check(stderr="")

    # Forked workers have copies of functions, and call those.
    check(tmp_path, result.stdout, 3, is_copy=method == "fork")


def test_functions_of_the_parent_get_each_record_of_workers_of_loky(tmp_path: Path) -> None:
    pytest.importorskip("loky")
    main = f"""
from loky import ProcessPoolExecutor as Executor
context = multiprocessing.get_context("spawn")
{SET_UP}{KILLED}
with Executor(2) as pool:
    list(pool.map(work, range(3)))
{AFTER}"""

    result = run_file(tmp_path, program(main, HEAD)).check()

    check(tmp_path, result.stdout, 3)


def test_functions_of_the_parent_get_each_record_of_workers_of_dask(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    main = f"""
import distributed
context = multiprocessing.get_context("spawn")
{SET_UP}{KILLED}
with distributed.LocalCluster(n_workers=1, processes=True, threads_per_worker=2, dashboard_address=None) as cluster:
    with distributed.Client(cluster) as client:
        client.gather(client.map(work, range(3)))
{AFTER}"""

    result = run_file(tmp_path, program(main, HEAD)).check()

    check(tmp_path, result.stdout, 3)

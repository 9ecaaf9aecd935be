"""Children of `multiprocessing` log into the sinks of their parent, with no code of their own, each line once."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.children import METHODS
from tests.faults.support.oracle import run_file
from tests.support.documents import REPOSITORY, files

if TYPE_CHECKING:
    from pathlib import Path

LINES = 20
"""How many lines each task logs."""

HEAD = f"""
import multiprocessing, os, sys
from concurrent.futures import ProcessPoolExecutor
from logly import logger

def work(number):
    for line in range({LINES}):
        logger.info("line", job=number, number=line, padding="x" * 50)
    return os.getpid()
"""

SET_UP = """
logger.configure(console=False, extra={"app": "shop"})
logger.add("logs/app.log", json=True, rotation="4 kB", compression="gz")
logger.add("stdout", format="console {job} {number}")
"""

KINDS = {
    "process": """
children = [context.Process(target=work, args=(number,)) for number in range(3)]
for child in children:
    child.start()
for child in children:
    child.join()
assert [child.exitcode for child in children] == [0, 0, 0]
""",
    "pool": """
with context.Pool(2) as pool:
    pool.map(work, range(3))
""",
    "recycled": """
with context.Pool(2, maxtasksperchild=1) as pool:
    assert len(set(pool.map(work, range(3), chunksize=1))) == 3
""",
    "executor": """
with ProcessPoolExecutor(2, mp_context=context) as pool:
    list(pool.map(work, range(3)))
""",
}


def program(main: str, head: str = HEAD) -> str:
    """Return a program that runs *main* in the first process alone."""
    indented = "".join(f"    {line}\n" for line in main.strip().splitlines())
    return f"{head}\nif __name__ == '__main__':\n{indented}"


def records(folder: Path) -> list[dict]:
    """Return the records of a JSON file and its archives, some of which are compressed."""
    # Workers were ended while they compressed; the next start finishes that.
    run_file(folder, f"from logly import logger\n{SET_UP}\nlogger.complete()", "next.py").check(stderr="")
    texts = [
        gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
        for path in (folder / "logs").iterdir()
    ]
    return [json.loads(line) for text in texts for line in text.splitlines()]


def check_file(folder: Path, tasks: int) -> None:
    """Check that the file has each line of tasks 0, 1, ... once, with the parent's fields."""
    fields = [record["fields"] for record in records(folder)]

    expected = Counter((task, line) for task in range(tasks) for line in range(LINES))
    assert Counter((given["job"], given["number"]) for given in fields) == expected
    assert {given["app"] for given in fields} == {"shop"}


def check_console(stdout: str, tasks: int) -> None:
    """Check that the console has each line of the tasks once."""
    found = Counter(line for line in stdout.splitlines() if line.startswith("console"))

    assert found == Counter(f"console {job} {number}" for job in range(tasks) for number in range(LINES))


@METHODS
@pytest.mark.parametrize("kind", KINDS)
def test_children_log_into_the_file_and_the_console_of_their_parent(tmp_path: Path, method: str, kind: str) -> None:
    main = f"{SET_UP}\ncontext = multiprocessing.get_context({method!r})\n{KINDS[kind]}"

    result = run_file(tmp_path, program(main)).check(stderr="")

    check_file(tmp_path, 3)
    check_console(result.stdout, 3)


def test_workers_of_loky_log_into_the_sinks_of_their_parent(tmp_path: Path) -> None:
    pytest.importorskip("loky")
    main = f"""{SET_UP}
from loky import ProcessPoolExecutor as Executor
with Executor(2) as pool:
    list(pool.map(work, range(3)))
"""

    result = run_file(tmp_path, program(main)).check()

    check_file(tmp_path, 3)
    check_console(result.stdout, 3)


def test_workers_of_dask_log_into_the_sinks_of_their_parent(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    main = f"""{SET_UP}
import distributed
with distributed.LocalCluster(n_workers=1, processes=True, threads_per_worker=2, dashboard_address=None) as cluster:
    with distributed.Client(cluster) as client:
        client.gather(client.map(work, range(3)))
"""

    result = run_file(tmp_path, program(main)).check()

    check_file(tmp_path, 3)
    check_console(result.stdout, 3)


@METHODS
def test_a_killed_worker_takes_no_lines_of_others_with_it(tmp_path: Path, method: str) -> None:
    head = f"""{HEAD}
def endless(count):
    line = 0
    while True:
        logger.info("line", job=0, number=line)
        line += 1
        count.value = line
"""
    main = f"""
logger.configure(console=False)
logger.add("logs/app.log", json=True, rotation="4 kB", compression="gz", async_write=False)
context = multiprocessing.get_context({method!r})
count = context.RawValue("l", 0)
doomed = context.Process(target=endless, args=(count,))
doomed.start()
others = [context.Process(target=work, args=(number,)) for number in (1, 2)]
for other in others:
    other.start()
while count.value < 200:
    pass
doomed.kill()
for child in (doomed, *others):
    child.join()
print(count.value)
"""

    result = run_file(tmp_path, program(main, head)).check(stderr="")

    found = Counter((record["fields"]["job"], record["fields"]["number"]) for record in records(tmp_path))
    accepted = int(result.stdout)
    assert {task: sum(key[0] == task for key in found) for task in (1, 2)} == {1: LINES, 2: LINES}
    assert all(found[0, line] == 1 for line in range(accepted))
    assert set(found.values()) == {1}


@METHODS
def test_workers_that_read_from_queues_and_are_ended_by_a_signal_lose_nothing(tmp_path: Path, method: str) -> None:
    # The workers of a DataLoader are such processes.
    head = f"""{HEAD}
def load(indices, batches):
    while True:
        index = indices.get()
        work(index)
        batches.put(index)
"""
    main = f"""{SET_UP}
context = multiprocessing.get_context({method!r})
indices, batches = context.Queue(), context.SimpleQueue()
workers = [context.Process(target=load, args=(indices, batches), daemon=True) for _ in range(2)]
for worker in workers:
    worker.start()
for index in range(6):
    indices.put(index)
for index in range(6):
    batches.get()
for worker in workers:
    worker.terminate()
    worker.join()
"""

    result = run_file(tmp_path, program(main, head)).check(stderr="")

    check_file(tmp_path, 6)
    check_console(result.stdout, 6)


def test_programs_started_by_subprocess_take_over_nothing(tmp_path: Path) -> None:
    main = f"""{SET_UP}
import subprocess
code = "from logly import logger; logger.configure(show_time=False); logger.info('alone')"
print(subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True).stdout, end="")
"""

    run_file(tmp_path, program(main)).check(stdout="INFO | alone\n", stderr="")

    assert records(tmp_path) == []


def test_the_program_of_the_guide_does_what_the_page_shows(tmp_path: Path) -> None:
    page = REPOSITORY / "docs" / "guides" / "processes.md"
    shown = page.read_text(encoding="utf-8").partition("```text app.log\n")[2].partition("```")[0]

    run_file(tmp_path, files(page)["main.py"]).check(stdout="", stderr="")

    # Two workers take the tasks in any order.
    assert sorted((tmp_path / "app.log").read_text().splitlines()) == sorted(shown.splitlines())

"""Children of `multiprocessing` and `concurrent.futures`, by each start method: all their records are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.support.children import METHODS, WORK, program
from tests.faults.support.oracle import FILES, FORKABLE, PRELUDE, check_log, run_file

if TYPE_CHECKING:
    from pathlib import Path


@METHODS
@FORKABLE
def test_processes_log_everything(tmp_path: Path, sink: str, method: str) -> None:
    result = run_file(
        tmp_path,
        f"""{PRELUDE}{WORK}
def child(sink):
    set_up(sink)
    work(0)

if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    workers = [context.Process(target=child, args=({sink!r},)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print([worker.exitcode for worker in workers])
""",
    )

    result.check(stdout="[0, 0, 0, 0]\n", stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [50] * 4


@FORKABLE
def test_forked_processes_log_to_the_sinks_of_their_parent(tmp_path: Path, sink: str) -> None:
    result = run_file(
        tmp_path,
        program(f"""
begin({sink!r})
log(100)
context = multiprocessing.get_context("fork")
workers = [context.Process(target=log, args=(50,)) for _ in range(4)]
for worker in workers:
    worker.start()
log(100, 100)
for worker in workers:
    worker.join()
print([worker.exitcode for worker in workers])
"""),
    )

    result.check(stdout="[0, 0, 0, 0]\n", stderr="")
    assert sorted(check_log(tmp_path / "app.log").values()) == [50] * 4 + [200]


@METHODS
@FORKABLE
def test_pools_that_are_closed_have_logged_everything(tmp_path: Path, sink: str, method: str) -> None:
    result = run_file(
        tmp_path,
        program(f"""
context = multiprocessing.get_context({method!r})
pool = context.Pool(4, initializer=set_up, initargs=({sink!r},))
pids = pool.map(work, range(40), chunksize=1)
pool.close()
pool.join()
"""),
    )

    result.check(stderr="")
    assert sum(check_log(tmp_path / "app.log").values()) == 2000


@METHODS
@FILES
def test_pools_whose_workers_are_recycled_lose_nothing(tmp_path: Path, sink: str, method: str) -> None:
    result = run_file(
        tmp_path,
        program(f"""
context = multiprocessing.get_context({method!r})
pool = context.Pool(4, initializer=set_up, initargs=({sink!r},), maxtasksperchild=3)
pids = pool.map(work, range(40), chunksize=1)
pool.close()
pool.join()
print(len(set(pids)) > 4)
"""),
    )

    result.check(stdout="True\n", stderr="")
    assert sum(check_log(tmp_path / "app.log").values()) == 2000


@METHODS
@FILES
def test_executors_of_processes_log_everything(tmp_path: Path, sink: str, method: str) -> None:
    result = run_file(
        tmp_path,
        program(f"""
context = multiprocessing.get_context({method!r})
with ProcessPoolExecutor(4, mp_context=context, initializer=set_up, initargs=({sink!r},)) as pool:
    pids = list(pool.map(work, range(40)))
"""),
    )

    result.check(stderr="")
    assert sum(check_log(tmp_path / "app.log").values()) == 2000


@METHODS
def test_processes_share_one_rotating_file(tmp_path: Path, method: str) -> None:
    result = run_file(
        tmp_path,
        f"""{PRELUDE}{WORK}
def child():
    logger.remove_all()
    add("app.log", rotation="10 kB")
    log(1000)

if __name__ == "__main__":
    add("app.log", rotation="10 kB")
    log(1000)
    context = multiprocessing.get_context({method!r})
    workers = [context.Process(target=child) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    log(1000, 1000)
    print([worker.exitcode for worker in workers])
""",
    )

    result.check(stdout="[0, 0, 0, 0]\n", stderr="")
    archives = sorted(tmp_path.glob("app.*.log"), key=_number)
    assert len(archives) > 10
    assert sorted(check_log(*archives, tmp_path / "app.log").values()) == [1000] * 4 + [2000]


def _number(archive: Path) -> tuple[str, int]:
    _, date, *number, _ = archive.name.split(".")
    return date, int(number[0]) if number else 1


@FORKABLE
def test_processes_of_billiard_log_everything(tmp_path: Path, sink: str) -> None:
    # billiard is Celery's own copy of `multiprocessing`.
    pytest.importorskip("billiard")

    result = run_file(
        tmp_path,
        program(f"""
import billiard
begin({sink!r})
log(100)
workers = [billiard.Process(target=log, args=(3000,)) for _ in range(4)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
log(100, 100)
print([worker.exitcode for worker in workers])
"""),
    )

    result.check(stdout="[0, 0, 0, 0]\n", stderr="")
    assert sorted(check_log(tmp_path / "app.log").values()) == [200] + [3000] * 4

"""Workers of `multiprocessing` that are killed: their parent, or the next process, writes the records they accepted."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.children import METHODS
from tests.faults.support.oracle import run_file

if TYPE_CHECKING:
    from pathlib import Path

LINES = 300
"""How many lines each worker logs before it is killed."""

PROGRAM = f"""
import multiprocessing, os, signal, sys, time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from logly import logger

def work(job):
    for number in range({LINES}):
        logger.info("{{job}} {{number}};", job=job, number=number)
    os.kill(os.getpid(), signal.SIGKILL)

def wait_until_alone():
    until = time.monotonic() + 30
    while len([name for name in os.listdir("logs") if name.endswith(".crash")]) > 1 and time.monotonic() < until:
        time.sleep(0.01)

if __name__ == "__main__":
    logger.configure(console=False)
    logger.add(
        "logs/app.log", durability="crash", buffer_size=1 << 20, format="{{message}}", rotation="3 kB", compression="gz"
    )
    context = multiprocessing.get_context(METHOD)
    if KIND == "process":
        children = [context.Process(target=work, args=(job,)) for job in range(3)]
        [child.start() for child in children]
        [child.join() for child in children]
        assert [child.exitcode for child in children] == [-9, -9, -9]
    else:
        for job in range(3):
            try:
                with ProcessPoolExecutor(1, mp_context=context) as pool:
                    pool.submit(work, job).result()
            except BrokenProcessPool:
                pass
    if IS_LONG:
        wait_until_alone()
        print(os.listdir("logs").count("app.log"))
"""


def check(folder: Path) -> None:
    """Check that each line of each worker is there once, in order, and that no other file is left."""
    packed = sorted(folder.glob("logs/app.*.gz"), key=order_of)
    plain = sorted(folder.glob("logs/app.*.log"), key=order_of)
    # A kill right after a compression leaves the original beside its archive, until the next start removes it.
    left = [path for path in plain if path.with_name(f"{path.name}.gz") in packed]
    for path in left:
        assert gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()) == path.read_bytes()
    texts = [gzip.decompress(path.read_bytes()) for path in packed]
    texts += [path.read_bytes() for path in plain if path not in left]
    lines = b"".join([*texts, (folder / "logs/app.log").read_bytes()]).decode().splitlines()
    for job in range(3):
        assert [line for line in lines if line.startswith(f"{job} ")] == [f"{job} {n};" for n in range(LINES)]
    assert len(lines) == 3 * LINES
    assert list(folder.glob("logs/.*.crash")) == []


def order_of(path: Path) -> tuple[str, int]:
    stamp, _, number = path.name.removesuffix(".gz").removeprefix("app.").removesuffix(".log").partition(".")
    return stamp, int(number or 1)


@pytest.mark.parametrize("is_long", [True, False], ids=["parent that goes on", "parent that ends"])
@pytest.mark.parametrize("kind", ["process", "executor"])
@METHODS
def test_records_of_killed_workers_are_written_by_their_parent(
    tmp_path: Path, method: str, kind: str, is_long: bool
) -> None:
    code = f"METHOD, KIND, IS_LONG = {method!r}, {kind!r}, {is_long}\n" + PROGRAM

    result = run_file(tmp_path, code, "main.py")

    result.check(stdout="1\n" if is_long else "")
    check(tmp_path)

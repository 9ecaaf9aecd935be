"""Files that a forked child inherits: each process opens its own, and a lock ends with the process that holds it."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.child import output

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import os
import signal
import sys
from logly import logger

path = sys.argv[1]
logger.configure(console=False)
logger.add(path, format="{message}", **OPTIONS)
"""


def program(rest: str, **options: object) -> str:
    return PROGRAM.replace("OPTIONS", repr(options)) + rest


@pytest.mark.parametrize("is_background", [True, False], ids=["background", "synchronous"])
def test_children_of_a_parent_that_logged_nothing_keep_each_other_out(is_background: bool, tmp_path: Path) -> None:
    rest = """
children = []
for child in range(4):
    children.append(os.fork())
    if children[-1] == 0:
        for number in range(2_000):
            logger.info(f"{child} {number} " + "x" * 40)
        os._exit(0 if logger.complete(20) else 1)
print([os.waitpid(child, 0)[1] for child in children])
"""

    ended = output(program(rest, rotation="2 kB", async_write=is_background), tmp_path / "app.log")

    assert ended == "[0, 0, 0, 0]\n"
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    lines = [line for path in tmp_path.iterdir() for line in path.read_text().splitlines()]
    assert sorted(lines) == sorted(f"{child} {number} " + "x" * 40 for child in range(4) for number in range(2_000))
    assert max(sizes) <= 2_000
    assert sum(size < 1_900 for size in sizes) <= 1


def test_each_child_hears_of_a_removal(tmp_path: Path) -> None:
    rest = """
def child(name, orders, done):
    while order := os.read(orders, 1):
        logger.info(name + order.decode())
        os.write(done, b".")
    os._exit(0)

done, tell = os.pipe()
orders = {}
children = []
for name in "AB":
    read, orders[name] = os.pipe()
    children.append(os.fork())
    if children[-1] == 0:
        child(name, read, tell)

def order(name, number):
    os.write(orders[name], number)
    os.read(done, 1)

order("A", b"1")
order("B", b"1")
os.remove(path)
for number in (b"2", b"3"):
    order("A", number)
    order("B", number)
for child in children:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
print(*open(path).read().split())
"""

    read = output(program(rest, async_write=False), tmp_path / "app.log")

    assert {"A2", "B2", "A3", "B3"} <= set(read.split())


def test_child_does_not_keep_the_lock_of_a_parent_that_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    rest = """
logger.info("begun")
if os.fork() == 0:
    os.read(0, 1)
    os._exit(0)
while True:
    logger.info("x" * 90)
"""
    held = 0

    for attempt in range(8):
        stays, goes = os.pipe()
        parent = os.posix_spawn(
            *python(program(rest, rotation="1 GB", async_write=False), path),
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, stays, 0), (os.POSIX_SPAWN_CLOSE, goes)],
        )
        os.close(stays)
        await_size(path, 1_000_000 * (attempt + 1))
        os.kill(parent, signal.SIGKILL)
        os.waitpid(parent, 0)
        held += is_locked(path)
        os.close(goes)

    assert held == 0


def python(code: str, path: Path) -> tuple[str, list[str]]:
    return sys.executable, [sys.executable, "-c", code, str(path)]


def await_size(path: Path, size: int) -> None:
    until = time.monotonic() + 30
    while not path.exists() or path.stat().st_size < size:
        assert time.monotonic() < until


def is_locked(path: Path) -> bool:
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False

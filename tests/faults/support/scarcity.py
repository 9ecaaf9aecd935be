"""Code for fault test programs that run out of space, descriptors, threads or permission; and small disks for them."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.support import child

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

MOST_SAID = 10
"""The most lines on standard error that a fault of a few seconds may cause."""

SCARCITY = """
import errno, itertools, resource, subprocess

def fill(path):
    # Byte by byte at last: nothing is left, be it in a page that is begun.
    with open(path, "wb", buffering=0) as filler:
        for size in (4096, 1):
            try:
                while True:
                    filler.write(b"x" * size)
            except OSError:
                pass

def spend_inodes(folder):
    made = []
    try:
        while True:
            made.append(f"{folder}/inode{len(made)}")
            open(made[-1], "w").close()
    except OSError:
        return made[:-1]

def spend_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    spent = []
    try:
        while True:
            spent.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        return spent

def limit_files(most):
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))

def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)

def log_until(is_enough, start):
    # What is tried again after a pause needs a reason to be tried; the number of the next line.
    for number in itertools.count(start):
        log(1, number)
        logger.flush()
        if is_enough():
            return number + 1

def archives(folder="."):
    return sorted(name for name in os.listdir(folder) if name.startswith("app.") and name != "app.log")
"""

NO_THREADS = """
import ctypes, resource

def forbid_threads():
    # Root may have as many as it likes: it becomes somebody else in name, and gives up the capabilities that help here.
    if os.geteuid() == 0:
        os.setresuid(65534, 0, 0)
        libc, header, held = ctypes.CDLL(None), (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
        assert libc.capget(header, held) == 0
        held[0] &= ~(1 << 21 | 1 << 24)
        assert libc.capset(header, held) == 0
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    try:
        threading.Thread(target=int).start()
    except RuntimeError:
        return
    raise AssertionError("a thread could be made")
"""
"""Code that keeps a program from starting any more threads."""


@contextmanager
def mounted(at: Path, *arguments: object) -> Iterator[Path]:
    """Create a folder and mount something there until the block ends; skip the test if mounting is not possible."""
    at.mkdir(exist_ok=True)
    if shutil.which("mount") is None:
        pytest.skip("needs mount")
    done = child.execute(["mount", *map(str, arguments), str(at)])
    if done.returncode != 0:
        pytest.skip(f"needs to mount: {done.stderr.strip()}")
    try:
        yield at
    finally:
        child.execute(["umount", "--lazy", str(at)]).check()


def small_disk(at: Path, options: str) -> AbstractContextManager[Path]:
    """Give a file system in memory at *at* while the block runs."""
    return mounted(at, "-t", "tmpfs", "-o", options, "tmpfs")


def check_reports(result: child.Result, *texts: str) -> None:
    """Check that a program's lines on standard error are few, and that each of the texts stands in them."""
    __tracebackhide__ = True
    assert [text for text in texts if text not in result.stderr] == [], result.stderr
    assert len(result.stderr.splitlines()) <= MOST_SAID, result.stderr

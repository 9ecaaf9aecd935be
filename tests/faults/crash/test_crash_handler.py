"""`install_crash_handler`: a fatal signal finds the queue written, runs the handler before, and ends the process."""

from __future__ import annotations

import platform
import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.child import run

if TYPE_CHECKING:
    from pathlib import Path

BEGIN = """
import ctypes, faulthandler, mmap, os, platform, resource, signal, sys, threading
from logly import logger

resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
logger.configure(console=False)
CODE = {"x86_64": b"\\x0f\\x0b", "aarch64": bytes(4)}.get(platform.machine(), bytes(16))
"""

LOG = """
logger.add(sys.argv[1], format="{message}")
for number in range(20_000):
    logger.info("line {number}", number=number)
"""

DEATHS = {
    "fault": ("ctypes.string_at(0)", signal.SIGSEGV),
    "abort": ("os.abort()", signal.SIGABRT),
    **{
        name: (f"signal.raise_signal(signal.{name})", getattr(signal, name))
        for name in ("SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL")
    },
    "another thread's": (
        "thread = threading.Thread(target=ctypes.string_at, args=(0,)); thread.start(); thread.join()",
        signal.SIGSEGV,
    ),
}

TRUNCATED = """
file = open(sys.argv[1] + ".page", "w+b")
file.truncate(4096)
page = mmap.mmap(file.fileno(), 4096)
file.truncate(0)
page[0]
"""

INSTRUCTION = """
page = mmap.mmap(-1, 4096, prot=7)
page.write(CODE)
ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
"""

DEATHS |= {
    "division": ("faulthandler._sigfpe()", signal.SIGFPE),
    "overflow of the stack": ("faulthandler._stack_overflow()", signal.SIGSEGV),
    "page without a file": (TRUNCATED, signal.SIGBUS),
    "instruction": (INSTRUCTION, signal.SIGILL),
}

WAIT = 2.0
"""Seconds that the handler holds a process whose writer hangs."""

HANG = 30.0
"""Seconds after which the handler counts as hanging, however busy the machine is."""

EXPECTED = [f"line {number}" for number in range(20_000)]


@pytest.mark.parametrize("death", DEATHS)
def test_queue_is_written_before_the_process_ends_by_its_signal(tmp_path: Path, death: str) -> None:
    code, number = DEATHS[death]

    result = run(BEGIN + "logger.install_crash_handler()\n" + LOG + code, tmp_path / "app.log")

    result.check(returncode=-number, stderr="")
    assert (tmp_path / "app.log").read_text().splitlines() == EXPECTED


@pytest.mark.parametrize("order", ["before", "after", "twice"])
def test_faulthandler_runs_too(tmp_path: Path, order: str) -> None:
    install = {
        "before": "faulthandler.enable()\nlogger.install_crash_handler()\n",
        "after": "logger.install_crash_handler()\nfaulthandler.enable()\n",
        "twice": "logger.install_crash_handler()\nfaulthandler.enable()\nlogger.install_crash_handler()\n",
    }

    result = run(BEGIN + LOG + install[order] + "ctypes.string_at(0)", tmp_path / "app.log")

    result.check(returncode=-signal.SIGSEGV)
    assert result.stderr.startswith("Fatal Python error: Segmentation fault\n")
    assert result.stderr.count("Fatal Python error") == 1
    assert (tmp_path / "app.log").read_text().splitlines() == EXPECTED


def test_handler_is_installed_once(tmp_path: Path) -> None:
    code = "print(logger.install_crash_handler(), logger.install_crash_handler())"

    run(BEGIN + code, tmp_path / "app.log").check(stdout="True False\n", stderr="")


def test_writer_that_hangs_holds_the_process_for_its_wait_and_not_for_ever(tmp_path: Path) -> None:
    os_path = tmp_path / "pipe"
    code = """
import time
os.mkfifo(sys.argv[1])
reader = os.open(sys.argv[1], os.O_RDONLY | os.O_NONBLOCK)
"""
    end = """
logger.install_crash_handler()
print(time.monotonic(), flush=True)
ctypes.string_at(0)
"""

    result = run(BEGIN + code + LOG + end, os_path)
    ended = time.monotonic()

    result.check(returncode=-signal.SIGSEGV, stderr="")
    held = ended - float(result.stdout)
    # The clock is the same in both processes.
    assert WAIT <= held < HANG


def test_forked_child_writes_its_own_queue(tmp_path: Path) -> None:
    code = """
import warnings
warnings.simplefilter("ignore", DeprecationWarning)  # CPython warns about forks in programs with threads.
child = os.fork()
if child == 0:
    logger.info("child")
    ctypes.string_at(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""

    result = run(BEGIN + "logger.install_crash_handler()\n" + LOG + code, tmp_path / "app.log")

    result.check(stdout=f"{-signal.SIGSEGV.value}\n", stderr="")
    assert (tmp_path / "app.log").read_text().count("child") == 1


def test_crash_of_a_writer_leaves_the_other_queues_to_their_writers(tmp_path: Path) -> None:
    code = """
logger.add(sys.argv[1] + ".other", format="{message}", buffer_size=65536)
logger.complete()
names = {task: open(f"/proc/self/task/{task}/comm").read().strip() for task in os.listdir("/proc/self/task")}
writer = [task for task, name in names.items() if name == "logly-writer"]
for number in range(100):
    logger.info("last {number}", number=number)
ctypes.CDLL(None).syscall(SYSCALL, os.getpid(), int(writer[0]), signal.SIGSEGV)
while True:
    signal.pause()
"""
    number = {"x86_64": 234, "aarch64": 131}[platform.machine()]

    result = run(
        BEGIN + "logger.install_crash_handler()\n" + LOG + code.replace("SYSCALL", str(number)), tmp_path / "app.log"
    )

    result.check(returncode=-signal.SIGSEGV, stderr="")
    lines = [(tmp_path / name).read_text().splitlines()[-1] for name in ("app.log", "app.log.other")]
    assert "last 99" in lines


def test_crash_in_a_child_of_multiprocessing_keeps_its_records(tmp_path: Path) -> None:
    code = """
import multiprocessing

def work(number):
    for line in range(1000):
        logger.info("child {number} {line}", number=number, line=line)
    ctypes.string_at(0)

if __name__ == "__main__":
    logger.install_crash_handler()
    logger.add(sys.argv[1], format="{message}")
    logger.info("parent")
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=work, args=(number,)) for number in range(3)]
    [child.start() for child in children]
    [child.join() for child in children]
    print([child.exitcode for child in children])
"""

    result = run(BEGIN + code, tmp_path / "app.log")

    result.check(stdout="[-11, -11, -11]\n")
    lines = (tmp_path / "app.log").read_text().splitlines()
    assert sorted(lines) == sorted(["parent", *(f"child {n} {line}" for n in range(3) for line in range(1000))])

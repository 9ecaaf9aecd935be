"""Direct sinks whose stream is slow, full, broken or closed: every record is counted, and the program goes on."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.support import child

if TYPE_CHECKING:
    from pathlib import Path

WRITER = """
import sys
from logly import logger

worker, length = sys.argv[1], int(sys.argv[2])
logger.add("stdout", direct=True, format="{message}")
for number in range(500):
    logger.info("{worker} {number} {padding}", worker=worker, number=number, padding="x" * length)
assert logger.complete(30)
"""
COUNTED = """
import os, sys
from logly import logger

sink = logger.add("stdout", direct=True, format="{message}")
for number in range(20000):
    logger.info("{n}", n=number)
logger.complete(float(sys.argv[1]))
stats = logger.stats()["sinks"][sink]
dropped = sum(stats["dropped"].values())
assert stats["accepted"] == 20000 == stats["written"] + dropped + stats["pending"], stats
os.write(2, b"written %d\\n" % stats["written"])
"""
LINES = [str(number) for number in range(20000)]


def start(program: str, *arguments: object, **options: object) -> subprocess.Popen[bytes]:
    """Start a program whose standard error is captured."""
    given = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(given, env=child.environment_of(), stderr=subprocess.PIPE, **options)


def read_to_end(descriptor: int, pause: float = 0) -> list[str]:
    """Return the lines of a pipe; *pause* seconds pass after each read, as with a slow reader."""
    parts = []
    while part := os.read(descriptor, 4096):
        parts.append(part)
        time.sleep(pause)
    os.close(descriptor)
    return b"".join(parts).decode().splitlines()


@pytest.mark.parametrize("length", [100, 3900])
def test_lines_of_several_processes_stay_whole(length: int) -> None:
    reading, writing = os.pipe()
    workers = [start(WRITER, worker, length, stdout=writing) for worker in range(4)]
    os.close(writing)

    lines = read_to_end(reading)

    assert [child.finish(worker).returncode for worker in workers] == [0] * 4
    assert sorted(lines) == sorted(f"{who} {number} {'x' * length}" for who in range(4) for number in range(500))


@pytest.mark.skipif(not shutil.which("strace"), reason="strace shows the writes")
def test_a_write_to_a_pipe_has_whole_lines_and_no_more_than_the_kernel_keeps_together(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-s", "200000", "-e", "trace=write", "-o", trace, sys.executable, "-c", WRITER]
    child.execute([*command, "0", "100"], env=child.environment_of()).check()
    child.execute([*command[:7], tmp_path / "long", *command[8:], "0", "9000"], env=child.environment_of()).check()

    writes = re.findall(r'write\((\d+), "(0 \d+ x.*)", (\d+)\) += (\d+)', trace.read_text())
    long = re.findall(r'write\(\d+, "0 \d+ x.*", (\d+)\)', (tmp_path / "long").read_text())

    assert writes
    assert all(int(descriptor) > 2 for descriptor, *_ in writes)
    assert all(text.endswith(r"\n") for _, text, *_ in writes)
    assert max(int(asked) for *_, asked, _ in writes) <= 4096
    assert sum(int(count) for *_, count in writes) / len(writes) > 1000, "lines are not gathered"
    assert min(map(int, long)) > 9000


@pytest.mark.parametrize("is_blocking", [True, False], ids=["blocking", "nonblocking"])
def test_slow_reader_gets_every_line(is_blocking: bool) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, is_blocking)
    process = start(COUNTED, 30, stdout=writing)
    os.close(writing)

    lines = read_to_end(reading, 0.01)

    assert lines == LINES
    child.finish(process).check(stderr=b"written 20000\n")


def test_long_lines_of_two_sinks_are_not_torn_in_a_full_pipe_that_does_not_block() -> None:
    program = """
from logly import logger

logger.add("stdout", direct=True, format="{message}", filter={"__main__": "INFO"})
logger.add("stderr", direct=True, format="{message}")
for number in range(20):
    logger.info("{n} {text}", n=number, text="x" * 50_000)
"""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    process = subprocess.Popen(
        [sys.executable, "-c", program], env=child.environment_of(), stdout=writing, stderr=writing
    )
    os.close(writing)

    lines = read_to_end(reading, 0.001)

    assert process.wait(child.LIMIT) == 0
    assert lines == [f"{number} {'x' * 50_000}" for number in range(20) for _ in range(2)]


@pytest.mark.parametrize("is_blocking", [True, False], ids=["blocking", "nonblocking"])
def test_reader_that_takes_nothing_delays_the_end_by_the_exit_timeout_only(is_blocking: bool) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, is_blocking)
    begin = time.monotonic()
    process = start(COUNTED, 0.1, stdout=writing)
    os.close(writing)

    finished = child.finish(process).check()

    os.close(reading)
    assert b"records could not be written before the process ended" in finished.stderr
    # The promise is five seconds, and the machine may be busy.
    assert time.monotonic() - begin < 30


def test_broken_pipe_is_told_once_and_costs_the_program_nothing() -> None:
    reading, writing = os.pipe()
    process = start(COUNTED, 0.5, stdout=writing)
    os.close(writing)
    assert os.read(reading, 2) == b"0\n"
    os.close(reading)

    finished = child.finish(process).check()

    told = finished.stderr.decode().splitlines()
    assert [line for line in told if "Broken pipe" in line] == [
        "logly: stdout: cannot write: Broken pipe (os error 32); lines are kept and tried again"
    ]
    assert re.fullmatch(r"logly: \d+ records could not be written before the process ended", told[-1])


def test_program_that_wants_the_signal_of_a_broken_pipe_ends_by_it() -> None:
    program = "import signal; signal.signal(signal.SIGPIPE, signal.SIG_DFL)\n" + COUNTED
    reading, writing = os.pipe()
    process = start(program, 5, stdout=writing)
    os.close(writing)
    os.close(reading)

    child.finish(process).check(returncode=-signal.SIGPIPE)


@pytest.mark.parametrize("descriptor", [1, 2])
def test_descriptor_closed_at_the_start_is_an_error_of_add(descriptor: int) -> None:
    program = """
import os, sys
from logly import logger

name = {1: "stdout", 2: "stderr"}[int(sys.argv[1])]
try:
    logger.add(name, direct=True)
except OSError as error:
    os.write(3 - int(sys.argv[1]), str(error).encode())
"""
    command = f'exec "$0" -c "$1" {descriptor} {descriptor}>&-'

    finished = child.execute(["sh", "-c", command, sys.executable, program], env=child.environment_of()).check()

    expected = f"[Errno 9] Bad file descriptor: '{'stdout' if descriptor == 1 else 'stderr'}'"
    assert (finished.stderr if descriptor == 1 else finished.stdout) == expected


def test_other_file_with_the_number_of_a_closed_descriptor_gets_no_line(tmp_path: Path) -> None:
    program = """
import os
from logly import logger

sink = logger.add("stdout", direct=True, format="{message}")
logger.info("before")
assert logger.complete(10)
os.close(1)
os.closerange(3, 4096)
other = os.open("other", os.O_RDWR | os.O_CREAT)
assert other == 1
logger.info("after")
logger.complete(0.5)
assert os.fstat(1).st_size == 0
assert logger.stats()["sinks"][sink]["pending"] == 1
logger.reopen()
assert logger.complete(10)
"""

    finished = child.run(program, cwd=tmp_path).check(stdout="before\n")

    told = "logly: stdout: cannot write: descriptor 1 is another file now, which reopen() accepts"
    assert finished.stderr.startswith(told), finished.stderr
    assert (tmp_path / "other").read_text() == "after\n"


def test_program_may_close_the_descriptor_and_go_on_logging() -> None:
    program = """
import os
from logly import logger

logger.add("stdout", direct=True, format="{message}")
logger.info("before")
os.close(1)
logger.info("after")
assert logger.complete(10)
os.closerange(3, 4096)
logger.info("lost")
assert not logger.complete(0.2)
"""

    finished = child.run(program).check(stdout="before\nafter\n")

    assert "stdout: cannot write: Bad file descriptor" in finished.stderr


def test_many_threads_keep_the_order_of_each() -> None:
    program = """
import threading
from logly import logger

def work(worker):
    for number in range(1000):
        logger.log("ERROR" if number % 5 == 0 else "INFO", "{worker} {n}", worker=worker, n=number)

logger.add("stdout", direct=True, format="{message}", filter={"__main__": "INFO"})
logger.add("stderr", direct=True, format="{message}", level="ERROR")
threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""

    lines = child.run(program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).check().stdout.splitlines()

    for worker in range(4):
        numbers = [int(line.split()[1]) for line in lines if line.startswith(f"{worker} ")]
        assert numbers == sorted([*range(1000), *range(0, 1000, 5)])


def test_reader_in_the_same_process_needs_the_lock_that_the_writer_does_not_hold() -> None:
    """A full pipe blocks the writer, not the thread of Python that would empty the pipe."""
    reading, writing = os.pipe()
    program = f"""
import os, sys, threading
os.dup2({writing}, 1)
os.close({writing})
from logly import logger

logger.add("stdout", direct=True, format="{{message}}")
lines = []
reader = threading.Thread(target=lambda: lines.append(os.read({reading}, 100)))
for number in range(30_000):
    logger.info("a line that fills the pipe {{n}}", n=number)
reader.start()
reader.join(10)
os.write(2, lines[0][:6])
os._exit(0)
"""
    process = start(program, pass_fds=[reading, writing])
    os.close(reading)
    os.close(writing)

    assert child.finish(process).stderr == b"a line"

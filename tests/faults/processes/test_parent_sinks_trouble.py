"""Workers feed the sinks of their parent when it is busy, when signals come, and when calls of the system fail."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.faults.processes.test_taking_over_rules import start
from tests.faults.support.oracle import run_file

if TYPE_CHECKING:
    from pathlib import Path

BUSY = """
logger.configure(console=False)
os.mkfifo("gate")
seen = []
def slow(message):
    if not seen:
        open("gate").close()
    seen.append(message.rstrip())
    open("handled", "w").close()
logger.add(slow, format="{message}")
"""
"""A parent that is busy with the first record until somebody opens the gate."""

OPEN = 'open("gate", "w").close()'


@pytest.mark.parametrize("sinks", [0, 1, 2])
def test_callbacks_get_their_records_wherever_they_were_added(tmp_path: Path, sinks: int) -> None:
    main = f"""
import json
logger.configure(console=False)
calls, lines = [], []
for number in range({sinks}):
    logger.add(lambda message: lines.append(message.rstrip()), format="{{message}}")
logger.add_callback(lambda record: calls.append(record["message"]))
logger.add(lambda message: lines.append(message.rstrip()), format="{{message}}")
logger.add_callback(lambda record: calls.append(record["message"]))
"""
    after = "assert logger.complete(60)\nprint(json.dumps([calls, lines]))"

    result = start(tmp_path, "spawn", "logger.info('x')", main, after).check(stderr="")

    assert json.loads(result.stdout) == [["x"] * 2, ["x"] * (sinks + 1)]


def test_a_sink_that_is_added_later_gets_no_records_of_workers(tmp_path: Path) -> None:
    program = """
import multiprocessing
from logly import logger

def grandchild(begin):
    begin.wait()
    logger.info("of the worker of a worker")

def child(begin):
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=grandchild, args=(begin,))
    process.start()
    begin.wait()
    logger.info("of a worker")
    process.join()

if __name__ == "__main__":
    logger.configure(console=False)
    calls, late = [], []
    logger.add_callback(lambda record: calls.append(record["message"]))
    logger.add("app.log")
    context = multiprocessing.get_context("spawn")
    begin = context.Event()
    process = context.Process(target=child, args=(begin,))
    process.start()
    logger.add(late.append)
    begin.set()
    process.join()
    assert logger.complete(60)
    print(sorted(calls), late)
"""

    run_file(tmp_path, program).check(stdout="['of a worker', 'of the worker of a worker'] []\n", stderr="")


def test_many_processes_may_connect_before_one_of_them_shows_the_token(tmp_path: Path) -> None:
    after = """
import socket
from logly._process import intake
open("gate", "w").close()
logger.complete(60)
number, user, name, token = intake.address()
workers = [socket.socket(socket.AF_UNIX) for _ in range(100)]
for worker in workers:
    worker.connect(name)
assert logger.complete(60)
for worker in workers:
    worker.sendall(token + os.urandom(8))
print([worker.recv(1) for worker in workers].count(bytes([1])), end="")
"""

    start(tmp_path, "spawn", "logger.info('x')", BUSY, after).check(stdout="100", stderr="")


@pytest.mark.skipif(sys.platform != "linux", reason="counts connections by a file of Linux")
def test_two_hundred_workers_connect_at_once(tmp_path: Path) -> None:
    child = f"""
import time
began, begin = os.pipe()
def work(number):
    os.close(begin)
    os.read(began, 1)
    logger.info("{{number}}", number=number)
    assert logger.complete(60)
    os._exit(0 if logger.stats()["sinks"][1]["written"] == 1 else 3)
def connecting():
    with open("/proc/net/unix") as sockets:
        return sum(f"@logly-{{os.getppid()}}-" in line for line in sockets)
workers = []
for number in range(200):
    workers.append(os.fork())
    if workers[-1] == 0:
        work(number)
os.close(begin)
while connecting() < 120:
    time.sleep(0.01)
{OPEN}
print([os.waitpid(worker, 0)[1] for worker in workers] == [0] * 200)
"""
    after = "logger.complete(60)\nprint(sorted(map(int, seen)) == list(range(200)))"

    start(tmp_path, "spawn", child, BUSY, after).check(stdout="True\nTrue\n", stderr="")


def test_the_next_connection_asks_for_the_frames_of_the_lost_one(tmp_path: Path) -> None:
    child = f"""
from logly._process import feed
logger.info("x")
print(logger.complete(0.2))
for way in feed._feeds.values():
    way._drop()
print(logger.complete(0.2), os.path.exists("handled"))
{OPEN}
print(logger.complete(60), os.path.exists("handled"))
"""

    result = start(tmp_path, "spawn", child, BUSY).check(stderr="")

    assert result.stdout.splitlines() == ["False", "False False", "True True"]


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can be another user")
def test_another_user_takes_no_place_of_a_worker(tmp_path: Path) -> None:
    after = """
import socket, warnings
from logly._process import intake
warnings.simplefilter("ignore", DeprecationWarning)  # CPython warns about forks in programs with threads.
open("gate", "w").close()
logger.complete(60)
name = intake.address()[2]
(done, told), (end, ending) = os.pipe(), os.pipe()
if os.fork() == 0:
    os.setuid(65534)
    strangers = []
    for _ in range(500):
        strangers.append(socket.socket(socket.AF_UNIX))
        strangers[-1].connect(name)
    os.write(told, b"x")
    os.read(end, 1)
    os._exit(0)
os.read(done, 1)
assert logger.complete(60)
print(len(intake._intakes[os.getpid()]._connections) < 100, end=" ")
run()
assert logger.complete(60)
print(len(seen), end="")
os.write(ending, b"x")
"""

    start(tmp_path, "spawn", "logger.info('x')", BUSY, after).check(stdout="True 2", stderr="")


def test_a_record_counts_once_the_parent_has_let_the_worker_in_but_the_call_returns_before(tmp_path: Path) -> None:
    child = """
if os.path.exists("busy"):
    import time
    counted = lambda: (logger.stats()["sinks"][1]["written"], logger.stats()["sinks"][1]["pending"])
    began = time.monotonic()
    logger.info("second")
    print(logger.complete(0.3), counted(), time.monotonic() - began < 5)
    open("gate", "w").close()
    print(logger.complete(60), counted())
else:
    open("busy", "w").close()
    logger.info("first")
"""
    after = "run()\nprint(seen)"

    result = start(tmp_path, "spawn", child, BUSY, after).check(stderr="")

    assert result.stdout.splitlines() == ["False (0, 1) True", "True (1, 0)", "['first', 'second']"]


def test_complete_in_a_worker_is_false_as_long_as_the_parent_is_busy(tmp_path: Path) -> None:
    child = f"""
logger.info("x")
print(*[logger.complete(timeout) for timeout in (0.2, 0, 0, 0.2)], os.path.exists("handled"))
{OPEN}
print(logger.complete(60), os.path.exists("handled"), logger.complete(0))
"""

    result = start(tmp_path, "spawn", child, BUSY).check(stderr="")

    assert result.stdout.splitlines() == ["False False False False False", "True True True"]


def test_a_signal_handler_may_complete_while_the_main_thread_does(tmp_path: Path) -> None:
    child = f"""
import signal
def is_asking(frame):
    while frame is not None and not frame.f_code.co_filename.endswith("feed.py"):
        frame = frame.f_back
    return frame is not None
def handle(number, frame):
    # The main thread waits for its answer.
    if is_asking(frame):
        signal.setitimer(signal.ITIMER_REAL, 0)
        {OPEN}
        print("handler", logger.complete())
signal.signal(signal.SIGALRM, handle)
logger.info("x")
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
print("main", logger.complete())
"""

    result = start(tmp_path, "spawn", child, BUSY).check(stderr="")

    assert result.stdout == "handler True\nmain True\n"


def test_signal_handlers_complete_at_any_moment_while_threads_log(tmp_path: Path) -> None:
    main = "logger.configure(console=False)\nlogger.add(lambda message: None)\nlogger.add_callback(lambda record: None)"
    child = """
import signal, threading, time
until = time.monotonic() + 2
calls = []
def handle(number, frame):
    if len(calls) % 2 == 0:
        calls.append("begun")
        logger.complete()
        calls.append("done")
def work():
    while time.monotonic() < until:
        logger.info("x")
        logger.complete(0)
signal.signal(signal.SIGALRM, handle)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
while time.monotonic() < until:
    logger.complete()
signal.setitimer(signal.ITIMER_REAL, 0)
for thread in threads:
    thread.join()
print(len(calls) > 10, logger.complete(60))
"""

    start(tmp_path, "spawn", child, main).check(stdout="True True\n", stderr="")


def test_a_program_may_look_again_and_again_whether_records_are_handled(tmp_path: Path) -> None:
    child = f"""
import time
logger.info("x")
logger.complete(0)
{OPEN}
while not logger.complete(0):
    time.sleep(0.001)
print(os.path.exists("handled"))
"""

    start(tmp_path, "spawn", child, BUSY).check(stdout="True\n", stderr="")


@pytest.mark.skipif(sys.platform != "linux", reason="counts connections by a file of Linux")
def test_a_parent_without_descriptors_lets_workers_in_later(tmp_path: Path) -> None:
    program = """
import multiprocessing, os, resource, time
from logly import logger

def child():
    logger.info("x")
    print(logger.complete(60), logger.stats()["sinks"][1]["written"], flush=True)

def connections():
    sockets.seek(0)
    return sockets.read(1 << 24).count(b"@logly-%d-" % os.getpid())

if __name__ == "__main__":
    logger.configure(console=False)
    seen = []
    logger.add(lambda message: seen.append(message.rstrip()), format="{message}")
    process = multiprocessing.get_context("spawn").Process(target=child)
    process.start()
    sockets = open("/proc/net/unix", "rb", buffering=0)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = [os.open(os.devnull, os.O_RDONLY)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (taken[0] + 20, limits[1]))
    try:
        while True:
            taken.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        pass
    # The socket itself, and one that the worker has connected to it.
    while connections() < 2:
        time.sleep(0.01)
    print(logger.complete(0.2), logger.complete(), seen, flush=True)
    for descriptor in taken:
        os.close(descriptor)
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    process.join()
    print(logger.complete(60), seen)
"""

    result = run_file(tmp_path, program).check(stderr="")

    assert result.stdout.splitlines() == ["False False []", "True 1", "True ['x']"]


def test_a_parent_that_ends_by_closed_pipes_survives_a_worker_that_does_not_wait(tmp_path: Path) -> None:
    main = f"import signal\nsignal.signal(signal.SIGPIPE, signal.SIG_DFL)\n{BUSY}"
    child = "logger.info('x')\nprint(logger.complete(0.3), flush=True)\nos._exit(0)"
    after = f"{OPEN}\nprint(logger.complete(60), seen)"

    start(tmp_path, "spawn", child, main, after).check(stdout="False\nTrue ['x']\n", stderr="")


def test_a_lack_of_descriptors_costs_one_record(tmp_path: Path) -> None:
    main = """
logger.configure(console=False)
seen = []
logger.add(lambda message: seen.append(message.rstrip()), format="{message}")
"""
    child = """
import resource
logger.stats()
limits = resource.getrlimit(resource.RLIMIT_NOFILE)
taken = [os.open(os.devnull, os.O_RDONLY)]
resource.setrlimit(resource.RLIMIT_NOFILE, (taken[0] + 20, limits[1]))
try:
    while True:
        taken.append(os.open(os.devnull, os.O_RDONLY))
except OSError:
    pass
logger.info("lost")
logger.complete(60)
for descriptor in taken:
    os.close(descriptor)
resource.setrlimit(resource.RLIMIT_NOFILE, limits)
for number in range(3):
    logger.info("line {number}", number=number)
print(logger.complete(60), end=" ")
counted = logger.stats()["sinks"][1]
print(counted["written"], counted["dropped"]["sink_error"], counted["dropped"]["closed"])
"""

    result = start(tmp_path, "spawn", child, main, "print(*seen, sep=', ')")

    assert result.stdout.splitlines() == ["True 3 1 0", "line 0, line 1, line 2"]
    assert "Too many open files" in result.stderr
    assert "has ended" not in result.stderr


def test_complete_in_a_parent_without_a_wait_tells_whether_records_are_left(tmp_path: Path) -> None:
    after = f"""
print(logger.complete(0), end=" ")
{OPEN}
print(logger.complete(60), all(logger.complete(0) for _ in range(200)), end="")
"""

    start(tmp_path, "spawn", "logger.info('x')", BUSY, after).check(stdout="False True True", stderr="")

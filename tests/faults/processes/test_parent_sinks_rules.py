"""The rules for sinks and callbacks of a process that its workers feed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.faults.processes.test_taking_over_rules import STARTED_AFRESH, start
from tests.faults.support.oracle import run_file
from tests.support.documents import REPOSITORY, files

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.child import Result

SEEN = """
logger.configure(console=False)
seen = []
logger.add(lambda message: seen.append((message, message.record)), format="{level} {message}{fields}", backtrace=True)
"""


def shown(result: Result) -> list:
    return json.loads(result.check(stderr="").stdout)


@STARTED_AFRESH
def test_records_arrive_as_they_were_logged(tmp_path: Path, method: str) -> None:
    child = """
import datetime, threading
logger.level("AUDIT", no=35)
def log():
    with logger.contextualize(task=7):
        try:
            1 / 0
        except ZeroDivisionError:
            fields = {"ratio": 0.5, "flag": True, "none": None, "big": 10**30, "day": datetime.date(2025, 1, 2)}
            logger.exception("failed with {code}", code=12, **fields)
thread = threading.Thread(target=log, name="logging-thread")
thread.start()
thread.join()
logger.log("AUDIT", "audit")
print(json.dumps(os.getpid()), file=sys.stderr)
"""
    after = """
assert logger.complete(60)
(text, record), (audit, _) = seen
print(json.dumps([text.splitlines()[0], audit, record["extra"], record["thread"].name, record["process"].id,
    record["process"].name, record["function"], record["line"], record["exception"] is None, text.splitlines()[-1]]))
"""

    result = start(tmp_path, method, f"import json\n{child}", f"import json\n{SEEN}", after)

    first, audit, extra, thread, process, name, function, line, lacks_exception, last = json.loads(result.stdout)
    assert first.startswith("ERROR failed with 12 task=7 ratio=0.5 flag=True none=None big=1000")
    assert audit == "AUDIT audit\n"
    assert extra == {
        "task": 7,
        "code": 12,
        "ratio": 0.5,
        "flag": True,
        "none": None,
        "big": 10**30,
        "day": "2025-01-02",
    }
    assert (thread, process, function) == ("logging-thread", json.loads(result.stderr), "log")
    assert name.endswith("Process-1")
    assert line > 1
    assert not lacks_exception
    assert last.startswith("ZeroDivisionError")


def test_all_that_stays_with_the_parent_is_fed(tmp_path: Path) -> None:
    main = """
import io, logging
logger.configure(console=False)
class Kept(logging.Handler):
    def emit(self, record):
        lines.append(f"handler {record.getMessage()} {record.process != os.getpid()}")
async def coroutine(message):
    lines.append("coroutine " + message)
lines, text = [], io.StringIO()
logger.add(text, format="text {message}")
logger.add(Kept())
logger.add(coroutine, format="{message}")
logger.add(lambda message: lines.append("background " + message), format="{message}", async_write=True)
logger.add("filtered.log", filter=lambda record: record["level"] == "ERROR", format="filtered {message}")
logger.add(lambda message: lines.append("where " + message), where="level >= ERROR", format="{message}{fields}",
    redact={"keys": ["token"]})
logger.add_callback(lambda record: lines.append("callback " + record["message"]), name="named")
"""
    child = """
logger.info("info")
logger.error("error", token="secret")
assert logger.remove_callback("named")
logger.info("last")
"""
    after = """
assert logger.complete(60)
print(*sorted(line.rstrip() for line in lines), text.getvalue(), sep="\\n", end="")
"""

    result = start(tmp_path, "spawn", child, main, after).check(stderr="")

    assert result.stdout.splitlines() == [
        *("background error", "background info", "background last"),
        *("callback error", "callback info"),
        *("coroutine error", "coroutine info", "coroutine last"),
        *("handler error True", "handler info True", "handler last True"),
        *("where error token=***", "text info", "text error", "text last"),
    ]
    assert (tmp_path / "filtered.log").read_text() == "filtered error\n"


def test_complete_in_a_worker_waits_for_the_sinks_of_its_parent(tmp_path: Path) -> None:
    child = "for number in range(200):\n    logger.info('line')\nassert logger.complete(60)\nos._exit(0)"

    assert shown(start(tmp_path, "spawn", child, SEEN, "print(len(seen))")) == 200


def test_workers_of_workers_feed_the_sinks_of_the_first_process(tmp_path: Path) -> None:
    child = """
if len(sys.argv) == 1:
    sys.argv.append("grandchild")
    process = multiprocessing.get_context("spawn").Process(target=child)
    process.start()
    process.join()
logger.info("depth")
"""

    assert shown(start(tmp_path, "spawn", child, SEEN, "logger.complete(60)\nprint(len(seen))")) == 2


def test_there_is_no_thread_before_the_first_worker_and_none_for_sinks_that_travel(tmp_path: Path) -> None:
    main = "import threading\nlogger.configure(console=False)\nlogger.add('app.log', format='{message}')"
    after = """
names = lambda: [thread.name for thread in threading.enumerate() if thread.name == "logly-intake"]
print([names()], end="")
logger.add(lambda message: None)
print([names()], end="")
run()
print([names()], end="")
"""

    start(tmp_path, "spawn", "logger.info('x')", main, after).check(stdout="[[]][[]][['logly-intake']]", stderr="")


def test_records_of_workers_that_outlive_the_main_module_arrive(tmp_path: Path) -> None:
    program = """
import multiprocessing, os, sys, threading, time
from logly import logger

def child():
    # This file is there once the main module has ended.
    while not os.path.exists("over"):
        time.sleep(0.001)
    for number in range(5):
        logger.info("late", number=number)

def tell():
    threading.main_thread().join()
    open("over", "w").close()

if __name__ == "__main__":
    logger.configure(console=False)
    logger.add(lambda message: os.write(1, message.encode()), format="{message} {number}")
    threading.Thread(target=tell).start()
    multiprocessing.get_context("spawn").Process(target=child).start()
"""
    result = run_file(tmp_path, program).check(stderr="")

    assert result.stdout == "".join(f"late {number}\n" for number in range(5))


def test_a_worker_whose_parent_died_says_so_once_and_counts(tmp_path: Path) -> None:
    program = """
import multiprocessing, os, signal, sys
from logly import logger

def child(pipe):
    logger.info("before")
    assert logger.complete(60)
    os.kill(os.getppid(), signal.SIGKILL)
    try:
        pipe.recv()
    except EOFError:
        pass
    for _ in range(5):
        logger.info("after")
    logger.complete(60)
    print(*[(counted["written"], counted["dropped"]["closed"]) for counted in logger.stats()["sinks"].values()])

if __name__ == "__main__":
    logger.configure(console=False)
    logger.add(lambda message: None)
    logger.add([].append)
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=child, args=(there,))
    process.start()
    there.close()
    process.join()
"""

    result = run_file(tmp_path, program)

    told = [line for line in result.stderr.splitlines() if line.startswith("logly")]
    assert result.stdout == "(1, 5) (1, 5)\n"
    assert len(told) == 1
    assert told[0].endswith("has ended or does not answer; records for these sinks are dropped")


def test_a_full_queue_drops_as_the_sink_says_and_blocks_no_call(tmp_path: Path) -> None:
    main = """
import json
logger.configure(console=False)
os.mkfifo("gate")
seen = []
def slow(message):
    if not seen:
        open("gate").close()
    seen.append((message.record["extra"].get("number"), os.path.exists("all calls have returned")))
logger.add(slow, overflow="drop_new", max_buffered_lines=10)
"""
    child = """
import json
counted = lambda: logger.stats()["sinks"][1]
calls = 0
while counted()["dropped"]["overflow"] < 5:
    logger.info("line", number=calls, padding="x" * 1000)
    calls += 1
open("all calls have returned", "w").close()
open("gate", "w").close()
assert logger.complete(60)
print(json.dumps([calls, counted()["accepted"], counted()["written"], counted()["dropped"]["overflow"]]))
"""
    after = "logger.complete(60)\nprint(json.dumps(seen))"

    result = start(tmp_path, "spawn", child, main, after).check(stderr="")

    (calls, accepted, written, dropped), seen = map(json.loads, result.stdout.splitlines())
    numbers = [number for number, _ in seen if number is not None]
    assert calls == accepted == written + dropped
    assert numbers == list(range(written))
    assert len(seen) == len(numbers) + 1  # the notice of dropped records
    # The first record was handled when no call was left that could wait.
    assert all(is_late for _, is_late in seen)


@pytest.mark.parametrize("sent", [b"", b"x" * 16, b"x" * 1000])
def test_a_connection_without_the_token_reaches_no_sink(tmp_path: Path, sent: bytes) -> None:
    after = f"""
import socket
from logly._process import intake
with socket.socket(socket.AF_UNIX) as stranger:
    stranger.connect(intake.address()[2])
    stranger.sendall({sent!r})
    assert logger.complete(60)
    if {len(sent)} >= 16:
        try:
            assert stranger.recv(1) == b""
        except ConnectionResetError:
            pass
run()
logger.complete(60)
print(len(seen))
"""

    assert shown(start(tmp_path, "spawn", "logger.info('x')", SEEN, after)) == 2


def test_the_program_of_the_guide_collects_the_records_of_its_workers(tmp_path: Path) -> None:
    page = REPOSITORY / "docs" / "guides" / "processes.md"
    shown = page.read_text(encoding="utf-8").rpartition("```text stdout\n")[2].partition("```")[0]

    run_file(tmp_path, files(page)["collect.py"]).check(stdout=shown, stderr="")

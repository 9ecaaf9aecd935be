"""`sync_level`: calls from a level up return when the operating system has everything logged so far."""

from __future__ import annotations

import io
import os
import signal
import threading

import pytest
from logly import logger

from tests.support import child
from tests.support.stall import Stall, count_gaps

pytestmark = pytest.mark.usefixtures("no_console")

HOUR = 3_600_000


@pytest.mark.parametrize("options", [{}, {"buffer_size": 65536}, {"flush_interval": HOUR}])
def test_call_returns_when_it_and_all_before_are_in_the_file(tmp_path, options):
    path = tmp_path / "app.log"
    logger.add(path, sync_level="ERROR", format="{message}", **options)

    for start in range(0, 1000, 100):
        for number in range(start, start + 99):
            logger.info(str(number))
        logger.error(str(start + 99))

        lines = path.read_text().splitlines()
        assert len(lines) == start + 100
        assert count_gaps(lines) == 0


def test_records_of_other_threads_from_before_are_in_the_file_too(tmp_path):
    path = tmp_path / "app.log"
    logger.add(path, sync_level="CRITICAL", format="{message}")
    threads = [threading.Thread(target=lambda: [logger.info("m") for _ in range(500)]) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    logger.critical("last")

    assert path.read_text().count("\n") == 2001


def test_line_that_python_made_is_in_the_file(tmp_path):
    path = tmp_path / "app.log"
    logger.add(path, sync_level="ERROR", format=lambda record: record["message"])

    logger.error("m")

    assert path.read_text() == "m\n"


def test_levels_of_files_are_their_own(tmp_path):
    strict, lax = tmp_path / "strict.log", tmp_path / "lax.log"
    logger.add(strict, sync_level="INFO", format="{message}")
    logger.add(lax, sync_level="CRITICAL", flush_interval=HOUR, format="{message}")
    logger.info("m")
    # At the second call the writer of `lax` finds nothing. It wakes for the next record, and then sleeps for an hour.
    assert logger.complete(20)
    assert logger.complete(20)

    for number in range(100):
        logger.info(str(number))
        assert strict.read_text().endswith(f"m\n{number}\n" if number == 0 else f"\n{number}\n")
    assert logger.stats()["sinks"][logger.list_sinks()[1]]["written"] < 101

    logger.critical("m")
    assert lax.read_text() == strict.read_text()


def test_kill_loses_nothing_up_to_a_call_that_waited(tmp_path):
    program = """
import os, signal, sys
from logly import logger
logger.configure(console=False)
logger.add(sys.argv[1], sync_level="ERROR", format="{message}")
for number in range(5000):
    logger.info(str(number))
logger.error("5000")
os.kill(os.getpid(), signal.SIGKILL)
"""

    finished = child.run(program, tmp_path / "app.log")

    finished.check(returncode=-signal.SIGKILL)
    lines = (tmp_path / "app.log").read_text().splitlines()
    assert (len(lines), count_gaps(lines)) == (5001, 0)


def test_file_that_cannot_be_written_holds_nobody_up(capfd):
    logger.add("/dev/full", sync_level="ERROR")

    for _ in range(100):
        logger.error("m")

    assert "/dev/full: cannot write" in capfd.readouterr().err


def test_file_that_hangs_is_waited_for_once(tmp_path, capfd):
    stall = Stall(tmp_path / "pipe")
    sink = stall.add(sync_level="ERROR", block_timeout=0.05, format="{message}")

    for number in range(1000):  # Waiting for each record would take 50 seconds.
        logger.error(str(number))
    pending = logger.stats()["sinks"][sink]["pending"]
    stall.release()
    assert logger.complete(20)
    logger.error("1000")
    written = logger.stats()["sinks"][sink]["written"]

    assert (pending, written) == (1000, 1001)
    assert count_gaps(stall.lines()) == 0
    assert capfd.readouterr().err == "logly: a file did not take its lines in time; calls do not wait for it\n"
    stall.close()


def test_call_from_within_a_sink_waits_and_returns(tmp_path):
    class Echo:
        def write(self, text):
            logger.error("echo")

    logger.add(tmp_path / "app.log", sync_level="ERROR", format="{message}")
    logger.add(Echo())

    logger.error("m")

    assert (tmp_path / "app.log").read_text() == "m\necho\n"


@pytest.mark.parametrize("is_file", [True, False])
def test_synchronous_sinks_have_nothing_to_wait_for(tmp_path, is_file):
    stream = io.StringIO()
    target = tmp_path / "app.log" if is_file else stream
    logger.add(target, sync_level="TRACE", format="{message}", **({"async_write": False} if is_file else {}))

    logger.info("m")

    assert (target.read_text() if is_file else stream.getvalue()) == "m\n"


def test_sink_in_the_background_that_is_no_file_is_refused():
    with pytest.raises(ValueError, match="sync_level: expected a file, or a sink that is written by the thread"):
        logger.add(io.StringIO(), sync_level="ERROR", async_write=True)


def test_sink_that_is_off_is_not_waited_for(tmp_path):
    stall = Stall(tmp_path / "pipe")
    sink = stall.add(sync_level="ERROR", block_timeout=float("inf"))
    logger.add(io.StringIO())

    logger.disable_sink(sink)
    logger.error("m")  # Would wait without end.
    stall.close()


def test_forked_child_waits_for_its_own_writer(tmp_path):
    path = tmp_path / "app.log"
    logger.add(path, sync_level="ERROR", format="{message}")
    logger.error("parent")

    pid = os.fork()
    if pid == 0:
        logger.error("child")
        os._exit(0 if path.read_text() == "parent\nchild\n" else 1)
    _, status = os.waitpid(pid, 0)

    assert status == 0

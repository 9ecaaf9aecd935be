"""Control at run time while other threads log: the promises of `remove`, `configure` and the like always hold.

`LOGLY_STRESS=1` runs the stress for 30 seconds instead of 3.
"""

from __future__ import annotations

import io
import json
import os
import sys
import threading
import weakref
from pathlib import Path

import pytest
from logly import logger

from tests.support import child

SECONDS = 30 if "LOGLY_STRESS" in os.environ else 3

ROOT = Path(__file__).resolve().parent.parent.parent

LIMIT = 30
"""Seconds after which something counts as hung."""


@pytest.mark.parametrize("environment", [{}, {"LOGLY_SYNC": "1"}], ids=["background", "LOGLY_SYNC"])
def test_everything_may_be_changed_while_others_log(environment, tmp_path):
    program = [sys.executable, "-m", "tests.faults.support.control", str(tmp_path), str(SECONDS)]

    ended = child.execute(program, cwd=ROOT, env={**os.environ, **environment}, timeout=SECONDS + 240)

    ended.check(stderr="")
    summary = json.loads(ended.stdout)
    assert summary["problems"] == []
    assert summary["rounds"] > 10
    assert summary["records"] > 100


class Gate:
    """A place in the program where a thread waits; `reached` is set once it waits there."""

    def __init__(self):
        self.reached = threading.Event()
        self.opened = threading.Event()

    def wait(self):
        self.reached.set()
        assert self.opened.wait(LIMIT)


def logs(message):
    """Start a thread that logs a message."""
    thread = threading.Thread(target=logger.info, args=(message,))
    thread.start()
    return thread


@pytest.fixture
def gate():
    """Give a gate that is opened after the test in any case."""
    made = Gate()
    yield made
    made.opened.set()


def test_remove_waits_for_the_line_that_is_being_written(gate):
    happened = []

    def write(line):
        gate.wait()
        happened.append("written")

    def remove():
        logger.remove(sink)
        happened.append("removed")

    sink = logger.add(write)
    writer = logs("hello")
    assert gate.reached.wait(LIMIT)
    remover = threading.Thread(target=remove)
    remover.start()
    while sink in logger.list_sinks():
        pass
    gate.opened.set()
    writer.join(LIMIT)
    remover.join(LIMIT)

    assert happened == ["written", "removed"]


def test_call_that_began_before_remove_writes_nothing_after_it(gate):
    lines = []
    sink = logger.add(lines.append, filter=lambda record: gate.wait() is None)
    thread = logs("hello")
    assert gate.reached.wait(LIMIT)

    assert logger.remove(sink)
    gate.opened.set()
    thread.join(LIMIT)

    assert lines == []


def test_remove_of_a_sink_that_hangs_gives_up_what_waits_for_it(gate):
    lines = []

    def write(line):
        lines.append(line)
        gate.wait()

    logger.remove_all()
    sink = logger.add(write, format="{message}")
    hanging = logs("first")
    assert gate.reached.wait(LIMIT)
    waiting = logs("second")

    assert logger.remove(sink)
    gate.opened.set()
    hanging.join(LIMIT)
    waiting.join(LIMIT)

    assert lines == ["first\n"]


def test_sink_that_removes_another_does_not_wait_for_it(gate):
    other = logger.add(lambda line: gate.wait())
    thread = logs("hangs in the other sink")
    assert gate.reached.wait(LIMIT)
    answers = []
    first = logger.list_sinks()[0]
    logger.disable_sink(first)
    remover = logger.add(lambda line: answers.append((logger.remove(other), thread.is_alive())), level="ERROR")
    logger.disable_sink(other)

    logger.error("remove it")

    assert answers == [(True, True)]
    assert logger.list_sinks() == [first, remover]


@pytest.mark.parametrize(
    "add",
    [
        lambda path: logger.add_callback(lambda record: None),
        lambda path: logger.add(lambda line: None, async_write=True),
        logger.add,
        lambda path: logger.add(path, async_write=False),
    ],
    ids=["callback", "background function", "file", "synchronous file"],
)
def test_removed_sink_is_let_go_by_what_gets_no_records_any_more(add, tmp_path):
    add(tmp_path / "app.log")
    stream = io.StringIO()
    known = weakref.ref(stream)
    sink = logger.add(stream)
    logger.info("hello")
    logger.complete()

    logger.remove(sink)
    del stream

    assert known() is None


def test_configure_takes_back_nothing_that_changed_while_it_looked_at_values(text):
    class Value:
        def __str__(self):
            logger.set_level("ERROR")
            return "value"

    sink = logger.add(io.StringIO())
    logger.configure(extra={"value": Value()}, show_time=False)
    logger.info("hello")

    assert logger.sink_info(sink)["level"] == "ERROR"
    assert text.lines == ["hello value=value"]


def test_configure_ends_though_a_value_changes_the_settings_each_time(text):
    class Value:
        def __str__(self):
            logger.configure(show_time=False)
            return "value"

    logger.configure(extra={"value": Value()})
    logger.info("hello")

    assert text.lines == ["hello value=value"]


FORKS = """
import os, sys, threading, time
from logly import logger
sys.setswitchinterval(1e-6)
logger.configure(console=False)
logger.add(lambda line: time.sleep(1e-5))
is_over = threading.Event()

def log():
    while not is_over.is_set():
        logger.info("parent")

threads = [threading.Thread(target=log) for _ in range(4)]
for thread in threads:
    thread.start()
until = time.monotonic() + float(sys.argv[1])
while time.monotonic() < until:
    child = os.fork()
    if child == 0:
        logger.info("child")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
is_over.set()
"""


def test_child_writes_to_a_python_sink_that_others_waited_for():
    program = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKS, str(SECONDS)]

    ended = child.execute(program, timeout=SECONDS + LIMIT)

    ended.check(stderr="")

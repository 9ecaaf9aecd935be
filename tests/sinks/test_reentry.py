"""Re-entry: sinks and filters that call the logger they serve."""

from __future__ import annotations

import json

import pytest
from logly import logger

from tests.support import child

pytestmark = pytest.mark.usefixtures("no_console")


def test_sink_that_logs_is_not_entered_again():
    lines = []

    def sink(line):
        lines.append(line)
        logger.info("inner")

    logger.add(sink, format="{message}")

    logger.info("outer")

    assert lines == ["outer\n"]


def test_what_a_sink_logs_reaches_the_other_sinks():
    other = []
    logger.add(lambda line: line.record["message"] == "outer" and logger.info("inner"))
    logger.add(other.append, format="{message}")

    logger.info("outer")

    assert sorted(other) == ["inner\n", "outer\n"]


def test_sinks_that_log_to_each_other_end():
    counts = {"a": 0, "b": 0}

    def sink(name):
        def write(_line):
            counts[name] += 1
            logger.info("from {name}", name=name)

        return write

    logger.add(sink("a"))
    logger.add(sink("b"))

    logger.info("start")

    assert max(counts.values()) <= 3


def test_what_a_sink_logs_into_itself_is_counted():
    sink = logger.add(lambda _line: logger.info("inner"))

    logger.info("outer")

    info = logger.sink_info(sink)
    assert (info["written"], info["dropped"]) == (1, 1)


@pytest.mark.parametrize("call", ["flush", "complete"])
def test_waiting_inside_a_sink_returns_at_once(call, tmp_path):
    answers = []
    logger.add(lambda _line: answers.append(getattr(logger, call)()))
    logger.add(tmp_path / "app.log")

    logger.info("hello")

    assert answers == [False]


def test_sink_may_remove_itself():
    lines = []

    def once(line):
        lines.append(line)
        logger.remove(sink)

    sink = logger.add(once, format="{message}")

    logger.info("one")
    logger.info("two")

    assert (lines, logger.sink_count) == (["one\n"], 0)


def test_sink_may_remove_everything():
    logger.add(lambda _line: logger.remove_all())

    logger.info("hello")

    assert logger.sink_count == 0


def test_sink_may_add_a_sink_that_gets_the_next_record(tmp_path):
    added = []

    def add(_line):
        if not added:
            added.append(logger.add(tmp_path / "late.log", format="{message}"))

    logger.add(add)

    logger.info("one")
    logger.info("two")
    logger.complete()

    assert (tmp_path / "late.log").read_text() == "two\n"


def test_sink_may_configure():
    lines = []

    def quieten(line):
        lines.append(line)
        logger.configure(level="ERROR")

    logger.add(quieten, format="{message}")

    logger.info("one")
    logger.info("two")

    assert lines == ["one\n"]


def test_sink_may_reset(capsys):
    logger.add(lambda _line: logger.reset())

    logger.info("one")
    logger.info("two")

    assert capsys.readouterr().out.endswith("| two\n")


@pytest.mark.parametrize("call", ["flush", "remove_all", "reset"])
def test_filter_may_call_the_logger(call):
    def accept(_record):
        getattr(logger, call)()
        return True

    lines = []
    logger.add(lines.append, format="{message}", filter=accept)

    logger.info("hello")

    assert lines == ["hello\n"]


def test_sink_added_by_a_value_gets_its_record_as_valid_json(tmp_path):
    class AddsSink:
        def __str__(self):
            logger.add(tmp_path / "late.json", json=True)
            return "odd"

    logger.add(tmp_path / "app.log")
    logger.info("hello", a=AddsSink(), b=1)
    logger.complete()

    assert json.loads((tmp_path / "late.json").read_text())["fields"] == {"a": "odd", "b": 1}


def test_import_hook_that_logs_does_not_wait_for_itself(tmp_path):
    code = f"""
import sys
from logly import logger
class Hook:
    def find_spec(self, name, path=None, target=None):
        logger.info("importing {{name}}", name=name)
sys.meta_path.insert(0, Hook())
logger.add({str(tmp_path / "app.log")!r})
try:
    1 / 0
except ZeroDivisionError:
    logger.exception("first")
logger.add(lambda line: None)
logger.info("second")
"""

    finished = child.run(code)

    finished.check()
    assert "second" in (tmp_path / "app.log").read_text()

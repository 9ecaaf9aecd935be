"""Copies of the dialect's logger: deep copies, pickles, and loggers that other processes are passed."""

from __future__ import annotations

import copy
import gc
import multiprocessing
import pickle
import weakref

from tests.support import child


def in_worker(given):
    """Log in another process."""
    given.bind(user="ada").info("passed")
    given.complete()


class Lines(list):
    """A sink that keeps lines, and cannot be pickled."""

    def write(self, line):
        """Take a line."""
        self.append(str(line))

    def __reduce__(self):
        """Refuse to travel."""
        raise TypeError


class Stream:
    """A sink that notes its copies."""

    def __init__(self):
        self.copies = weakref.WeakSet()

    def write(self, line):
        """Take a line."""

    def __deepcopy__(self, memo):
        """Return a sink of the same kind."""
        made = Stream()
        self.copies.add(made)
        return made


A_THOUSAND = """
import copy, os
from logly.loguru import logger

logger.remove()
logger.add("app.log", format="{message}")
logger.info("first")
logger.complete()
before = len(os.listdir("/proc/self/fd"))
for number in range(1000):
    made = copy.deepcopy(logger)
    made.bind(number=number).info("copied")
    if number % 2:
        made.remove()
del made
# The thread that writes for the last ones may be about to close their files.
print(len(os.listdir("/proc/self/fd")) - before < 20)
"""

DROPPED = """
import copy
from logly.loguru import logger

logger.remove()
logger.add("app.log", format="{message}", enqueue=True)
logger.add(lambda line: print("function", line, end=""), format="{message}", enqueue=True)
made = copy.deepcopy(logger)
for number in range(100):
    made.info("line {}", number)
del made
"""


def in_child(given):
    """Log in another process."""
    from logly.loguru import logger

    given.bind(user="ada").info("passed")
    given.reinstall()
    logger.log("PASSED", "global")
    given.complete()
    logger.remove()


def test_deep_copies_have_sinks_of_their_own(logger, lines):
    first, second = copy.deepcopy(logger), copy.deepcopy(logger)
    others = []

    first.add(lines.append, format="{message}")
    second.add(others.append, format="{message}")
    first.info("first")
    logger.info("none")
    first.remove()
    first.info("gone")
    second.info("second")
    second.remove()

    assert (lines, others) == (["first\n"], ["second\n"])


def test_deep_copy_has_the_sinks_fields_and_levels_of_the_logger(logger, lines):
    logger.level("COPIED", no=31)
    logger.add(lines.append, format="{level} {message} {extra}")

    made = copy.deepcopy(logger.bind(a=1))
    logger.remove()
    made.log("COPIED", "still")
    made.remove()

    assert lines == ["COPIED still {'a': 1}\n"]


def test_pickle_in_the_same_process_is_the_same_logger(logger, lines):
    logger.add(lines.append, format="{message} {extra}")

    pickle.loads(pickle.dumps(logger.bind(a=1))).info("back")

    assert lines == ["back {'a': 1}\n"]


def test_record_with_an_exception_can_be_pickled(logger):
    records = []
    logger.add(lambda line: records.append(line.record))

    try:
        raise KeyError("k")
    except KeyError:
        logger.exception("failed")
    record = pickle.loads(pickle.dumps(records[0]))

    assert (record["exception"].type, record["exception"].value.args) == (KeyError, ("k",))
    assert (record["level"].name, record["file"].path) == ("ERROR", __file__)


def test_spawned_process_writes_with_the_logger_that_it_was_passed(logger, tmp_path):
    path = tmp_path / "app.log"
    logger.level("PASSED", no=33)
    logger.add(path, format="{level} {message} {extra}", enqueue=True)

    process = multiprocessing.get_context("spawn").Process(target=in_child, args=(logger,))
    process.start()
    process.join()
    logger.remove()

    assert process.exitcode == 0
    assert path.read_text() == "INFO passed {'user': 'ada'}\nPASSED global {}\n"


def test_sinks_of_a_deep_copy_keep_their_ids(logger, lines):
    sink = logger.add(lines.append, format="{message}")

    made = copy.deepcopy(logger)
    made.remove(sink)
    made.info("gone")

    assert made.add(lines.append) == sink + 1
    assert lines == []
    made.remove()


def test_nothing_is_left_of_copies_that_are_gone(logger):
    stream = Stream()
    logger.add(stream)

    for number in range(1_000):
        made = copy.deepcopy(logger)
        made.level(f"COPY {number % 10}", no=33)
        made.configure(extra={"number": number})
        if number % 2:
            made.remove()
    del made
    gc.collect()

    assert len(stream.copies) == 0


def test_files_of_copies_that_are_gone_are_closed_and_have_all_lines(tmp_path):
    result = child.run(A_THOUSAND, cwd=tmp_path)

    assert (result.stdout, result.stderr, result.returncode) == ("True\n", "", 0)
    assert (tmp_path / "app.log").read_text().splitlines() == ["first", *["copied"] * 1_000]


def test_copy_that_is_dropped_without_being_removed_loses_no_line(tmp_path):
    result = child.run(DROPPED, cwd=tmp_path)

    lines = [f"line {number}" for number in range(100)]
    assert result.stderr == ""
    assert result.stdout.splitlines() == [f"function {line}" for line in lines]
    assert (tmp_path / "app.log").read_text().splitlines() == lines


def test_sinks_that_were_added_later_are_in_a_later_pickle(logger, lines, tmp_path):
    other = copy.deepcopy(logger)
    other.add(tmp_path / "first.log", format="{message}")
    pickle.loads(pickle.dumps(other)).remove()
    other.add(tmp_path / "second.log", format="{message}")

    arrived = pickle.loads(pickle.dumps(other))
    arrived.info("here")
    arrived.remove()

    assert (tmp_path / "second.log").read_text() == "here\n"
    other.remove()


def test_object_with_enqueue_writes_the_records_of_a_spawned_process_until_it_is_removed(logger):
    given = Lines()
    reference = weakref.ref(given)
    logger.add(given, format="{message} {extra}", enqueue=True)

    process = multiprocessing.get_context("spawn").Process(target=in_worker, args=(logger,))
    process.start()
    process.join()
    logger.complete()
    logger.remove()

    assert (process.exitcode, given) == (0, ["passed {'user': 'ada'}\n"])
    del given, process
    gc.collect()
    assert reference() is None

"""Copies of the dialect's logger: deep copies, pickles, and loggers that other processes are passed."""

from __future__ import annotations

import copy
import multiprocessing
import pickle


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

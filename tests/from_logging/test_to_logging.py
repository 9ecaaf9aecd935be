"""Records of logly that go to `logging`, without endless loops."""

from __future__ import annotations

import logging
import logging.handlers
import queue

import logly
import pytest
from logly import Logger, logger

from tests.support import standard
from tests.support.threads import together


def test_record_goes_to_the_logger_of_its_module():
    logger.remove_all()
    collector = standard.Collector()
    logging.getLogger(__name__).addHandler(collector)
    logger.add("logging", level="TRACE")

    logger.warning("hello", user="ada")
    logging.getLogger(__name__).removeHandler(collector)

    (record,) = collector.records
    assert (record.getMessage(), record.name, record.user, record.levelname) == ("hello", __name__, "ada", "WARNING")


def test_record_goes_to_the_logger_that_is_named():
    logger.remove_all()
    collector = standard.Collector()
    logging.getLogger("app").addHandler(collector)
    sink = logger.add("logging:app.db")

    logger.warning("hello")

    assert [record.name for record in collector.records] == ["app.db"]
    assert (logger.sink_info(sink)["kind"], logger.sink_info(sink)["name"]) == ("handler", "logging:app.db")


def test_level_of_the_logger_holds():
    logger.remove_all()
    collector = standard.Collector()
    logging.getLogger("app").addHandler(collector)
    logging.getLogger("app").setLevel(logging.ERROR)
    sink = logger.add("logging:app")

    logger.warning("hello")

    assert (collector.records, logger.stats()["sinks"][sink]["filtered"]) == ([], 1)


def test_logger_without_a_name_is_refused():
    with pytest.raises(ValueError, match='sink: expected a logger\'s name behind "logging:"'):
        logger.add("logging:")


def test_caplog_sees_records_that_go_to_logging(caplog):
    logger.remove_all()
    logger.add("logging")

    logger.warning("hello")

    assert caplog.messages == ["hello"]


# No loops


def count_lines(setup):
    """Return the lines that result from two records, one of logly and one of `logging`."""
    lines = []
    logger.remove_all()
    logger.add(lines.append, format="{message}")
    logging.root.setLevel(0)
    with_undo = setup()
    logger.info("ours")
    logging.getLogger("app").info("theirs")
    logger.complete()
    if with_undo is not None:
        with_undo.undo()
    return sorted(lines)


def _both_ways():
    logger.add("logging")
    return logly.intercept_logging()


def _handler_of_its_own():
    logger.add(logly.LoglyHandler())
    return logly.intercept_logging()


def _both_ways_in_the_background():
    logger.add("logging", async_write=True)
    return logly.intercept_logging()


def _handler_beside_another():
    logging.root.addHandler(logly.LoglyHandler())
    logging.root.addHandler(logly.LoglyHandler(logger=Logger()))
    logger.add("logging:app")


def _by_a_second_logger():
    other = Logger()
    other.remove_all()
    other.add(logly.LoglyHandler())
    logger.add(logly.LoglyHandler(logger=other))
    return logly.intercept_logging()


@pytest.mark.parametrize(
    "setup",
    [_both_ways, _handler_of_its_own, _both_ways_in_the_background, _handler_beside_another, _by_a_second_logger],
)
def test_record_comes_once_however_the_two_are_joined(setup, capsys):
    assert count_lines(setup) == ["ours\n", "theirs\n"]


def test_record_does_not_come_back_by_a_queue():
    lines = []
    logger.remove_all()
    logger.add(lines.append, format="{message}")
    waiting = queue.SimpleQueue()
    logger.add(logging.handlers.QueueHandler(waiting))
    listener = logging.handlers.QueueListener(waiting, logly.LoglyHandler())

    listener.start()
    logger.info("ours")
    listener.stop()

    assert lines == ["ours\n"]


def test_records_of_a_second_logger_reach_the_first_by_logging(records):
    other = Logger()
    other.remove_all()
    other.add("logging")

    with logly.intercept_logging():
        other.info("hello")

    assert [record["message"] for record in records] == ["hello"]


def test_threads_that_log_both_ways_do_not_wait_for_each_other():
    seen = []
    logger.remove_all()
    logger.add(seen.append, format="{message}")
    logger.add("logging")

    def theirs():
        for _ in range(500):
            logging.getLogger("app").warning("theirs")

    def ours():
        for _ in range(500):
            logger.warning("ours")

    with logly.intercept_logging():
        together(*(theirs, ours) * 2)

    assert (seen.count("ours\n"), seen.count("theirs\n")) == (1000, 1000)

"""Entries as journald keeps them."""

from __future__ import annotations

import os

from logly import logger


def test_entry_is_kept_with_its_fields(journal):
    logger.add(f"journald://{journal.socket}", app_name="shop", facility="local3")
    logger.warning("paid\né", user='a"]\\b', text="x\ny", **{"order.id": 7})
    assert logger.complete(timeout=30)

    (entry,) = journal.entries(1, "SYSLOG_IDENTIFIER=shop", "ORDER_ID=7")

    assert (entry["MESSAGE"], entry["PRIORITY"], entry["SYSLOG_FACILITY"]) == ("paid\né", "4", "19")
    assert (entry["USER"], entry["TEXT"], entry["_PID"]) == ('a"]\\b', "x\ny", str(os.getpid()))
    assert (entry["CODE_FILE"], entry["CODE_FUNC"]) == (__file__, "test_entry_is_kept_with_its_fields")
    assert (entry["LOGGER"], entry["LEVEL"], entry["THREAD_NAME"]) == (__name__, "WARNING", "MainThread")


def test_large_entry_is_kept(journal):
    logger.add(f"journald://{journal.socket}", app_name="shop")
    logger.info("large", big="x" * 1_000_000)
    logger.info("small")
    assert logger.complete(timeout=30)

    large, small = journal.entries(2, "SYSLOG_IDENTIFIER=shop")

    assert (large["MESSAGE"], len(large["BIG"])) == ("large", 1_000_000)
    assert small["MESSAGE"] == "small"


def test_entry_of_many_fields_is_kept(journal):
    logger.add(f"journald://{journal.socket}", app_name="shop")
    logger.info("m", **{f"f{number}": number for number in range(2000)})
    assert logger.complete(timeout=30)

    (entry,) = journal.entries(1, "SYSLOG_IDENTIFIER=shop")

    assert (entry["F0"], entry["F899"], "F900" in entry) == ("0", "899", False)


def test_all_entries_arrive_once_and_in_order(journal):
    logger.add(f"journald://{journal.socket}", app_name="shop", overflow="block")
    for number in range(5000):
        logger.info("{}", number)
    assert logger.complete(timeout=60)

    found = [entry["MESSAGE"] for entry in journal.entries(5000, "SYSLOG_IDENTIFIER=shop")]

    assert found == [str(number) for number in range(5000)]


def test_journal_that_stands_still_loses_nothing(journal):
    logger.add(f"journald://{journal.socket}", app_name="shop", overflow="block", timeout=0.2)
    journal.freeze()
    for number in range(3000):
        logger.info("{}", number)
    assert logger.complete(timeout=0.1) is False
    journal.thaw()

    found = [entry["MESSAGE"] for entry in journal.entries(3000, "SYSLOG_IDENTIFIER=shop")]

    assert found == [str(number) for number in range(3000)]


def test_journal_that_is_killed_gets_the_rest_when_it_is_back(journal):
    logger.add(f"journald://{journal.socket}", app_name="shop")
    logger.info("before")
    journal.entries(1, "SYSLOG_IDENTIFIER=shop")
    journal.kill()
    for number in range(100):
        logger.info("{}", number)
    journal.start()

    found = [entry["MESSAGE"] for entry in journal.entries(100, "SYSLOG_IDENTIFIER=shop")]

    assert found[-100:] == [str(number) for number in range(100)]


def test_socket_of_syslog_is_understood(journal):
    logger.add(f"syslog+unix://{journal.socket.with_name('dev-log')}", app_name="shop", facility="local3")
    logger.error("paid é", amount=12)
    assert logger.complete(timeout=30)

    (entry,) = journal.entries(1, "SYSLOG_IDENTIFIER=shop")

    assert (entry["MESSAGE"], entry["PRIORITY"], entry["SYSLOG_FACILITY"]) == ("paid é amount=12", "3", "19")
    assert entry["SYSLOG_PID"] == str(os.getpid())

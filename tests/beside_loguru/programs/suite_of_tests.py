"""Tests of a program that logs, with the fixture that hands records to pytest's caplog."""

import contextlib
import io
import re
from pathlib import Path

import pytest
from loguru import logger

CONFTEST = """
import logging

import pytest
from LIBRARY import logger


@pytest.fixture
def caplog(caplog):
    number = logger.add(
        caplog.handler,
        format="{message}",
        level=0,
        filter=lambda record: record["level"].no >= caplog.handler.level,
        enqueue=False,
    )
    yield caplog
    logger.remove(number)
"""

TESTS = """
import logging

from LIBRARY import logger


def withdraw(balance, amount):
    if amount > balance:
        logger.warning("Overdraft of {}", amount - balance)
    logger.bind(amount=amount).info("Withdrew {amount}", amount=amount)
    return balance - amount


def test_message_is_captured(caplog):
    withdraw(10, 12)
    assert caplog.messages == ["Overdraft of 2", "Withdrew 12"]
    assert "Overdraft of 2" in caplog.text


def test_levels_and_names(caplog):
    withdraw(1, 1)
    assert [(r.levelname, r.levelno, r.name, r.funcName) for r in caplog.records] == [
        ("INFO", 20, "test_bank", "withdraw")
    ]
    assert caplog.record_tuples == [("test_bank", 20, "Withdrew 1")]


def test_at_level(caplog):
    with caplog.at_level(logging.WARNING):
        withdraw(10, 12)
    assert caplog.messages == ["Overdraft of 2"]


def test_exception_is_captured(caplog):
    try:
        1 / 0
    except ZeroDivisionError:
        logger.exception("Failed")
    (record,) = caplog.records
    assert record.exc_info[0] is ZeroDivisionError
    assert record.getMessage().startswith("Failed")
    assert "ZeroDivisionError" in caplog.text


def test_custom_level(caplog):
    logger.level("AUDIT", no=35)
    logger.log("AUDIT", "checked")
    assert [(r.levelname, r.levelno) for r in caplog.records] == [("AUDIT", 35)]


def test_clear_and_failure(caplog):
    logger.info("one")
    caplog.clear()
    assert caplog.messages == ["one"], "fails, since the record was cleared"
"""


def library():
    """Return the name of the package that this program uses."""
    return re.match(r"logly\.loguru|loguru", type(logger).__module__)[0]


Path("pytest.ini").write_text("[pytest]\n", "utf-8")
Path("conftest.py").write_text(CONFTEST.replace("LIBRARY", library()), "utf-8")
Path("test_bank.py").write_text(TESTS.replace("LIBRARY", library()), "utf-8")
logger.remove()
shown = io.StringIO()
with contextlib.redirect_stdout(shown):
    options = ["-p", "no:cacheprovider", "-p", "no:logly", "-p", "no:xdist", "-p", "no:ddtrace", "-c", "pytest.ini"]
    code = pytest.main([*options, "--rootdir=.", "-q", "-rA", "--tb=line", "-W", "ignore", "test_bank.py"])
print("exit code", int(code))
for line in shown.getvalue().splitlines():
    if line.startswith(("PASSED", "FAILED")):
        print(line.partition(" - ")[0])
for name in ("pytest.ini", "conftest.py", "test_bank.py"):
    Path(name).unlink()

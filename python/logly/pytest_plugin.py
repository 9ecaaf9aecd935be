"""The plug-in for pytest; pytest loads it if logly is installed.

It has the fixture `logly_logs`, restores the global logger after each test, and passes logly's records to `caplog`. On
request it fails tests that log an error they do not expect. `-p no:logly` disables the plug-in.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Optional

import pytest

from logly import _logly
from logly._testing.captured import CapturedLogs
from logly.logger import logger

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from logly.typing import Record

_logs_key = pytest.StashKey[Optional[CapturedLogs]]()
_MARK = "allow_logged_errors"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    text = "fail tests that log at this level or above and do not expect it"
    parser.getgroup("logly").addoption("--logly-fail-level", metavar="LEVEL", help=text)
    parser.addini("logly_fail_level", text, default="")
    parser.addini("logly_restore", "restore the global logger after each test", type="bool", default=True)


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark, and refuse an unknown level."""
    config.addinivalue_line("markers", f"{_MARK}: errors that this test logs do not fail it")
    level = _fail_level(config)
    if level:
        try:
            logger.level(level)
        except ValueError as error:
            message = f"logly_fail_level: {error}"
            raise pytest.UsageError(message) from None


def _fail_level(config: pytest.Config) -> str:
    return config.getoption("--logly-fail-level") or str(config.getini("logly_fail_level"))


@pytest.fixture(autouse=True)
def _logly_state(request: pytest.FixtureRequest) -> Iterator[None]:
    """Restore the global logger after the test, and pass its records to `logly_logs` and `caplog`."""
    with ExitStack() as stack:
        if request.config.getini("logly_restore"):
            saved = _logly._save(logger)
            stack.callback(_logly._restore, logger, saved)
        # A test may be run again: it must not see the records of an earlier run.
        request.node.stash[_logs_key] = None
        if _fail_level(request.config) or "logly_logs" in request.fixturenames:
            request.node.stash[_logs_key] = stack.enter_context(CapturedLogs())
        if "caplog" in request.fixturenames:
            from logly._testing.caplog import ForCaplog  # it imports `logging`, which this test has

            stack.enter_context(ForCaplog(request.getfixturevalue("caplog").handler))
        yield


@pytest.fixture
def logly_logs(_logly_state: None, request: pytest.FixtureRequest) -> Iterator[CapturedLogs]:
    """Give the records that the test logs, from TRACE up; see `logly.testing.CapturedLogs`."""
    logs = request.node.stash[_logs_key]
    if logs is not None:
        yield logs
        return
    # The test requested the fixture by name while it was running.
    with CapturedLogs() as late:
        yield late


# `pytest_pyfunc_call` would not see the tests of `unittest`.
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, None]:
    """Fail a test that passed but logged an error that it did not expect."""
    outcome = yield
    level, logs = _fail_level(item.config), item.stash.get(_logs_key, None)
    if not level or logs is None or item.get_closest_marker(_MARK) is not None:
        return
    if outcome.excinfo is None:  # type: ignore[attr-defined]  # pluggy's own class
        unexpected = logs.unexpected(level)
        if unexpected:
            failure = pytest.fail.Exception(_told(level, unexpected), pytrace=False)
            outcome.force_exception(failure)  # type: ignore[attr-defined]  # as above


def _told(level: str, unexpected: list[Record]) -> str:
    shown = (f"  {record['level']} | {record['name']}:{record['line']} | {record['message']}" for record in unexpected)
    return "\n".join([f"logged at {level} or above and not expected:", *shown])

"""What all tests share: a logger as at import, and ways to read what was logged."""

from __future__ import annotations

import io
import json

import hypothesis
import logly.testing
import pytest
from logly import logger

from tests.support.absent import absent_package

# A busy machine takes as long as it takes.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


def _skipped(report, path):
    """Have a failed report say that its test needs a package that free-threaded builds do not have, if it does."""
    package = absent_package(report.longreprtext) if report.failed else None
    if package is not None:
        report.outcome = "skipped"
        report.longrepr = (str(path), 0, f"Skipped: {package} has no wheel for free-threaded builds")
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return _skipped((yield), collector.path)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    return _skipped((yield), item.path)


@pytest.fixture(autouse=True)
def _fresh_logger():
    """Restore the state at import around each test."""
    logly.testing.reset()
    yield
    logly.testing.reset()


@pytest.fixture
def no_console():
    """Take the implicit console away."""
    logger.configure(console=False)


@pytest.fixture
def xterm(monkeypatch):
    """Have the environment say that terminals show colours."""
    for name in ("NO_COLOR", "FORCE_COLOR", "LOGLY_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


class Lines(io.StringIO):
    """A stream that a test reads line by line; `sink` is its id."""

    sink: int

    @property
    def lines(self) -> list[str]:
        """The finished lines."""
        return self.getvalue().splitlines()


@pytest.fixture
def text(no_console) -> Lines:
    """Give what a text sink of message and fields wrote."""
    stream = Lines()
    stream.sink = logger.add(stream, level="TRACE", format="{message}{fields}")
    return stream


@pytest.fixture
def records():
    """Give the records as Python code sees them."""
    with logly.testing.capture() as captured:
        yield captured


class JsonFile:
    """A JSON file that the logger writes to."""

    def __init__(self, path) -> None:
        self.path = path
        self.sink = logger.add(path, level="TRACE", json=True)

    def read(self) -> list[dict]:
        """Return all objects of the file."""
        assert logger.complete(timeout=30)
        return [json.loads(line) for line in self.path.read_text("utf-8").split("\n")[:-1]]

    def fields(self) -> dict:
        """Return the fields of the last record."""
        return self.read()[-1]["fields"]


@pytest.fixture
def json_file(tmp_path, no_console) -> JsonFile:
    """Give a JSON file sink."""
    return JsonFile(tmp_path / "log.json")

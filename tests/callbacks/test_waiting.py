"""Waiting for logged records: a call waits no longer than asked, and only for its own records."""

import threading
import time

import pytest
from logly import logger

from tests.support.stall import Stall

pytestmark = pytest.mark.usefixtures("no_console")

LIMIT = 30
"""Seconds after which a test has hung."""

BUSY = 4
"""Seconds that a callback or sink takes while no call should wait for it."""


class Busy:
    """A callback or sink that is busy until released or until a time limit; then `is_done` is set."""

    def __init__(self) -> None:
        self.is_entered = threading.Event()
        self.may_end = threading.Event()
        self.is_done = threading.Event()

    def __call__(self, _taken: object) -> None:
        self.is_entered.set()
        self.may_end.wait(BUSY)
        self.is_done.set()


@pytest.fixture
def busy():
    """Give a busy callback or sink, and release it at the end of the test."""
    made = Busy()
    yield made
    made.may_end.set()


def test_complete_has_one_timeout_for_callbacks_and_files(tmp_path) -> None:
    stall, go = Stall(tmp_path / "pipe"), threading.Event()
    stall.add()
    logger.add_callback(lambda _record: go.wait(LIMIT))
    logger.info("m")

    began = time.monotonic()
    is_done = logger.complete(timeout=3)
    took = time.monotonic() - began
    go.set()
    stall.close()

    assert not is_done
    assert took < 5.5


def test_complete_inside_a_sink_waits_for_no_callback(busy) -> None:
    answers: list[tuple[bool, bool]] = []
    logger.add_callback(busy)
    logger.info("keeps the callback busy")
    assert busy.is_entered.wait(LIMIT)

    logger.add(lambda _line: answers.append((logger.complete(), busy.is_done.is_set())))
    logger.info("m")

    assert answers == [(False, False)]


@pytest.mark.parametrize("method", ["read", "line_count", "file_metadata", "clear", "reopen"])
def test_methods_of_files_wait_for_no_sink_in_the_background(method, busy, tmp_path) -> None:
    file = logger.add(tmp_path / "app.log", format="{message}")
    logger.add(busy, async_write=True)
    logger.info("m")
    assert busy.is_entered.wait(LIMIT)

    getattr(logger, method)(file)

    assert not busy.is_done.is_set()

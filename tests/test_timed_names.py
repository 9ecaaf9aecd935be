"""Files with a time in their name, opened anew: they go on under the name of the time it is."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import logly
import pytest
from logly import logger

YESTERDAY, TODAY = datetime(2025, 1, 14, 12), datetime(2025, 1, 15, 12)

pytestmark = pytest.mark.usefixtures("no_console")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def add() -> None:
    logger.add("app-{time:YYYY-MM-DD}.log", rotation="daily", compression="gzip", format="{message}")


def log(message: str) -> None:
    logger.info(message)
    assert logger.complete(10)


def names() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


def test_file_goes_on_under_its_last_name_after_a_capture() -> None:
    with logly.testing.freeze(YESTERDAY):
        add()
        log("yesterday")
    with logly.testing.freeze(TODAY):
        log("today")

        with logly.testing.capture():
            logger.info("captured")
        log("after")

    assert names() == ["app-2025-01-14.log.gz", "app-2025-01-15.log"]
    assert Path("app-2025-01-15.log").read_text() == "today\nafter\n"


def test_forked_child_goes_on_under_the_last_name() -> None:
    with logly.testing.freeze(YESTERDAY):
        add()
        log("yesterday")
    with logly.testing.freeze(TODAY):
        log("today")

        child = os.fork()
        if child == 0:
            logger.info("child")
            os._exit(0 if logger.complete(10) else 1)

        assert os.waitpid(child, 0)[1] == 0
    assert names() == ["app-2025-01-14.log.gz", "app-2025-01-15.log"]
    assert Path("app-2025-01-15.log").read_text() == "today\nchild\n"


def test_file_that_is_gone_is_begun_under_the_name_of_now() -> None:
    with logly.testing.freeze(YESTERDAY):
        add()
        log("yesterday")
        Path("app-2025-01-14.log").unlink()

    with logly.testing.freeze(TODAY):
        log("today")

    assert names() == ["app-2025-01-15.log"]

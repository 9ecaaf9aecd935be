"""Files with a time in their name: when reopened, they continue under the name for the current time."""

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


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_is_no_link_keeps_the_name_of_the_latest(tmp_path, kind, capfd):
    latest = tmp_path / "app-latest.log"
    latest.write_text("precious") if kind == "file" else latest.mkdir()

    for _ in range(2):
        sink = logger.add(tmp_path / "app-{time:YYYY}.log", latest=True)
        logger.info("ready")
        logger.remove(sink)

    assert latest.read_text() == "precious" if kind == "file" else latest.is_dir()
    assert sorted(path.name for path in tmp_path.iterdir())[1:] == ["app-latest.log"]
    assert capfd.readouterr().err == f"logly: {latest}: is no link, and stays; latest=True makes none\n"


@pytest.mark.parametrize("target", ["elsewhere", "app-2001.log"])
def test_link_to_the_latest_is_replaced(tmp_path, target):
    (tmp_path / "app-latest.log").symlink_to(target)

    logger.add(tmp_path / "app-{time:YYYY}.log", latest=True)
    logger.info("ready")
    logger.complete()

    assert (tmp_path / "app-latest.log").read_text().endswith("ready\n")
    assert not list(tmp_path.glob("*.tmp"))


def test_file_with_the_name_of_the_link_in_the_making_stays(tmp_path):
    other = tmp_path / f"app-latest.log.{os.getpid()}.tmp"
    other.write_text("precious")

    logger.add(tmp_path / "app-{time:YYYY}.log", latest=True)

    assert other.read_text() == "precious"

"""Many threads at once: lines whole, each thread's order kept, counts exact, in every file.

`LOGLY_STRESS=125000` runs the full million records of eight threads; the default is a fortieth of it.
"""

from __future__ import annotations

import functools
import json
import os
import re
import threading
from typing import TYPE_CHECKING

import pytest
from logly import Logger

from tests.support.threads import together

if TYPE_CHECKING:
    from pathlib import Path

THREADS = 8
COUNT = int(os.environ.get("LOGLY_STRESS", "3000"))


def log_from_all_threads(logger: Logger) -> None:
    start = threading.Barrier(THREADS)

    def work(thread: int) -> None:
        start.wait()
        for number in range(COUNT):
            logger.info("thread {thread} number {number}", thread=thread, number=number, padding="x" * (number % 50))

    together(*(functools.partial(work, thread) for thread in range(THREADS)), limit=None)


@pytest.mark.parametrize("is_sync", [False, True], ids=["background", "LOGLY_SYNC"])
def test_text_and_json_files_hold_every_record_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_sync: bool
) -> None:
    if is_sync:
        monkeypatch.setenv("LOGLY_SYNC", "1")
    logger = Logger()
    logger.remove_all()
    text = logger.add(tmp_path / "app.log", format="{message}{fields}")
    as_json = logger.add(tmp_path / "app.json", json=True)

    log_from_all_threads(logger)
    is_complete = logger.complete()

    infos = [logger.sink_info(sink) for sink in (text, as_json)]
    assert is_complete
    assert [(info["written"], info["dropped"]) for info in infos if info] == [(THREADS * COUNT, 0)] * 2
    assert_whole_text(tmp_path / "app.log")
    assert_whole_json(tmp_path / "app.json")


def assert_whole_text(path: Path) -> None:
    following = [0] * THREADS
    for line in path.read_text().splitlines():
        match = re.fullmatch(r'thread (\d) number (\d+) padding=(?:""|(x+))', line)
        assert match is not None, line
        thread, number = int(match[1]), int(match[2])
        assert number == following[thread]
        assert len(match[3] or "") == number % 50
        following[thread] += 1
    assert following == [COUNT] * THREADS


def assert_whole_json(path: Path) -> None:
    following = [0] * THREADS
    for line in path.read_text().splitlines():
        fields = json.loads(line)["fields"]
        assert fields["number"] == following[fields["thread"]]
        following[fields["thread"]] += 1
    assert following == [COUNT] * THREADS


def test_order_is_the_same_in_all_files(tmp_path: Path) -> None:
    logger = Logger()
    logger.remove_all()
    for name in ("a", "b"):
        logger.add(tmp_path / name, format="{message}{fields}")

    log_from_all_threads(logger)
    logger.complete()

    lines = (tmp_path / "a").read_text()
    assert lines.count("\n") == THREADS * COUNT
    assert lines == (tmp_path / "b").read_text()

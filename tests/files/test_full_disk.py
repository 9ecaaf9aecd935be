"""A full disk: calls and other sinks work as usual, and reports are few."""

from __future__ import annotations

import pytest
from logly import logger


@pytest.mark.parametrize("is_async", [True, False])
def test_full_disk_reaches_no_caller_and_says_little(is_async, capfd):
    sink = logger.add("/dev/full", format="{message}", async_write=is_async)
    logger.configure(console=False)

    for number in range(5_000):
        logger.info("record {number}", number=number)

    assert not logger.flush()
    assert logger.sink_info(sink)["written"] == 0
    assert 1 <= len(capfd.readouterr().err.splitlines()) <= 10


def test_full_disk_harms_no_other_file(tmp_path):
    logger.add("/dev/full", format="{message}")
    logger.add(tmp_path / "app.log", format="{message}")

    logger.info("hello")
    logger.flush()

    assert (tmp_path / "app.log").read_text() == "hello\n"

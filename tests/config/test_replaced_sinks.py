"""`configure(sinks=)` while other threads log: each record is for the old sinks or for the new ones."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest
from logly import logger


@contextmanager
def logging_thread():
    """Log numbers on a thread until the end of the block; give the list of how many there were."""
    is_over, count = threading.Event(), [0]

    def log():
        while not is_over.is_set():
            logger.info(str(count[0]))
            count[0] += 1

    thread = threading.Thread(target=log)
    thread.start()
    try:
        yield count
    finally:
        is_over.set()
        thread.join()


def test_each_line_is_in_the_file_once_however_often_sinks_are_replaced(tmp_path):
    path = tmp_path / "app.log"
    logger.configure(sinks=[{"sink": path, "format": "{message}"}])

    with logging_thread() as count:
        for _ in range(50):
            logger.configure(sinks=[{"sink": path, "format": "{message}"}])
    logger.complete()

    assert path.read_text().split() == [str(number) for number in range(count[0])]


def test_no_record_reaches_the_old_and_the_new_function():
    got = []
    logger.configure(sinks=[{"sink": got.append, "format": "{message}"}])

    with logging_thread() as count:
        for _ in range(50):
            logger.configure(sinks=[{"sink": got.append, "format": "{message}"}])

    numbers = [int(line) for line in got]
    assert numbers == sorted(set(numbers))
    assert len(numbers) > count[0] // 2


def test_sinks_that_cannot_be_added_leave_the_console_in_place(tmp_path, capsys):
    logger.configure(show_time=False)
    (tmp_path / "file").write_text("")

    with pytest.raises(OSError, match=r"app\.log"):
        logger.configure(sinks=[{"sink": "stderr"}, {"sink": tmp_path / "file" / "app.log"}])
    logger.info("still here")

    assert capsys.readouterr().out == "INFO | still here\n"

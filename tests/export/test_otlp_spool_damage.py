"""A spool that is damaged, changed by others, or removed: records go on, and all that is lost is counted and told."""

from __future__ import annotations

import os
import shutil

import pytest
from logly import logger
from logly._export import sending
from logly._export.spool import Spool

from tests.support.collector import Collector
from tests.support.spools import drained, request


@pytest.mark.parametrize("length", [0, 5])
def test_file_that_was_cut_off_while_it_is_open(tmp_path, length):
    spool = Spool(str(tmp_path), 1_000_000)
    spool.append(request("a"))
    os.truncate(spool._segments[0].path, length)
    spool.append(request("b"))

    assert drained(spool) == ["b"]
    assert spool.torn == 1
    spool.close()


def test_folder_that_was_removed_is_made_again(tmp_path):
    folder = tmp_path / "spool"
    spool = Spool(str(folder), 1_000_000)
    spool.append(request("a"))
    shutil.rmtree(folder)
    spool.append(request("b"))

    with pytest.raises(OSError, match="give each a folder of its own"):
        Spool(str(folder), 1_000_000)
    assert drained(spool) == ["a", "b"]
    spool.close()


@pytest.mark.parametrize("name", ["²3.spool", "٣٣٣٣٣٣٣٣٣٣.spool", "3.spool", f"{'9' * 200}.spool", "-000000001.spool"])
def test_files_with_other_names_stay(tmp_path, name):
    (tmp_path / name).write_text("stay")
    spool = Spool(str(tmp_path), 1_000_000)
    spool.append(request("a"))

    assert drained(spool) == ["a"]
    assert (tmp_path / name).read_text() == "stay"
    spool.close()


@pytest.mark.parametrize("name", ["1000000000.spool", "0999999999.spool", "0000000000.spool"])
def test_entry_that_cannot_be_opened_is_counted_and_left(tmp_path, name):
    (tmp_path / name).mkdir()
    spool = Spool(str(tmp_path), 1_000_000)
    spool.append(request("b"))
    spool.prepend(request("a"))

    assert sorted(drained(spool)) == ["a", "b"]
    assert (spool.torn, (tmp_path / name).is_dir()) == (1, True)
    spool.close()


def test_file_that_cannot_be_read_now_stays_for_the_next_process(tmp_path):
    spool = Spool(str(tmp_path), 1_000_000)
    spool.append(request("a"))
    os.close(spool._segments[0]._file)
    assert (drained(spool), spool.torn) == ([], 1)
    spool.close()

    spool = Spool(str(tmp_path), 1_000_000)
    assert drained(spool) == ["a"]
    spool.close()


def test_closed_spool_notes_nothing(tmp_path):
    spool = Spool(str(tmp_path), 1_000_000)
    spool.append(request("a"))
    spool.first()
    spool.close()

    spool.finish_first()


def test_records_are_sent_after_the_files_were_emptied(no_console, tmp_path, capfd):
    with Collector(answers=[503]) as collector:
        sink = logger.add("otlp", endpoint=collector.url, spool=tmp_path, batch=1)
        logger.info("a")
        collector.wait(lambda it: it.seen == 1)
        assert logger.complete(timeout=30)
        for path in tmp_path.glob("*.spool"):
            os.truncate(path, 0)
        logger.info("b")
        collector.wait(lambda it: it.messages == ["b"])

        assert logger.stats()["sinks"][sink]["export"]["torn"] == 1
        logger.remove()
    assert capfd.readouterr().err.count("damaged requests") == 1


def test_unforeseen_error_is_told_and_counted_and_records_are_sent_later(no_console, monkeypatch, capfd):
    monkeypatch.setattr(sending, "_FIRST_PAUSE", 0.01)
    finish, errors = sending.Sending._finish, [ZeroDivisionError("odd"), ZeroDivisionError("odd")]

    def failing(self, *given):
        if errors:
            raise errors.pop()
        finish(self, *given)

    monkeypatch.setattr(sending.Sending, "_finish", failing)
    with Collector() as collector:
        sink = logger.add("otlp", endpoint=collector.url, batch=1)
        logger.info("a")
        logger.info("b")
        collector.wait(lambda it: set(it.messages) == {"a", "b"})
        assert logger.complete(timeout=30)

        counts = logger.stats()["sinks"][sink]
        assert (counts["written"], counts["export"]["retries"]) == (2, 2)
        logger.remove()
    assert capfd.readouterr().err.count("ZeroDivisionError: odd; records wait") == 1

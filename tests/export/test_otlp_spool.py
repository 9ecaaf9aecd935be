"""The spool: requests that wait on disk, survive the process, and are sent in order by one process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from logly import logger
from logly._export.segment import Segment
from logly._export.spool import Spool

from tests.support.collector import Collector
from tests.support.spools import drained, request


def test_records_survive_an_outage_and_a_removal(no_console, tmp_path, free_port):
    sink = logger.add("otlp", endpoint=f"http://127.0.0.1:{free_port}", spool=tmp_path / "spool", batch=2)
    for number in range(10):
        logger.info("{n}", n=number)
    assert logger.complete(timeout=30)
    counts = logger.stats()["sinks"][sink]
    assert (counts["written"], counts["export"]["spooled"], counts["export"]["sent"]) == (10, 10, 0)
    assert logger.remove(sink)

    with Collector(free_port) as collector:
        logger.add("otlp", endpoint=collector.url, spool=tmp_path / "spool")
        logger.info("10")
        collector.wait(lambda it: len(it.logs) == 11)
        assert collector.messages == [str(number) for number in range(11)]
        logger.remove()
    assert [path.name for path in (tmp_path / "spool").iterdir()] == ["lock"]


def test_records_of_an_outage_are_sent_before_later_ones(no_console, tmp_path):
    with Collector(answers=[503]) as collector:
        logger.add("otlp", endpoint=collector.url, spool=tmp_path, batch=1)
        for number in range(20):
            logger.info("{n}", n=number)
        collector.wait(lambda it: len(it.logs) == 20)

        assert collector.messages == [str(number) for number in range(20)]
        logger.remove()


def test_killed_process_leaves_its_spool_to_the_next(tmp_path, free_port):
    program = f"""
import logly, os, signal
from logly import logger
logger.configure(console=False)
logger.add("otlp", endpoint="http://127.0.0.1:{free_port}", spool={str(tmp_path)!r}, batch=10)
for number in range(1000):
    logger.info("{{n}}", n=number)
assert logger.complete(timeout=30)
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == -signal.SIGKILL

    with Collector(free_port) as collector:
        logger.configure(console=False)
        logger.add("otlp", endpoint=collector.url, spool=tmp_path)
        logger.info("last")
        collector.wait(lambda it: len(it.logs) == 1001)
        assert collector.messages == [*map(str, range(1000)), "last"]
        logger.remove()


def test_process_that_ends_keeps_what_it_cannot_send(tmp_path, free_port):
    program = f"""
from logly import logger
logger.configure(console=False)
logger.add("otlp", endpoint="http://127.0.0.1:{free_port}", spool={str(tmp_path)!r})
for number in range(1000):
    logger.info("{{n}}", n=number)
"""
    ended = subprocess.run([sys.executable, "-c", program], check=True, timeout=60, capture_output=True, text=True)
    assert "could not be written" not in ended.stderr

    with Collector(free_port) as collector:
        logger.configure(console=False)
        logger.add("otlp", endpoint=collector.url, spool=tmp_path)
        logger.info("last")
        collector.wait(lambda it: len(it.logs) == 1001)
        logger.remove()


def test_full_spool_drops_and_counts(no_console, tmp_path, free_port):
    sink = logger.add(
        "otlp", endpoint=f"http://127.0.0.1:{free_port}", spool=tmp_path, spool_limit="64 KiB", compression="none"
    )
    for number in range(100):
        logger.info("x" * 5000, n=number)
        assert logger.complete(timeout=30)

    counts = logger.stats()["sinks"][sink]

    assert counts["written"] > 5
    assert counts["dropped"]["overflow"] == 100 - counts["written"] == counts["export"]["lost"]
    assert counts["export"]["spool_bytes"] <= 65536
    logger.remove()


def test_spool_of_another_process_is_refused(tmp_path):
    program = f"""
from logly import logger
logger.add("otlp", spool={str(tmp_path)!r})
"""
    held = Spool(str(tmp_path), 1_000_000)
    ended = subprocess.run([sys.executable, "-c", program], check=False, timeout=60, capture_output=True, text=True)
    held.close()

    problem = "spool: another sink or process uses this spool; give each a folder of its own"
    assert f"{problem}: '{tmp_path}'" in ended.stderr


def test_forked_child_has_a_spool_of_its_own(no_console, tmp_path, free_port):
    logger.add("otlp", endpoint=f"http://127.0.0.1:{free_port}", spool=tmp_path)
    logger.info("parent")
    assert logger.complete(timeout=30)

    child = os.fork()
    if child == 0:
        logger.info("child")
        os._exit(0 if logger.complete(timeout=30) else 1)
    assert os.waitpid(child, 0)[1] == 0
    logger.remove()

    with Collector(free_port) as collector:
        logger.add("otlp", endpoint=collector.url, spool=tmp_path)
        logger.info("next")
        collector.wait(lambda it: len(it.logs) == 3)
        assert sorted(collector.messages) == ["child", "next", "parent"]
        logger.remove()
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_requests_come_out_in_the_order_they_went_in(tmp_path):
    spool = Spool(str(tmp_path), 1_000_000)
    for text in ("b", "c"):
        assert spool.append(request(text))
    assert spool.prepend(request("a"))
    spool.close()
    spool = Spool(str(tmp_path), 1_000_000)
    spool.append(request("d"))

    assert drained(spool) == ["a", "b", "c", "d"]
    assert spool.is_empty
    spool.close()


def test_request_that_was_sent_is_not_sent_again(tmp_path):
    spool = Spool(str(tmp_path), 1_000_000)
    for text in ("a", "b"):
        spool.append(request(text))
    spool.first()
    spool.finish_first()
    spool.close()

    spool = Spool(str(tmp_path), 1_000_000)
    assert drained(spool) == ["b"]
    spool.close()


@pytest.mark.parametrize("cut", range(1, 30, 4))
def test_torn_end_is_skipped_and_counted(tmp_path, cut):
    spool = Spool(str(tmp_path), 1_000_000)
    for text in ("first", "second"):
        spool.append(request(text))
    (segment,) = spool._segments
    os.truncate(segment.path, segment.size - min(cut, 25))
    spool.close()

    spool = Spool(str(tmp_path), 1_000_000)

    assert drained(spool) == ["first"]
    assert spool.torn == 1
    spool.close()


def test_changed_request_is_skipped_and_counted(tmp_path):
    spool = Spool(str(tmp_path), 1_000_000)
    for text in ("first", "second", "third"):
        spool.append(request(text))
    path = Path(spool._segments[0].path)
    spool.close()
    path.write_bytes(path.read_bytes().replace(b"second", b"SECOND"))

    spool = Spool(str(tmp_path), 1_000_000)

    assert drained(spool) == ["first", "third"]
    assert spool.torn == 1
    spool.close()


def test_foreign_bytes_are_no_requests(tmp_path):
    path = tmp_path / "0000000001.spool"
    path.write_bytes(os.urandom(1000))
    (tmp_path / "notes.txt").write_text("stay")

    spool = Spool(str(tmp_path), 1_000_000)

    assert drained(spool) == []
    assert (spool.torn, (tmp_path / "notes.txt").read_text(), path.exists()) == (1, "stay", False)
    spool.close()


def test_segment_is_whole_after_a_failed_write(tmp_path):
    segment = Segment(str(tmp_path / "1.spool"))
    segment.open()
    segment.append(request("a"))
    size = segment.size

    assert Path(segment.path).stat().st_size == size
    assert segment.first() == request("a")
    segment.close()

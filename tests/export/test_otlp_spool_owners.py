"""The owner of a spool: one sink of one process, its replacement, or a process that starts or takes over sinks."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from logly import logger
from logly._export.segment import Request
from logly._export.spool import Spool

from tests.support.collector import Collector

IN_USE = "another sink or process uses this spool; give each a folder of its own"


def left_behind(folder, *texts):
    """Leave requests in a spool, as a process that has ended."""
    with Collector() as collector:
        sink = logger.add("otlp", endpoint=collector.url, batch=1)
        for text in texts:
            logger.info(text)
        collector.wait(lambda it: len(it.logs) == len(texts))
        logger.remove(sink)
        spool = Spool(str(folder), 1_000_000)
        for request in collector.requests:
            spool.append(Request(request.SerializeToString(), 1, is_compressed=False))
    size = spool.size
    spool.close()
    return size


def spooled(sink):
    return logger.stats()["sinks"][sink]["export"]["spooled"]


def test_second_sink_of_a_process_is_refused(no_console, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "spool")
    logger.add("otlp+http://127.0.0.1:1", spool=tmp_path / "spool")
    sinks = list(logger.stats()["sinks"])

    for name in ("spool", "link"):
        for port in (1, 2):
            with pytest.raises(BlockingIOError, match=IN_USE):
                logger.add(f"otlp+http://127.0.0.1:{port}", spool=tmp_path / name)

    assert list(logger.stats()["sinks"]) == sinks
    logger.remove()
    logger.add("otlp+http://127.0.0.1:1", spool=tmp_path / "link")
    logger.remove()


@pytest.mark.parametrize(
    "change",
    [{}, {"headers": {"authorization": "new"}}, {"endpoint": "http://127.0.0.1:2"}, {"spool_limit": "1 MB"}],
    ids=["same", "headers", "endpoint", "limit"],
)
def test_replacement_takes_the_spool_over(no_console, tmp_path, change):
    sink = {"sink": "otlp", "endpoint": "http://127.0.0.1:1", "headers": {"authorization": "old"}, "spool": tmp_path}
    for given in (sink, {**sink, **change}, sink):
        (number,) = logger.configure(sinks=[given])
        logger.info("a")
        assert logger.complete(timeout=30)
        assert spooled(number) == 1
    logger.remove()


def test_two_sinks_of_one_configuration_are_refused_and_nothing_changes(no_console, tmp_path):
    sink = {"sink": "otlp", "endpoint": "http://127.0.0.1:1", "spool": tmp_path}
    (number,) = logger.configure(sinks=[sink])

    with pytest.raises(BlockingIOError, match=IN_USE):
        logger.configure(sinks=[sink, sink])

    logger.info("a")
    assert logger.complete(timeout=30)
    assert spooled(number) == 1
    (number,) = logger.configure(sinks=[sink])
    logger.info("b")
    assert logger.complete(timeout=30)
    assert spooled(number) == 1
    logger.remove()


def test_spool_is_free_after_a_sink_that_could_not_be_added(no_console, tmp_path):
    class Odd:
        def __repr__(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        logger.add("otlp+http://127.0.0.1:1", spool=tmp_path, resource={"odd": Odd()})

    Spool(str(tmp_path), 1_000_000).close()


def test_requests_of_an_earlier_process_are_sent_without_a_record(no_console, tmp_path):
    left_behind(tmp_path, "a", "b")

    with Collector() as collector:
        sink = logger.add("otlp", endpoint=collector.url, spool=tmp_path)
        collector.wait(lambda it: it.messages == ["a", "b"])
        logger.remove(sink)


def test_replacement_sends_the_requests_of_before_without_a_record(no_console, tmp_path, free_port):
    left_behind(tmp_path, "a", "b")
    logger.configure(sinks=[{"sink": f"otlp+http://127.0.0.1:{free_port}", "spool": tmp_path}])

    with Collector() as collector:
        logger.configure(sinks=[{"sink": f"otlp+{collector.url}", "spool": tmp_path}])
        collector.wait(lambda it: it.messages == ["a", "b"])
        logger.remove()


def test_counts_show_the_spool_at_once(no_console, tmp_path, free_port):
    size = left_behind(tmp_path, "a", "b")

    sink = logger.add(f"otlp+http://127.0.0.1:{free_port}", spool=tmp_path)

    assert logger.stats()["sinks"][sink]["export"]["spool_bytes"] == size > 0
    logger.remove()


def test_empty_spool_starts_no_thread_that_sends(no_console, tmp_path):
    logger.add("otlp+http://127.0.0.1:1", spool=tmp_path)

    assert "logly-otlp" not in [thread.name for thread in threading.enumerate()]
    logger.remove()


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
@pytest.mark.parametrize("status", [200, 503])
def test_workers_have_spools_of_their_own(tmp_path, method, status):
    program = tmp_path / "program.py"
    program.write_text(f"""
import multiprocessing, sys
from logly import logger

def work(number):
    for part in range(10):
        logger.info("{{n}}-{{p}}", n=number, p=part)
    return logger.complete(timeout=30)

if __name__ == "__main__":
    logger.configure(console=False)
    logger.add("otlp", endpoint=sys.argv[1], spool={str(tmp_path / "spool")!r})
    with multiprocessing.get_context({method!r}).Pool(2) as pool:
        assert pool.map(work, range(4), 1) == [True] * 4
""")
    expected = sorted(f"{number}-{part}" for number in range(4) for part in range(10))
    with Collector(answers=[503] * 10 if status == 503 else ()) as collector:
        command = [sys.executable, program, collector.url]
        ended = subprocess.run(command, check=True, timeout=60, capture_output=True, text=True)
        assert "left out" not in ended.stderr
        # The next process takes over all that is left.
        collector.answers.clear()
        logger.configure(console=False)
        logger.add("otlp", endpoint=collector.url, spool=tmp_path / "spool")
        collector.wait(lambda it: len(it.logs) >= len(expected))
        assert sorted(set(collector.messages)) == expected
        logger.remove()


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_child_that_has_sent_all_leaves_no_folder(tmp_path, method):
    program = tmp_path / "program.py"
    program.write_text(f"""
import multiprocessing, os, sys
from logly import logger

def work():
    logger.info("a")
    assert logger.complete(timeout=30)
    print(len(os.listdir({str(tmp_path / "spool")!r})))

if __name__ == "__main__":
    logger.configure(console=False)
    logger.add("otlp", endpoint=sys.argv[1], spool={str(tmp_path / "spool")!r})
    process = multiprocessing.get_context({method!r}).Process(target=work)
    process.start()
    process.join()
    print(os.listdir({str(tmp_path / "spool")!r}))
""")
    with Collector() as collector:
        command = [sys.executable, program, collector.url]
        ended = subprocess.run(command, check=True, timeout=60, capture_output=True, text=True)
    assert (ended.stdout, ended.stderr) == ("2\n['lock']\n", "")


def test_process_may_end_twice_while_something_keeps_its_exports(tmp_path):
    # As a child of multiprocessing does: by its own end, and by Python's. No thread sends any more at the second one.
    program = f"""
import sys
from logly import logger
from logly._export import ending
from logly._process import lifecycle
logger.configure(console=False)
logger.add("otlp", endpoint=sys.argv[1], spool={str(tmp_path / "spool")!r})
logger.info("a")
kept = list(ending.exports)
lifecycle._at_exit()
lifecycle._at_exit()
print("ended")
"""
    with Collector() as collector:
        command = [sys.executable, "-c", program, collector.url]
        ended = subprocess.run(command, check=True, timeout=60, capture_output=True, text=True)
    assert (ended.stdout, ended.stderr) == ("ended\n", "")


def test_folder_of_a_child_is_made_again_for_later_requests(tmp_path):
    folder = tmp_path / "child-1"
    spool = Spool(str(folder), 1_000_000)
    spool.append(Request(b"a", 1, is_compressed=False))
    spool.tidy()
    assert spool.first() == Request(b"a", 1, is_compressed=False)
    spool.finish_first()
    spool.tidy()
    assert not folder.exists()

    spool.append(Request(b"b", 1, is_compressed=False))
    spool.close()

    assert sorted(path.name for path in folder.iterdir())[1:] == ["lock"]


def test_forked_child_may_add_the_sink_again(no_console, tmp_path):
    logger.add("otlp+http://127.0.0.1:1", spool=tmp_path)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            for _ in range(2):
                logger.remove()
                sink = logger.add("otlp+http://127.0.0.1:1", spool=tmp_path)
                logger.info("a")
                status = 0 if logger.complete(timeout=30) and spooled(sink) == 1 else 1
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    logger.remove()

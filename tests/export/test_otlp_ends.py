"""The end of a process, forked children, threads and reconfiguration, with an export."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

from logly import Logger, logger

from tests.support import child as programs
from tests.support.collector import Collector, attributes
from tests.support.cooperative import PACKAGES


def run(program):
    return programs.run(program, timeout=60)


def program(url, rest, options=""):
    return f"""
import logly, os
from logly import logger
logger.configure(console=False)
logger.add("otlp", endpoint={url!r}{options})
{rest}
"""


def test_process_sends_everything_before_it_ends(collector):
    ended = run(program(collector.url, "for n in range(10_000): logger.info('{n}', n=n)"))

    assert (ended.returncode, ended.stderr) == (0, "")
    assert collector.messages == [str(number) for number in range(10_000)]


def test_records_of_exit_functions_are_sent(collector):
    ended = run(
        program(collector.url, "logger.info('first')").replace(
            "import logly, os", "import atexit\natexit.register(lambda: logger.info('last'))\nimport logly"
        )
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert collector.messages == ["first", "last"]


def test_process_without_a_collector_ends_and_counts(free_port):
    url = f"http://127.0.0.1:{free_port}"
    ended = run(program(url, "for n in range(100): logger.info('{n}', n=n)"))

    assert ended.returncode == 0
    assert "100 records are dropped at the end" in ended.stderr


def test_daemonic_child_does_not_wait_for_a_silent_collector():
    gate, opened = threading.Event(), []

    def answer(_handler):
        opened.append(gate.wait(30))
        return 200

    rest = """
def work():
    for n in range(3): logger.info("{n}", n=n)
    print("returned", flush=True)
    logger.complete(60)
import multiprocessing
child = multiprocessing.get_context("fork").Process(target=work, daemon=True)
child.start()
child.join()
"""
    with Collector(answers=[answer]) as silent:
        code = program(silent.url, rest, ", timeout=60, block_timeout=60")
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout.readline() == "returned\n"
            gate.set()
        silent.wait(lambda it: it.messages == ["0", "1", "2"])

    assert opened == [True]


def test_process_with_a_silent_collector_ends_and_keeps_records(tmp_path):
    gate = threading.Event()
    with Collector(answers=[lambda _handler: gate.wait(60) and None]) as silent:
        ended = run(program(silent.url, "for n in range(100): logger.info('{n}', n=n)", f", spool={str(tmp_path)!r}"))
        gate.set()
        assert (ended.returncode, ended.stderr) == (0, "")
        logger.configure(console=False)
        logger.add("otlp", endpoint=silent.url, spool=tmp_path)
        logger.info("next")
        silent.wait(lambda it: len(it.logs) == 101)
        assert silent.messages == [*map(str, range(100)), "next"]
        logger.remove()


def test_forked_children_send_their_own_records(collector):
    logger.add("otlp", endpoint=collector.url)
    logger.info("before")
    assert logger.complete(timeout=30)

    children = []
    for number in range(3):
        child = os.fork()
        if child == 0:
            logger.info("child {n}", n=number)
            os._exit(0 if logger.complete(timeout=30) else 1)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    logger.info("after")
    assert logger.complete(timeout=30)

    assert sorted(collector.messages) == ["after", "before", "child 0", "child 1", "child 2"]
    resources = [request.resource_logs[0].resource for request in collector.requests]
    assert {attributes(resource)["process.pid"] for resource in resources} == {os.getpid(), *children}


def test_multiprocessing_children_send_their_records(collector):
    rest = """
import multiprocessing
def work(n): logger.info("{n}", n=n)
if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=work, args=(n,)) for n in range(3)]
    for process in processes: process.start()
    for process in processes: process.join()
    with context.Pool(2) as pool: pool.map(work, range(3, 9))
"""
    ended = run(program(collector.url, rest))

    assert (ended.returncode, ended.stderr) == (0, "")
    assert sorted(collector.messages) == [str(number) for number in range(9)]


def test_workers_of_a_pool_wait_for_the_first_answers_of_a_slow_collector():
    rest = """
def work(n): logger.info("{n}", n=n)
import multiprocessing
with multiprocessing.get_context("fork").Pool(2) as pool: pool.map(work, range(4), chunksize=2)
"""
    # Longer than the short wait of 50 ms, and all of them shorter than the grace.
    with Collector(answers=[lambda _handler: time.sleep(0.3) or 200] * 4) as slow:
        ended = run(program(slow.url, rest))
        assert (ended.returncode, ended.stderr) == (0, "")
        assert sorted(slow.messages) == ["0", "1", "2", "3"]


def test_each_record_of_many_threads_arrives_once_and_in_order(collector):
    logger.add("otlp", endpoint=collector.url, batch={"seconds": 0.01}, overflow="block")

    def work(name):
        for number in range(2000):
            logger.info("m", thread=name, n=number)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert logger.complete(timeout=60)

    found = {name: [] for name in "abcd"}
    for record in collector.logs:
        fields = attributes(record)
        found[fields["thread"]].append(fields["n"])
    assert found == {name: list(range(2000)) for name in "abcd"}


def test_sinks_come_and_go_while_threads_log(collector):
    stop = threading.Event()

    def work():
        while not stop.is_set():
            logger.info("m")

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        sink = logger.add("otlp", endpoint=collector.url, batch={"seconds": 0.01})
        assert logger.remove(sink)
    stop.set()
    for thread in threads:
        thread.join()

    assert logger.list_sinks() == []


def test_independent_logger_sends_its_records_when_it_is_deleted(collector):
    own = Logger()
    own.configure(console=False)
    own.add("otlp", endpoint=collector.url)
    own.info("a")
    del own

    collector.wait(lambda it: it.messages == ["a"])


def test_sinks_with_a_spool_may_be_replaced(collector, tmp_path):
    options = {"sink": "otlp", "endpoint": collector.url, "spool": tmp_path}
    logger.configure(sinks=[options])
    logger.info("a")
    logger.configure(sinks=[options])
    logger.info("b")

    assert logger.complete(timeout=30)
    assert collector.messages == ["a", "b"]


@PACKAGES
def test_cooperative_threads_do_not_hinder_exports(collector, package):
    rest = "for n in range(1000): logger.info('{n}', n=n)\nassert logger.complete(timeout=30)"
    source = package + program(collector.url, rest)
    ended = run(source)

    assert ended.returncode == 0, ended.stderr
    assert collector.messages == [str(number) for number in range(1000)]

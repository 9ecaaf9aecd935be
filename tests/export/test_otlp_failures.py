"""Collectors that fail: repeated requests, counted losses, and reports."""

from __future__ import annotations

import signal
import threading
import time
from email.utils import formatdate

import pytest
from logly import Logger, logger
from logly._export import answers

from tests.support.child import run
from tests.support.collector import Collector, garbage, partial, reset


def counts_of(sink):
    counts = logger.stats()["sinks"][sink]
    assert (
        counts["accepted"]
        == counts["written"] + counts["filtered"] + sum(counts["dropped"].values()) + counts["pending"]
    )
    return counts


HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.mark.parametrize(
    "answer",
    [429, 502, 503, 504, reset, garbage, (503, {"Retry-After": "0"}, b"busy"), (203, HTML, b"<html>Log in</html>")],
)
def test_request_is_sent_again(no_console, answer):
    with Collector(answers=[answer]) as collector:
        sink = logger.add("otlp", endpoint=collector.url)
        logger.info("a")
        collector.wait(lambda it: it.messages == ["a"])

        assert logger.complete(timeout=30)
        assert counts_of(sink)["written"] == 1
        logger.remove()


def test_connection_that_was_closed_meanwhile_is_opened_again(collector):
    sink = logger.add("otlp", endpoint=collector.url)
    logger.info("a")
    assert logger.complete(timeout=30)
    for connection in collector.connections:
        connection.shutdown(2)

    logger.info("b")

    assert logger.complete(timeout=30)
    assert collector.messages == ["a", "b"]
    assert counts_of(sink)["export"]["retries"] == 0


def test_closed_connection_does_not_end_a_program_that_closed_pipes_end():
    program = """
import os, signal, socket, struct, threading
from logly import Logger, logger

signal.signal(signal.SIGPIPE, signal.SIG_DFL)
listener = socket.create_server(("127.0.0.1", 0))
closed = threading.Event()

def take(connection):
    request = b""
    while b"\\r\\n\\r\\n" not in request:
        request += connection.recv(65536)
    head, body = request.split(b"\\r\\n\\r\\n", 1)
    length = next(int(line.split()[1]) for line in head.splitlines() if line.lower().startswith(b"content-length"))
    while len(body) < length:
        body += connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n")

def serve():
    connection = listener.accept()[0]
    take(connection)
    # The next send finds the connection closed.
    closed.wait()
    connection.shutdown(socket.SHUT_WR)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    closed.clear()
    take(listener.accept()[0])

threading.Thread(target=serve, daemon=True).start()
logger.configure(console=False)
sink = logger.add("otlp", endpoint=f"http://127.0.0.1:{listener.getsockname()[1]}")
logger.info("a")
assert logger.complete(30)
closed.set()
while closed.is_set():
    pass
logger.info("b")
assert logger.complete(30)
print(logger.stats()["sinks"][sink]["written"], signal.sigpending(), flush=True)
os.kill(os.getpid(), signal.SIGPIPE)
"""

    run(program).check(stdout="2 set()\n", stderr="", returncode=-signal.SIGPIPE)


@pytest.mark.parametrize("status", [400, 401, 404, 413, 500, 301])
def test_other_statuses_drop_the_records(no_console, status, capfd):
    with Collector(answers=[status]) as collector:
        sink = logger.add("otlp", endpoint=collector.url)
        logger.info("a")
        logger.info("b")
        assert logger.complete(timeout=30)
        logger.info("c")
        assert logger.complete(timeout=30)

        counts = counts_of(sink)
        assert collector.messages == ["c"]
        assert (counts["written"], counts["dropped"]["sink_error"], counts["export"]["rejected"]) == (1, 2, 2)
        assert f"2 records are dropped: HTTP status {status}" in capfd.readouterr().err
        logger.remove()


def test_partial_success_is_counted(no_console, capfd):
    with Collector(answers=[partial(2, "too old")]) as collector:
        sink = logger.add("otlp", endpoint=collector.url)
        for number in range(5):
            logger.info("{n}", n=number)
        assert logger.complete(timeout=30)

        counts = counts_of(sink)
        assert (counts["written"], counts["dropped"]["sink_error"], counts["export"]["sent"]) == (3, 2, 3)
        assert "the collector rejected 2 records: too old" in capfd.readouterr().err
        logger.remove()


def test_records_keep_their_order_through_failures(no_console):
    with Collector(answers=[503, 200, 502]) as collector:
        logger.add("otlp", endpoint=collector.url, batch=1)
        for number in range(8):
            logger.info("{n}", n=number)
        collector.wait(lambda it: len(it.logs) == 8)

        assert collector.messages == [str(number) for number in range(8)]
        logger.remove()


def test_queue_is_bounded_and_its_losses_are_counted(no_console):
    gate = threading.Event()

    def slow(_handler):
        gate.wait(30)
        return 200

    with Collector(answers=[slow]) as collector:
        sink = logger.add("otlp", endpoint=collector.url, max_buffered_lines=10, batch={"seconds": 0})
        logger.info("first")
        collector.wait(lambda it: it.seen == 1)
        for number in range(60_000):
            logger.info("n" * 1000, n=number)
        counts = counts_of(sink)
        assert counts["dropped"]["overflow"] > 0
        gate.set()
        assert logger.complete(timeout=30)
        assert counts_of(sink)["pending"] == 0
        assert any("dropped" in message for message in collector.messages)
        logger.remove()


def test_complete_returns_false_while_a_collector_cannot_be_reached(no_console, free_port):
    sink = logger.add("otlp", endpoint=f"http://127.0.0.1:{free_port}")
    logger.info("a")

    assert logger.complete() is False
    assert counts_of(sink)["pending"] == 1

    with Collector(free_port) as collector:
        collector.wait(lambda it: it.messages == ["a"])
        logger.remove()


def test_sink_that_is_removed_during_a_pause_sends_its_records_first(no_console, capfd):
    with Collector(answers=[(503, {"Retry-After": "60"}, b"")]) as collector:
        sink = logger.add("otlp", endpoint=collector.url, batch=1)
        logger.info("a")
        logger.info("b")
        assert logger.complete(timeout=30) is False

        assert logger.remove(sink)

        assert collector.messages == ["a", "b"]
        assert "dropped" not in capfd.readouterr().err


def test_logger_that_is_deleted_during_a_pause_sends_its_records_first(capfd):
    own = Logger()
    own.configure(console=False)
    with Collector(answers=[(503, {"Retry-After": "60"}, b"")]) as collector:
        own.add("otlp", endpoint=collector.url)
        own.info("a")
        assert own.complete(timeout=30) is False

        del own

        assert collector.messages == ["a"]
        assert "dropped" not in capfd.readouterr().err


def test_outage_is_told_once_and_so_is_its_end(no_console, capfd):
    with Collector(answers=[503, 503]) as collector:
        logger.add("otlp", endpoint=collector.url)
        logger.info("a")
        collector.wait(lambda it: it.messages == ["a"])
        assert logger.complete(timeout=30)

        told = capfd.readouterr().err.splitlines()
        assert told[0] == f"logly: otlp {collector.url}/v1/logs: HTTP status 503 Service Unavailable; records wait"
        assert told[-1].endswith("recovered after 2 failures")
        assert len(told) <= 3
        logger.remove()


def test_time_to_wait_may_be_a_number_or_a_date():
    assert answers.retry_after("120") == 120
    assert 50 < answers.retry_after(formatdate(time.time() + 60, usegmt=True)) <= 60
    assert answers.retry_after(formatdate(time.time() - 60, usegmt=True)) == 0
    assert answers.retry_after("99999999") == 300
    assert [answers.retry_after(text) for text in (None, "", "soon", "-1", "1.5")] == [None] * 5


@pytest.mark.parametrize("body", [b"", b"\xff" * 30, b"\x0a\x05ab", b"{}", b"\x0a\x02\x08\x02\x00", bytes(range(256))])
def test_bodies_that_are_no_answer_are_successes(body):
    rejected, message = answers.partial_success(body)

    assert (rejected in {0, 2}, isinstance(message, str)) == (True, True)

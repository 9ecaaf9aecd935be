"""Receivers of syslog that are away, come back, reset connections, or stop reading; and messages that do not fit."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress

import pytest
from logly import logger
from logly._export import delivery, pace, syslog_options

from tests.support.child import run
from tests.support.syslog import DatagramReceiver, StreamReceiver, parse


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    """Try again soon."""
    monkeypatch.setattr(delivery, "_FIRST_PAUSE", 0.02)
    monkeypatch.setattr(pace, "_LONGEST_PAUSE", 0.05)


@pytest.fixture(autouse=True)
def _no_sinks(no_console):
    """Remove all sinks afterwards."""
    yield
    logger.remove()


def counts_of(sink):
    counts = logger.stats()["sinks"][sink]
    assert (
        counts["accepted"]
        == counts["written"] + counts["filtered"] + sum(counts["dropped"].values()) + counts["pending"]
    )
    return counts


def texts(frames):
    return [parse(frame).text for frame in frames]


def test_sink_that_is_removed_during_a_pause_sends_its_messages_first(monkeypatch, capfd, free_port):
    monkeypatch.setattr(delivery, "_FIRST_PAUSE", 60.0)
    monkeypatch.setattr(pace, "_LONGEST_PAUSE", 60.0)
    sink = logger.add(f"syslog+tcp://127.0.0.1:{free_port}")
    logger.info("a")
    assert logger.complete(timeout=5) is False

    with StreamReceiver(free_port) as receiver:
        assert logger.remove(sink)

        assert texts(receiver.wait(1)) == ["a"]
    assert "dropped" not in capfd.readouterr().err


def test_server_that_appears_later_gets_everything(capfd, free_port):
    sink = logger.add(f"syslog+tcp://127.0.0.1:{free_port}")
    for number in range(100):
        logger.info("{}", number)
    assert logger.complete(timeout=5) is False

    with StreamReceiver(free_port) as receiver:
        assert texts(receiver.wait(100)) == [str(number) for number in range(100)]
        assert logger.complete(timeout=30)
        logger.remove()

    told = capfd.readouterr().err
    assert f"syslog tcp://127.0.0.1:{free_port}: ConnectionRefusedError: Connection refused; records wait" in told
    assert sink is not None


def test_socket_that_appears_later_gets_everything(tmp_path):
    logger.add(f"syslog+unix://{tmp_path}/log", syslog_format="rfc5424")
    for number in range(100):
        logger.info("{}", number)

    with DatagramReceiver(tmp_path / "log") as receiver:
        assert texts(receiver.wait(100)) == [str(number) for number in range(100)]
        assert logger.complete(timeout=30)


def test_socket_that_is_made_anew_gets_what_follows(tmp_path):
    path = tmp_path / "log"
    logger.add(f"syslog+unix://{path}", syslog_format="rfc5424")
    with DatagramReceiver(path) as first:
        logger.info("a")
        first.wait(1)
    path.unlink()

    with DatagramReceiver(path) as second:
        logger.info("b")
        assert texts(second.wait(1)) == ["b"]


def test_connection_that_the_server_ended_while_idle_is_opened_again():
    with StreamReceiver() as receiver:
        sink = logger.add(receiver.name)
        logger.info("a")
        receiver.wait(1)
        receiver.drop_connections()
        receiver.wait_for(lambda it: it.clean == 1)

        logger.info("b")

        assert texts(receiver.wait(2)) == ["a", "b"]
        assert logger.complete(timeout=30)
        assert counts_of(sink)["export"]["retries"] == 0


def test_server_that_resets_loses_what_is_not_known_and_counts_the_rest():
    """A reset may lose messages that the system took. Later messages arrive, and none arrives twice."""
    with StreamReceiver() as receiver:
        sink = logger.add(receiver.name, overflow="block")
        for number in range(20_000):
            logger.info("{}", number)
            if number % 5000 == 2500:
                receiver.wait_for(lambda it: it.connections)
                for connection in receiver.connections:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                receiver.drop_connections()
        assert logger.complete(timeout=60)
        logger.info("end")
        receiver.wait_for(lambda it: any(text == "end" for text in texts(it.frames[-100:])))

        found = [int(text) for text in texts(receiver.frames) if text != "end"]
        assert len(found) == len(set(found))
        assert counts_of(sink)["written"] == 20_001


def test_server_that_does_not_read_delays_no_caller():
    # One connection is made, whatever the system takes from it; further ones would take as much each.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        name = f"syslog+tcp://127.0.0.1:{listener.getsockname()[1]}"
        sink = logger.add(name, buffer_size=8_000_000, timeout=0.3, message_limit="1 MiB")

        for _ in range(600):
            logger.info("x" * 50_000)

        assert logger.complete(timeout=3) is False
        counts = counts_of(sink)
        assert counts["dropped"]["overflow"] > 0
        assert counts["accepted"] == 600
        assert logger.remove(sink)


def test_full_socket_delays_no_caller_and_loses_nothing_that_fits(tmp_path):
    stuck = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    stuck.bind(str(tmp_path / "log"))
    sink = logger.add(f"syslog+unix://{tmp_path}/log", syslog_format="rfc5424", timeout=0.2)
    for number in range(1000):
        logger.info("{}", number)
    assert logger.complete(timeout=5) is False

    found = []
    stuck.settimeout(30)
    while len(found) < 1000:
        found.append(parse(stuck.recv(65_536)).text)

    assert found == [str(number) for number in range(1000)]
    assert logger.complete(timeout=30)
    assert counts_of(sink)["written"] == 1000
    stuck.close()


def test_closed_port_is_told_and_its_losses_are_counted(capfd):
    with DatagramReceiver() as gone:
        port = gone.port
    sink = logger.add(f"syslog://127.0.0.1:{port}")
    logged = 0
    while counts_of(sink)["export"]["rejected"] == 0:
        logger.info("{}", logged)
        logged += 1
        logger.complete(timeout=30)

    with DatagramReceiver(port=port) as receiver:
        logger.info("end")
        while "end" not in (found := texts(list(receiver.frames))):
            receiver.wait(len(found) + 1)

    assert found == [str(number) for number in range(logged + 1 - len(found), logged)] + ["end"]
    assert "Connection refused; records wait" in capfd.readouterr().err


def test_host_without_an_address_is_told():
    sink = logger.add("syslog://host.invalid")
    logger.info("a")

    assert logger.complete(timeout=10) is False
    assert counts_of(sink)["pending"] == 1


def test_message_that_is_too_large_for_the_socket_is_dropped_and_counted(tmp_path, monkeypatch, capfd):
    monkeypatch.setitem(syslog_options._MOST_LIMITS, "unix", 8_000_000)
    with DatagramReceiver(tmp_path / "log") as receiver:
        sink = logger.add(receiver.name, message_limit=8_000_000, syslog_format="rfc5424")
        for text in ("a", "x" * 1_000_000, "b"):
            logger.info("{}{}{}{}", text, text, text, text)
        assert logger.complete(timeout=30)

        assert texts(receiver.wait(2)) == ["aaaa", "bbbb"]
        counts = counts_of(sink)
        assert (counts["written"], counts["dropped"]["sink_error"], counts["export"]["rejected"]) == (2, 1, 1)
    assert "a message is too large for a datagram; it is dropped" in capfd.readouterr().err


def test_queue_is_bounded_and_its_losses_are_told_to_the_receiver(free_port):
    sink = logger.add(f"syslog+tcp://127.0.0.1:{free_port}", buffer_size=16_384)
    for number in range(2000):
        logger.info("{}", number)

    with StreamReceiver(free_port) as receiver:
        assert logger.complete(timeout=30)
        counts = counts_of(sink)
        dropped = counts["dropped"]["overflow"]
        receiver.wait(counts["written"] + 1)
        assert dropped > 0
        assert counts["written"] == 2000 - dropped
        assert any(f"{dropped} records dropped" in text for text in texts(receiver.frames))


def test_server_that_talks_is_not_listened_to():
    """A server may send whatever it likes, without end."""
    with StreamReceiver() as receiver:
        logger.add(receiver.name)
        logger.info("a")
        receiver.wait(1)
        stop = threading.Event()

        def talk(connection):
            with suppress(OSError):
                while not stop.is_set():
                    connection.sendall(b"x" * 100_000)

        talking = threading.Thread(target=talk, args=(receiver.connections[0],))
        talking.start()
        for number in range(100):
            logger.info("{}", number)
            assert logger.complete(timeout=30)

        assert texts(receiver.wait(101))[1:] == [str(number) for number in range(100)]
        stop.set()
        logger.remove()
        talking.join()


def test_sinks_come_and_go_while_threads_log():
    stop = threading.Event()

    def work():
        while not stop.is_set():
            logger.info("m")

    threads = [threading.Thread(target=work) for _ in range(2)]
    with StreamReceiver() as receiver:
        for thread in threads:
            thread.start()
        for _ in range(5):
            assert logger.remove(logger.add(receiver.name))
        stop.set()
        for thread in threads:
            thread.join()
        receiver.wait_for(lambda it: it.clean + it.torn == len(it.connections))

    assert logger.list_sinks() == []
    assert receiver.torn == 0


def test_records_of_many_threads_arrive_once_and_in_order():
    with StreamReceiver() as receiver:
        logger.add(receiver.name, overflow="block")

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
        for frame in receiver.wait(8000):
            fields = parse(frame).fields
            found[fields["thread"]].append(int(fields["n"]))
        assert found == {name: list(range(2000)) for name in "abcd"}
        logger.remove()


def test_reset_connection_does_not_end_a_program_that_closed_pipes_end():
    program = """
import signal, socket, struct, threading, time
from logly import logger

signal.signal(signal.SIGPIPE, signal.SIG_DFL)
listener = socket.create_server(("127.0.0.1", 0))
listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
logged = threading.Event()

def serve():
    connection = listener.accept()[0]
    logged.wait()
    before, unread = -1, 0
    # The buffers fill up, until the thread that sends waits for room.
    while unread != before or not unread:
        time.sleep(0.2)
        before, unread = unread, len(connection.recv(1 << 20, socket.MSG_PEEK))
    connection.shutdown(socket.SHUT_WR)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    connection = listener.accept()[0]
    while connection.recv(65536):
        pass

threading.Thread(target=serve, daemon=True).start()
logger.configure(console=False)
logger.add(f"syslog+tcp://127.0.0.1:{listener.getsockname()[1]}")
for number in range(5_000):
    logger.info("{}", "x" * 1000)
logged.set()
while not logger.complete(60):
    pass  # records wait
print(signal.sigpending())
"""

    result = run(program).check(stdout="set()\n")

    assert "records wait" in result.stderr

"""The end of a process, forked children and workers, with sinks of syslog."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest
from logly import Logger, logger

from tests.support.syslog import DatagramReceiver, StreamReceiver, parse


@pytest.fixture
def receiver(no_console):
    with StreamReceiver() as receiver:
        yield receiver
        logger.remove()


def run(source):
    # eventlet's resolver of names does not work beside trio before Python 3.11.
    env = {**os.environ, "EVENTLET_NO_GREENDNS": "yes"}
    return subprocess.run(
        [sys.executable, "-c", source], check=False, timeout=60, capture_output=True, text=True, env=env
    )


def program(name, rest, before=""):
    return f"""
{before}
import logly, os
from logly import logger
logger.configure(console=False)
logger.add({name!r})
{rest}
"""


def texts(frames):
    return [parse(frame).text for frame in frames]


def test_process_sends_everything_before_it_ends(receiver):
    ended = run(program(receiver.name, "for n in range(10_000): logger.info('{}', n)"))

    assert (ended.returncode, ended.stderr) == (0, "")
    assert texts(receiver.wait(10_000)) == [str(number) for number in range(10_000)]
    receiver.wait_for(lambda it: it.clean == 1)


def test_records_of_exit_functions_are_sent(receiver):
    before = "import atexit\natexit.register(lambda: logger.info('last'))"
    ended = run(program(receiver.name, "logger.info('first')", before))

    assert (ended.returncode, ended.stderr) == (0, "")
    # The last one has a connection of its own, and a receiver may read that one first.
    assert sorted(texts(receiver.wait(2))) == ["first", "last"]


def test_process_without_a_server_ends_and_counts(free_port):
    name = f"syslog+tcp://127.0.0.1:{free_port}"
    ended = run(program(name, "for n in range(100): logger.info('{}', n)"))

    assert ended.returncode == 0
    assert "100 records are dropped at the end" in ended.stderr


def test_process_with_a_server_that_does_not_read_ends_and_counts():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as silent:
        name = f"syslog+tcp://127.0.0.1:{silent.getsockname()[1]}"
        ended = run(program(name, "for n in range(200): logger.info('{}', 'x' * 100_000, f='y' * 5000)").replace(
            f"{name!r})", f"{name!r}, message_limit='1 MiB')"
        ))  # fmt: skip

    assert ended.returncode == 0
    assert "records" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_forked_children_send_their_own_records(receiver):
    logger.add(receiver.name)
    logger.info("before")
    assert logger.complete(timeout=30)

    children = []
    for number in range(3):
        child = os.fork()
        if child == 0:
            logger.info("child {}", number)
            os._exit(0 if logger.complete(timeout=30) else 1)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    logger.info("after")
    assert logger.complete(timeout=30)

    messages = [parse(frame) for frame in receiver.wait(5)]
    assert sorted(message.text for message in messages) == ["after", "before", "child 0", "child 1", "child 2"]
    assert {int(message.process) for message in messages} == {os.getpid(), *children}
    assert receiver.torn == 0


def test_fork_in_the_middle_doubles_nothing(receiver):
    logger.add(receiver.name, overflow="block")
    children = []
    for number in range(20):
        for part in range(100):
            logger.info("parent {}", number * 100 + part)
        child = os.fork()
        if child == 0:
            logger.info("child {}", number)
            os._exit(0 if logger.complete(timeout=30) else 1)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 20
    assert logger.complete(timeout=30)

    found = texts(receiver.wait(2020))
    assert [text for text in found if text.startswith("parent")] == [f"parent {number}" for number in range(2000)]
    assert sorted(text for text in found if text.startswith("child")) == sorted(f"child {n}" for n in range(20))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_take_over_the_sink(receiver, method, tmp_path):
    path = tmp_path / "program.py"
    path.write_text(
        program(
            receiver.name,
            f"""
import multiprocessing
def work(n): logger.info("{{}}", n)
if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    processes = [context.Process(target=work, args=(n,)) for n in range(3)]
    for process in processes: process.start()
    for process in processes: process.join()
    with context.Pool(2) as pool: pool.map(work, range(3, 9))
""",
        ).replace("logger.configure", "if __name__ == '__main__': logger.configure")
        .replace("logger.add(", "if __name__ == '__main__': logger.add(")
        .replace(f"{receiver.name!r})", f"{receiver.name!r}, app_name='shop')"),
        "utf-8",
    )  # fmt: skip
    ended = subprocess.run([sys.executable, path], check=False, timeout=60, capture_output=True, text=True)

    assert (ended.returncode, ended.stderr) == (0, "")
    messages = [parse(frame) for frame in receiver.wait(9)]
    assert sorted(message.text for message in messages) == [str(number) for number in range(9)]
    assert {message.app for message in messages} == {"shop"}


def test_independent_logger_sends_its_records_when_it_is_deleted(receiver):
    own = Logger()
    own.configure(console=False)
    own.add(receiver.name)
    own.info("a")
    del own

    assert texts(receiver.wait(1)) == ["a"]


@pytest.mark.parametrize("patch", ["gevent.monkey", "eventlet"])
@pytest.mark.parametrize("kind", ["stream", "datagram"])
def test_cooperative_threads_do_not_hinder_sinks(no_console, patch, kind):
    rest = "for n in range(1000): logger.info('{}', n)\nassert logger.complete(timeout=30)"
    call = "patch_all()" if patch == "gevent.monkey" else "monkey_patch()"
    with StreamReceiver() if kind == "stream" else DatagramReceiver() as receiver:
        if kind == "datagram":
            rest = rest.replace("1000", "100")
        ended = run(program(receiver.name, rest, f"import {patch}\n{patch}.{call}\n"))

        assert ended.returncode == 0, ended.stderr
        count = 1000 if kind == "stream" else 100
        assert texts(receiver.wait(count)) == [str(number) for number in range(count)]


def test_removed_sink_closes_its_connection(receiver):
    sink = logger.add(receiver.name)
    logger.info("a")
    assert logger.remove(sink)

    receiver.wait_for(lambda it: it.clean == 1)
    assert texts(receiver.frames) == ["a"]

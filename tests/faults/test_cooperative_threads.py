"""gevent and eventlet: logly's background work runs in system threads, and greenlets run while a call waits."""

from __future__ import annotations

import pytest

from tests.support.cooperative import ORDERS, PACKAGES, output, patched_first

WAITING = """
ready = []
def wait_for_greenlet(*_):
    while not ready:
        sleep(0.001)
def make_ready():
    sleep(0.05)
    ready.append(True)
"""


@PACKAGES
@ORDERS
def test_everything_in_the_background_works(tmp_path, package, order):
    program = """
    import asyncio, io, logging, os, threading

    got, stream = [], io.StringIO()

    def callback(record):
        got.append(("callback", threading.current_thread().name))

    async def coroutine(record):
        await asyncio.sleep(0.001)
        name = await asyncio.to_thread(lambda: threading.current_thread().name)
        # Another thread of the pool runs it if the first one is still at work.
        got.append(("coroutine", threading.current_thread().name, name.rstrip("0123456789")))

    async def awaited(line):
        await asyncio.sleep(0.001)
        got.append(("awaited", line))

    class Handler(logging.Handler):
        def emit(self, record):
            got.append(("handler", record.getMessage()))

    logger.add_callback(callback)
    logger.add_callback(coroutine)
    logger.add(awaited, format="{message}")
    logger.add(lambda line: got.append(("function", line)), format="{message}", async_write=True)
    logger.add(stream, format="{message}", async_write=True)
    logger.add(Handler(), async_write=True)
    logger.add("app.log", format="{message}")
    logger.info("hello")
    print(logger.complete(30), stream.getvalue(), open("app.log").read())
    print(*sorted(got), sep="\\n")
    """

    shown = output(order(package), program, tmp_path)

    assert shown.splitlines() == [
        "True hello",
        " hello",
        "",
        "('awaited', 'hello\\n')",
        "('callback', 'logly-callback-callback')",
        "('coroutine', 'logly-loop', 'logly-loop_')",
        "('function', 'hello\\n')",
        "('handler', 'hello')",
    ]


@PACKAGES
@ORDERS
def test_archives_are_made_by_what_only_python_can_do(tmp_path, package, order):
    program = """
    import os

    def compress(path):
        sleep(0.001)
        os.rename(path, path + ".own")

    def is_due(message, file):
        sleep(0)
        return True

    logger.add("bz2.log", rotation="100 B", compression="bz2", format="{message}")
    logger.add("own.log", rotation=is_due, compression=compress, retention=lambda paths: None, format="{message}")
    for _ in range(5):
        logger.info("x" * 60)
    print(logger.complete(30), *sorted(name.rpartition(".")[2] for name in os.listdir(".")))
    """

    assert output(order(package), program, tmp_path) == "True bz2 bz2 bz2 bz2 log log own own own own\n"


@PACKAGES
def test_coroutine_functions_use_sockets_and_names_of_hosts(tmp_path, package):
    program = """
    import asyncio

    async def serve(reader, writer):
        writer.write((await reader.readline()).upper())
        await writer.drain()
        writer.close()

    async def callback(record):
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("localhost", server.sockets[0].getsockname()[1])
        writer.write(record["message"].encode() + b"\\n")
        got.append(await reader.readline())
        writer.close()
        server.close()

    got = []
    logger.add_callback(callback)
    logger.info("hello")
    print(logger.complete(30), got)
    """

    assert output(patched_first(package), program, tmp_path) == "True [b'HELLO\\n']\n"


@PACKAGES
def test_complete_lets_a_greenlet_run_that_a_callback_waits_for(tmp_path, package):
    program = """
    got = []
    logger.add_callback(lambda record: (wait_for_greenlet(), got.append(record["message"])))
    logger.info("hello")
    spawn(make_ready)
    print(logger.complete(30), got)
    """

    assert output(patched_first(package) + WAITING, program, tmp_path) == "True ['hello']\n"


@PACKAGES
@pytest.mark.parametrize("end", ["logger.flush(30)", "logger.remove(sink) and len(got) == 1", "len(got) in (0, 1)"])
def test_waits_for_a_sink_let_a_greenlet_run_that_it_waits_for(tmp_path, package, end):
    program = f"""
    got = []
    sink = logger.add(lambda line: (wait_for_greenlet(), got.append(line)), async_write=True)
    logger.info("hello")
    spawn(make_ready)
    print({end})
    """

    assert output(patched_first(package) + WAITING, program, tmp_path) == "True\n"


@PACKAGES
def test_full_queue_lets_a_greenlet_run_that_makes_room(tmp_path, package):
    program = """
    def sink(line):
        wait_for_greenlet()
        got.append(line)

    got = []
    logger.add(sink, async_write=True, buffer_size=4096, overflow="block")
    spawn(make_ready)
    for number in range(100):
        logger.info("x" * 100)
    print(logger.complete(30), len(got))
    """

    assert output(patched_first(package) + WAITING, program, tmp_path) == "True 100\n"


@PACKAGES
def test_callback_that_waits_for_a_greenlet_gets_its_records_at_the_end(tmp_path, package):
    program = """
    logger.add_callback(lambda record: (wait_for_greenlet(), print(record["message"], flush=True)))
    logger.info("last")
    spawn(make_ready)
    """

    assert output(patched_first(package) + WAITING, program, tmp_path) == "last\n"


@PACKAGES
def test_forked_child_has_real_threads_of_its_own(tmp_path, package):
    program = """
    import os

    async def coroutine(record):
        got.append(record["message"])

    got = []
    logger.add_callback(lambda record: got.append(record["message"]))
    logger.add_callback(coroutine)
    logger.add("app.log", rotation="100 B", compression="bz2", format="{message}")
    logger.info("parent")
    logger.complete(30)
    child = os.fork()
    if child == 0:
        got.clear()
        logger.info("child" + "x" * 100)
        logger.info("child")
        print(logger.complete(30), len(got), sum(name.endswith(".bz2") for name in os.listdir(".")), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    """

    assert output(patched_first(package), program, tmp_path) == "True 4 2\n"


@PACKAGES
def test_complete_async_and_a_given_loop_work_in_a_patched_program(tmp_path, package):
    program = """
    import asyncio

    async def sink(line):
        await asyncio.sleep(0.001)
        got.append(line)

    async def main():
        logger.add(sink, loop=asyncio.get_running_loop(), format="{message}")
        logger.add_callback(lambda record: got.append(record["message"]))
        logger.info("hello")
        return await logger.complete_async(30)

    got = []
    print(asyncio.run(main()), sorted(got))
    """

    assert output(patched_first(package), program, tmp_path) == "True ['hello', 'hello\\n']\n"


def test_hub_without_patches_runs_while_its_thread_waits(tmp_path):
    beginning = (
        "import gevent\nspawn, sleep = gevent.spawn, gevent.sleep\nfrom logly import logger\nlogger.remove_all()\n"
    )
    program = """
    import time
    sleep_of_threads = time.sleep
    def callback(record):
        while not ready:
            sleep_of_threads(0.001)
        got.append(record["message"])

    got = []
    logger.add_callback(callback)
    logger.info("hello")
    spawn(make_ready)
    print(logger.complete(30), got)
    """

    assert output(beginning + WAITING, program, tmp_path) == "True ['hello']\n"

"""Greenlets that take turns in one thread: each is a separate caller, even while another is inside a sink."""

from __future__ import annotations

import pytest

from tests.support.cooperative import PACKAGES, output, patched_first

YIELDING = """
got = []
def work(number):
    for index in range(5):
        logger.info("{number} {index}", number=number, index=index)
def in_order(lines):
    texts = [line.split()[:2] for line in lines]
    return [[text for text in texts if text[0] == str(number)] for number in range(20)] == [
        [[str(number), str(index)] for index in range(5)] for number in range(20)]
"""

ADDED = {
    "function": 'logger.add(lambda line: (sleep(0.0005), got.append(str(line))), format="{message}")',
    "filter": 'logger.add(lambda line: got.append(line), filter=lambda record: sleep(0) or True, format="{message}")',
    "format": 'logger.add(lambda line: got.append(line), format=lambda record: sleep(0) or record["message"])',
    "stream": """logger.add(type("Stream", (), {"write": lambda self, line: (sleep(0.0005), got.append(line))})(),
                            format="{message}")""",
    "handler": """import logging
    class NoLock:
        acquire = release = __enter__ = __exit__ = lambda *arguments: None
    class Handler(logging.Handler):
        def createLock(self):
            self.lock = NoLock()
        def emit(self, record):
            sleep(0.0005)
            got.append(record.getMessage())
    logger.add(Handler())""",
}


@PACKAGES
@pytest.mark.parametrize("kind", ADDED)
def test_records_of_all_greenlets_are_written_while_one_is_inside_of_a_sink(tmp_path, package, kind):
    program = f"""
    {ADDED[kind]}
    join_all([spawn(work, number) for number in range(20)])
    print(logger.complete(30), len(got), in_order(got))
    """

    assert output(patched_first(package) + YIELDING, program, tmp_path) == "True 100 True\n"


@PACKAGES
def test_sink_may_wait_for_a_greenlet_that_logs(tmp_path, package):
    program = """
    def sink(line):
        if "first" in line:
            join_all([spawn(logger.info, "of a greenlet")])
        got.append(line)

    got = []
    logger.add(sink, format="{message}")
    logger.info("first")
    print(logger.complete(30), got)
    """

    assert output(patched_first(package), program, tmp_path) == "True ['first\\n', 'of a greenlet\\n']\n"


@PACKAGES
def test_what_a_sink_logs_to_itself_is_told_from_what_others_log(tmp_path, package):
    program = """
    def sink(line):
        sleep(0.001)
        logger.info("echo")
        got.append(line)

    got = []
    number = logger.add(sink, format="{message}")
    join_all([spawn(logger.info, "hello") for _ in range(5)])
    print(logger.complete(30), len(got), logger.stats()["sinks"][number]["dropped"]["reentrant"])
    """

    assert output(patched_first(package), program, tmp_path) == "True 5 5\n"


@PACKAGES
def test_complete_of_another_greenlet_waits_for_a_sink(tmp_path, package):
    program = """
    got = []
    logger.add(lambda line: (sleep(0.05), got.append(line)), format="{message}")
    spawn(logger.info, "hello")
    sleep(0.001)
    logger.info("second")
    print(logger.complete(30), len(got))
    """

    assert output(patched_first(package), program, tmp_path) == "True 2\n"


@PACKAGES
def test_patcher_that_yields_changes_the_records_of_all_greenlets(tmp_path, package):
    program = """
    def patch(record):
        sleep(0.001)
        record["extra"]["patched"] = True

    got = []
    logger.configure(patcher=patch)
    logger.add(lambda line: got.append(line), format="{message} {patched}")
    join_all([spawn(logger.info, "hello") for _ in range(5)])
    print(logger.complete(30), len(got), set(got))
    """

    assert output(patched_first(package), program, tmp_path) == "True 5 {'hello True\\n'}\n"


@PACKAGES
def test_greenlet_that_is_killed_inside_of_a_sink_ends(tmp_path, package):
    program = """
    def work():
        logger.info("hello")
        got.append("went on")

    got = []
    logger.add(lambda line: sleep(60))
    greenlet = spawn(work)
    sleep(0.001)
    greenlet.kill()
    print(logger.complete(30), got, sum(sink["dropped"]["sink_error"] for sink in logger.stats()["sinks"].values()))
    """

    assert output(patched_first(package), program, tmp_path) == "True [] 1\n"


def test_intercepted_records_of_patched_threads_have_their_names(tmp_path):
    beginning = "from gevent import monkey; monkey.patch_all()\nfrom gevent import sleep\nfrom logly import logger\n"
    program = """
    import logging, threading
    from logly import intercept_logging

    got = []
    logger.remove_all()
    intercept_logging()
    logger.add(lambda line: (sleep(0.001), got.append(line)), format="{message} {thread.name}")
    threads = [threading.Thread(target=logging.warning, args=("hello",), name=f"T{number}") for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(logger.complete(30), sorted(got))
    """

    assert output(beginning, program, tmp_path) == "True ['hello T0\\n', 'hello T1\\n', 'hello T2\\n']\n"


def test_greenlet_without_a_hub_leaves_its_line_to_the_one_that_is_inside(tmp_path):
    program = """
    import greenlet
    from logly import logger

    def sink(line):
        if "first" in line:
            main.switch()
        got.append(line)

    got = []
    main = greenlet.getcurrent()
    logger.remove_all()
    logger.add(sink, format="{message}")
    inside = greenlet.greenlet(logger.info)
    inside.switch("first")
    logger.info("second")
    print(got)
    inside.switch()
    print(logger.complete(30), got)
    """

    assert output("", program, tmp_path) == "[]\nTrue ['first\\n', 'second\\n']\n"

"""Records that are left when a sink or the process ends: one line says how many."""

from __future__ import annotations

import re

import pytest
from logly import Logger, logger

from tests.support.child import run

UNREACHABLE = pytest.mark.parametrize(
    "name", ["otlp+http://127.0.0.1:1", "syslog+tcp://127.0.0.1:1", "journald:///nowhere/socket"]
)


def dropped_in(told):
    return [int(number) for number in re.findall(r"(\d+) records? (?:is|are) dropped at the end", told)]


@UNREACHABLE
@pytest.mark.parametrize("count", [1, 2500, 20_000])
def test_removing_tells_the_number_of_all_that_are_left(no_console, capfd, name, count):
    sink = logger.add(name)
    for _ in range(count):
        logger.info("a")
    assert logger.complete() is False
    assert logger.stats()["sinks"][sink]["pending"] == count

    assert logger.remove(sink)

    assert dropped_in(capfd.readouterr().err) == [count]


@UNREACHABLE
def test_logger_that_is_deleted_tells_the_number(capfd, name):
    own = Logger()
    own.configure(console=False)
    own.add(name)
    for _ in range(2500):
        own.info("a")
    assert own.complete() is False

    del own

    assert dropped_in(capfd.readouterr().err) == [2500]


@UNREACHABLE
def test_sink_that_is_removed_by_another_one_tells_the_number(no_console, capfd, name):
    sink = logger.add(name)
    for _ in range(2500):
        logger.info("a")
    assert logger.complete() is False

    remover = logger.add(lambda _line: logger.remove(sink), filter=lambda record: record["message"] == "remove")
    logger.info("remove")
    logger.remove(remover)

    assert dropped_in(capfd.readouterr().err) == [2500]


@UNREACHABLE
def test_end_of_the_process_tells_the_number_once(name):
    batch = ", batch=10" if name.startswith("otlp") else ""
    program = f"""
from logly import logger
logger.configure(console=False)
sink = logger.add({name!r}{batch}, buffer_size=67_108_864)
for _ in range(60_000):
    logger.info("a" * 300)
print(logger.stats()["sinks"][sink]["pending"])
"""
    ended = run(program, timeout=60)

    assert ended.returncode == 0
    assert dropped_in(ended.stderr) == [int(ended.stdout)]

"""`add(limit=)`: how many records of a call site a sink takes, and the notices for the others."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import threading

import logly.testing
import pytest
from logly import Logger, logger

from tests.support import child

pytestmark = pytest.mark.usefixtures("no_console")

NOON = "2025-01-15T12:00:00Z"


@pytest.fixture
def clock():
    """Stop the clock."""
    with logly.testing.freeze(NOON) as clock:
        yield clock


def burst(count, start=0):
    """Log at one call site."""
    for number in range(start, start + count):
        logger.info(f"burst {number}")


LINE = burst.__code__.co_firstlineno + 3
SITE = f"{__name__}:burst:{LINE}"


def held_back(count, limit):
    return f"{count} record{'' if count == 1 else 's'} held back at {SITE}, over {limit}"


class Sinks:
    """One sink of each kind, with the same options, and the lines that they wrote."""

    def __init__(self, folder, **options):
        self.lines, self.stream = [], io.StringIO()
        self.queued, self.synchronous, self.formatted = (folder / f"{name}.log" for name in "qsf")
        shape = {"format": "{message}", **options}
        functions = {"format": lambda record: f"{record['message']}\n", **options}
        self.ids = [
            logger.add(self.queued, **shape),
            logger.add(self.synchronous, async_write=False, **shape),
            logger.add(self.formatted, **functions),
            logger.add(self.stream, **shape),
            logger.add(self.lines.append, async_write=True, **shape),
        ]

    def written(self):
        """Return the messages of each sink."""
        logger.complete()
        files = [path.read_text().splitlines() for path in (self.queued, self.synchronous)]
        formatted = [line.split(" | ")[-1] for line in self.formatted.read_text().splitlines()]
        return [*files, formatted, self.stream.getvalue().splitlines(), [line.rstrip("\n") for line in self.lines]]

    def counts(self):
        counts = [logger.stats()["sinks"][sink] for sink in self.ids]
        return [(one["accepted"], one["written"], one["filtered"], one["dropped"]["limited"]) for one in counts]


def test_window_takes_so_many_and_one_line_counts_the_others(tmp_path, clock):
    sinks = Sinks(tmp_path, limit="2/s")

    burst(5)
    clock.tick(1)
    burst(2, 5)

    expected = ["burst 0", "burst 1", held_back(3, "2/s"), "burst 5", "burst 6"]
    assert sinks.written() == [expected] * 5
    assert sinks.counts() == [(7, 4, 0, 3)] * 5


def test_complete_writes_notices_that_are_due(tmp_path, clock):
    sinks = Sinks(tmp_path, limit="1/s")

    burst(2)
    assert sinks.written() == [["burst 0"]] * 5
    clock.tick(1)

    assert sinks.written() == [["burst 0", held_back(1, "1/s")]] * 5


def test_record_of_another_site_brings_the_notice(tmp_path, clock):
    sinks = Sinks(tmp_path, limit="1/s")

    burst(3)
    clock.tick(0.999)
    logger.info("other")
    clock.tick(0.001)
    logger.info("another")

    assert sinks.written() == [["burst 0", "other", held_back(2, "1/s"), "another"]] * 5


def test_removal_writes_the_rest(tmp_path, clock):
    sinks = Sinks(tmp_path, limit="1/h")

    burst(10)
    logger.remove()

    assert sinks.written() == [["burst 0", held_back(9, "1/h")]] * 5


def test_errors_are_always_taken(tmp_path, clock):
    sinks = Sinks(tmp_path, limit="1/h")

    for level in ("INFO", "WARNING", "ERROR", "CRITICAL", "ERROR"):
        logger.log(level, level)

    assert sinks.written() == [["INFO", "ERROR", "CRITICAL", "ERROR"]] * 5


def test_filters_come_before_the_limit(tmp_path, clock):
    sinks = Sinks(tmp_path, limit="2/h", where="message endswith '7'")

    burst(40)

    assert sinks.written() == [["burst 7", "burst 17"]] * 5
    assert sinks.counts() == [(40, 2, 36, 2)] * 5


def test_notice_has_fields(tmp_path, clock):
    logger.add(tmp_path / "app.log", json=True, limit="1/s")

    burst(3)
    logger.remove()

    notice = json.loads((tmp_path / "app.log").read_text().splitlines()[-1])
    assert notice == {
        "timestamp": "2025-01-15T12:00:00.000Z",
        "level": "WARNING",
        "message": held_back(2, "1/s"),
        "fields": {"held_back": 2, "site": SITE, "limit": "1/s"},
    }


def test_notice_ignores_level_and_filters(tmp_path, clock):
    logger.add(tmp_path / "app.log", format="{message}", limit="1/s", filter=__name__, where="exists wanted")

    for _ in range(3):
        logger.info("x", wanted=True)
    logger.remove()

    assert "2 records held back" in (tmp_path / "app.log").read_text()


def test_each_sink_has_a_limit_of_its_own(tmp_path, clock):
    logger.add(tmp_path / "one.log", format="{message}", limit="1/h")
    logger.add(tmp_path / "three.log", format="{message}", limit="3/h")
    logger.add(tmp_path / "all.log", format="{message}")

    burst(5)
    logger.complete()

    counts = [len((tmp_path / f"{name}.log").read_text().splitlines()) for name in ("one", "three", "all")]
    assert counts == [1, 3, 5]


def test_sample_comes_before_the_limit(tmp_path, clock):
    sink = logger.add(tmp_path / "app.log", format="{message}", sample=0.5, limit="2/h")

    for trace in ["ff" * 16, "00" * 15 + "01"] * 5:
        logger.info("x", trace_id=trace)
    logger.complete()

    dropped = logger.stats()["sinks"][sink]["dropped"]
    assert (dropped["sampled"], dropped["limited"]) == (5, 3)


def test_records_of_logging_are_limited_by_their_place(tmp_path, clock):
    logger.add(tmp_path / "app.log", format="{message}", limit="1/h")
    other = logging.getLogger("tests.other")
    interception = logly.intercept_logging(loggers=["tests.other"])

    for _ in range(3):
        other.warning("one")
        other.warning("two")
    interception.undo()
    logger.complete()

    assert (tmp_path / "app.log").read_text() == "one\ntwo\n"


def test_testing_with_captures_is_not_limited(tmp_path, clock):
    logger.add(tmp_path / "app.log", limit="1/h")

    with logly.testing.capture() as records:
        burst(5)

    assert len(records) == 5


def test_threads_share_the_limit(tmp_path, clock):
    sink = logger.add(tmp_path / "app.log", limit="100/h")
    threads = [threading.Thread(target=burst, args=(1_000,)) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    logger.complete()

    counts = logger.stats()["sinks"][sink]
    assert (counts["written"], counts["dropped"]["limited"]) == (100, 3_900)


def test_many_call_sites_are_bounded_and_none_is_forgotten(tmp_path, clock):
    logger.add(tmp_path / "app.log", format="{message}", limit="1/h")

    for number in range(300):
        exec(compile("\n" * number + "logger.info('x'); logger.info('x')", "made.py", "exec"))
    logger.remove()

    lines = (tmp_path / "app.log").read_text().splitlines()
    assert (lines.count("x"), len([line for line in lines if "1 record held back" in line])) == (300, 300)


def test_coroutine_functions_are_limited(clock):
    async def main():
        lines = []

        async def sink(line):
            lines.append(str(line))

        logger.add(sink, format="{message}", limit="2/h")
        burst(5)
        await logger.complete_async()
        logger.remove()
        await logger.complete_async()
        return lines

    assert asyncio.run(main()) == ["burst 0\n", "burst 1\n", held_back(3, "2/h") + "\n"]


def test_handlers_get_the_notice_as_a_record(clock):
    records = []
    handler = logging.Handler()
    handler.emit = records.append
    logger.add(handler, limit="1/h")

    burst(3)
    logger.remove()

    assert [record.getMessage() for record in records] == ["burst 0", held_back(2, "1/h")]


def test_logger_that_is_gone_has_written_its_notices(clock):
    own = Logger()
    stream = io.StringIO()
    own.configure(console=False)
    own.add(stream, format="{message}", limit="1/h")

    for _ in range(3):
        own.info("x")
    del own

    assert stream.getvalue().startswith("x\n2 records held back at ")


def test_sink_that_logs_does_not_hang(clock):
    lines = []

    def sink(line):
        lines.append(str(line))
        logger.info("from inside")

    logger.add(sink, format="{message}", limit="1/s")
    burst(3)
    clock.tick(1)
    burst(1)

    assert lines == ["burst 0\n", f"{held_back(2, '1/s')}\n", "burst 0\n"]


@pytest.mark.parametrize(
    "sink",
    ['"app.log"', '"app.log", async_write=False', "sys.stderr", '"stderr", async_write=True', '"stderr", direct=True'],
)
@pytest.mark.parametrize("limit", ["1/h", "1/ms"])
def test_end_of_the_program_writes_the_rest(tmp_path, sink, limit):
    program = f"""
import sys, logly.testing
from logly import logger
logger.configure(console=False)
logger.add({sink}, format="{{message}}", limit="{limit}")
with logly.testing.freeze("{NOON}"):
    for _ in range(3):
        logger.info("x")
    logger.complete()
"""
    ended = child.run(program, cwd=tmp_path).check()

    written = (tmp_path / "app.log").read_text() if "app.log" in sink else ended.stderr
    assert written == f"x\n2 records held back at __main__:<module>:8, over {limit}\n"


def test_forked_child_counts_its_own(tmp_path):
    program = """
import os
from logly import logger
logger.configure(console=False)
logger.add("app.log", format="{message}", limit="2/h", async_write=False)
def burst():
    for _ in range(5):
        logger.info("x")
burst()
if os.fork() == 0:
    burst()
    logger.remove()
    os._exit(0)
os.wait()
"""
    # From 3.12 on, Python warns of a fork beside other threads; the one here waits for the end of the hour.
    quiet = {"PYTHONWARNINGS": "ignore:This process:DeprecationWarning"}
    child.run(program, cwd=tmp_path, environment=quiet).check(stderr="")

    notice = "3 records held back at __main__:burst:8, over 2/h"
    assert (tmp_path / "app.log").read_text().splitlines() == ["x", "x", "x", "x", notice, notice]


def test_writer_brings_the_notice_though_no_record_comes(tmp_path):
    program = """
import pathlib, time
from logly import logger

def is_told(name):
    return "1 record held back" in pathlib.Path(name).read_text()

logger.configure(console=False)
logger.add("app.log", format="{message}", limit="1/100 ms")
logger.add("now.log", format="{message}", limit="1/100 ms", async_write=False)
for _ in range(2):
    logger.info("x")
while not (is_told("app.log") and is_told("now.log")):
    time.sleep(0.01)
"""
    child.run(program, cwd=tmp_path).check(stderr="")


def test_settings_may_change_while_records_are_held_back(tmp_path, clock):
    sinks = Sinks(tmp_path, limit="1/h")

    burst(3)
    logger.configure(level="DEBUG", show_time=False)
    for sink in sinks.ids:
        logger.disable_sink(sink)
        logger.enable_sink(sink)
    burst(3, 3)
    logger.remove()

    assert sinks.written() == [["burst 0", held_back(5, "1/h")]] * 5

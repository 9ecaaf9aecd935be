"""The local zone: logly uses that of `time.localtime()`, also after the program sets another zone."""

from __future__ import annotations

import pytest

from tests.support.child import output

ZONES = ["UTC0", "JST-9", "<+0530>-5:30", "NST3:30NDT,M3.2.0,M11.1.0", "CET-1CEST,M3.5.0,M10.5.0/3", "AAA12"]

# Logs a line in each zone, and prints the offset that Python reports and the time that the line shows.
PROGRAM = """
import os, sys, time
from logly import logger
logger.configure(console=False)
got = []
class Stream:
    def write(self, text): got.append(text)
def log(zone):
    os.environ["TZ"] = zone
    time.tzset()
    logger.info("hello")
    assert logger.complete(20)
    return time.strftime("%z")
"""

SINKS = {
    "function": "logger.add(got.append, format='{time:ZZ}')",
    "stream": "logger.add(Stream(), format='{time:ZZ}')",
    "background stream": "logger.add(Stream(), format='{time:ZZ}', async_write=True)",
    "file": "logger.add('a.log', format='{time:ZZ}')",
    "synchronous file": "logger.add('a.log', format='{time:ZZ}', async_write=False)",
    "file with a queue of its own": "logger.add('a.log', format='{time:ZZ}', buffer_size=200_000)",
    "function that formats": "logger.add(got.append, format=lambda record: record['time'].strftime('%z') + '\\n')",
    "record of a function": "logger.add(lambda line: got.append(line.record['time'].strftime('%z') + '\\n'))",
}


@pytest.mark.parametrize("sink", SINKS.values(), ids=SINKS)
def test_next_record_has_the_zone_that_the_program_sets(sink, tmp_path):
    program = f"""
os.chdir({str(tmp_path)!r})
{sink}
expected = [log(zone) for zone in {ZONES!r}]
lines = open("a.log").read().splitlines() if os.path.exists("a.log") else [line.strip() for line in got]
print(expected == lines, len(set(lines)), lines)
"""

    shown = output(PROGRAM + program)

    assert shown.startswith(f"True {len(ZONES)} "), shown


def test_zone_is_the_systems_again_when_the_program_takes_its_own_back():
    program = """
logger.add(got.append, format="{time:ZZ}")
os.environ.pop("TZ", None)
time.tzset()
before = time.strftime("%z")
log("JST-9")
del os.environ["TZ"]
time.tzset()
logger.info("hello")
print([line.strip() for line in got] == ["+0900", before])
"""

    assert output(PROGRAM + program) == "True\n"


def test_day_begins_by_the_zone_that_the_program_sets(tmp_path):
    program = f"""
import datetime, logly.testing
os.chdir({str(tmp_path)!r})
utc = datetime.timezone.utc
with logly.testing.freeze(datetime.datetime(2025, 1, 15, 10, tzinfo=utc)):
    log("UTC0")
    logger.add("a.log", rotation="daily", format="{{message}}")
    log("UTC0")
with logly.testing.freeze(datetime.datetime(2025, 1, 15, 16, tzinfo=utc)):
    log("JST-9")
print(sorted(os.listdir()))
"""

    assert output(PROGRAM + program) == "['a.2025-01-15.log', 'a.log']\n"


def test_name_of_a_file_has_the_time_of_the_zone_that_the_program_sets(tmp_path):
    program = f"""
import datetime, logly.testing
os.chdir({str(tmp_path)!r})
with logly.testing.freeze(datetime.datetime(2025, 1, 15, 16, tzinfo=datetime.timezone.utc)):
    log("UTC0")
    log("JST-9")
    logger.add("{{time:YYYY-MM-DD}}.log")
    print(os.listdir())
"""

    assert output(PROGRAM + program) == "['2025-01-16.log']\n"

"""Direct sinks: `add("stdout", direct=True)` writes to the descriptor, with the options and settings of a console."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys

import pytest
from logly import logger

from tests.support import child

CONSOLES = ["console", "stdout", "stderr"]


def test_direct_sink_takes_the_place_of_the_implicit_console():
    program = """
from logly import logger

logger.configure(show_time=False)
sink = logger.add("stdout", direct=True)
logger.info("paid", amount=12)
assert logger.complete(10)
assert logger.list_sinks() == [sink]
assert logger.remove(sink)
logger.info("to nobody")
"""

    child.run(program).check(stdout="INFO | paid amount=12\n", stderr="")


@pytest.mark.parametrize("sink", CONSOLES)
def test_lines_go_to_the_stream_that_the_sink_names(sink):
    program = f"""
from logly import logger

logger.add({sink!r}, direct=True, format="{{message}}")
logger.info("here")
"""

    finished = child.run(program).check()

    shown = finished.stderr if sink == "stderr" else finished.stdout
    assert shown == "here\n"
    assert finished.stdout + finished.stderr == shown


@pytest.mark.parametrize("options", [{}, {"async_write": False}, {"buffer_size": 65536}, {"sync_level": "INFO"}])
def test_each_record_is_written_once_and_in_order(options):
    program = f"""
from logly import logger

logger.add("stdout", direct=True, json=True, **{options})
for number in range(3000):
    logger.info("number", n=number)
"""

    lines = child.output(program).splitlines()

    assert [json.loads(line)["fields"]["n"] for line in lines] == list(range(3000))


def test_levels_filters_and_formats_are_those_of_the_sink():
    program = """
from logly import logger

logger.add("stdout", direct=True, level="WARNING", filter=lambda record: record["extra"].get("shown", True))
logger.add("stderr", direct=True, format=lambda record: "made: " + record["message"])
logger.configure(show_time=False)
logger.info("below")
logger.warning("hidden", shown=False)
logger.error("both")
"""

    finished = child.run(program)

    finished.check(stdout="ERROR | both\n", stderr="made: below\nmade: hidden\nmade: both\n")


def test_settings_for_consoles_hold():
    program = """
from logly import logger

logger.configure(log_compact=True, show_time=False, console_levels={"INFO": False})
logger.add("stdout", direct=True)
logger.info("switched off")
logger.warning("short")
"""

    child.run(program).check(stdout="W short\n", stderr="")


@pytest.mark.parametrize(
    ("options", "environment", "is_colored"),
    [
        ("", {}, False),
        ("", {"FORCE_COLOR": "1"}, True),
        ("", {"LOGLY_COLOR": "1", "NO_COLOR": "1"}, True),
        (", color=False", {"FORCE_COLOR": "1"}, False),
        (", color=True", {"NO_COLOR": "1"}, True),
    ],
)
def test_colours_are_decided_as_for_a_console(options, environment, is_colored):
    program = f"""
import sys
from logly import logger

logger.configure(show_time=False)
logger.add("stdout"{options}, direct="direct" in sys.argv)
logger.info("hi")
"""

    shown, console = (child.run(program, *given, environment=environment).check().stdout for given in (["direct"], []))

    assert shown == console
    assert ("\x1b" in shown) is is_colored


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["color", "no-color", "dumb"])
def test_terminal_gets_what_a_console_shows_there(environment):
    program = """
from logly import logger

logger.configure(show_time=False)
logger.add("stdout", format="auto", direct={})
logger.info("hi")
"""

    direct, console = (child.output_on_terminal(program.format(flag), environment) for flag in (True, False))

    assert direct == console
    assert ("\x1b" in direct) is (environment == {})


def test_automatic_format_is_json_in_a_pipe():
    program = """
from logly import logger

logger.add("stdout", format="auto", direct=True)
logger.info("hi")
"""

    assert json.loads(child.output(program))["message"] == "hi"


def test_records_of_two_direct_sinks_keep_the_order_of_the_calls_in_one_pipe():
    program = """
from logly import logger

logger.add("stdout", direct=True, format="{message}", filter=lambda record: record["level"] == "INFO")
logger.add("stderr", direct=True, format="{message}", level="ERROR")
for number in range(3000):
    logger.log("INFO" if number % 7 else "ERROR", "{n}", n=number)
"""

    finished = child.run(program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    finished.check(stdout="".join(f"{number}\n" for number in range(3000)))


def test_two_native_sinks_keep_the_order_of_the_calls_in_one_file(tmp_path):
    program = """
from logly import logger

logger.add("stdout", direct=True, format="{message}", filter={"__main__": "INFO"})
logger.add("stderr", direct=True, format="{message}", level="ERROR")
for number in range(500):
    logger.info("{n}", n=number)
    logger.error("{n}", n=number)
"""
    with (tmp_path / "both").open("w") as both:
        child.run(program, stdout=both, stderr=both).check()

    expected = [line for number in range(500) for line in [str(number)] * 3]
    assert (tmp_path / "both").read_text().splitlines() == expected


def test_redirected_file_is_shared_with_print_and_never_overwritten(tmp_path):
    program = """
from logly import logger

logger.add("stdout", direct=True, format="{message}")
for number in range(100):
    print("printed", number, flush=True)
    logger.info("logged {n}", n=number)
"""
    path = tmp_path / "out"
    path.write_text("before\n")
    with path.open("r+") as out:
        out.seek(0, 2)
        child.run(program, stdout=out).check()

    lines = path.read_text().splitlines()
    assert sorted(lines) == sorted(["before", *(f"{what} {n}" for what in ("printed", "logged") for n in range(100))])
    assert [line for line in lines if "logged" in line] == [f"logged {n}" for n in range(100)]


def test_forked_children_write_their_own_lines_once():
    program = """
import os
from logly import logger

logger.add("stdout", direct=True, format="{message}")
for number in range(100):
    logger.info("parent {n}", n=number)
child = os.fork()
for number in range(100):
    logger.info("{who} {n}", who="later" if child else "child", n=number)
if child:
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
else:
    assert logger.complete(10)
    os._exit(0)
"""

    lines = child.output(program).splitlines()

    assert sorted(lines) == sorted(f"{who} {n}" for who in ("parent", "later", "child") for n in range(100))


def test_workers_of_a_pool_write_their_lines():
    program = """
import multiprocessing
from logly import logger

def work(number):
    logger.info("worker {n}", n=number)

if __name__ == "__main__":
    logger.add("stdout", direct=True, format="{message}")
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(work, range(50))
    logger.info("parent")
"""

    lines = child.output(program).splitlines()

    assert sorted(lines) == sorted(["parent", *(f"worker {number}" for number in range(50))])


def test_sink_is_described_and_has_no_file():
    program = """
from logly import logger

sink = logger.add("stderr", direct=True, level="ERROR")
logger.info("below")
logger.error("one")
assert logger.complete(10)
info = logger.sink_info(sink)
assert (info["kind"], info["name"], info["path"], info["async_write"]) == ("direct", "stderr", None, True), info
stats = logger.stats()["sinks"][sink]
assert (stats["kind"], stats["written"], stats["pending"]) == ("direct", 1, 0), stats
assert logger.read(sink) is None
assert logger.file_size(sink) is None
assert not logger.delete(sink)
assert logger.reopen(sink) == 1
logger.error("two")
assert logger.disable_sink(sink)
logger.error("off")
"""

    finished = child.run(program).check(stdout="")

    assert [line.split("|")[2].strip() for line in finished.stderr.splitlines()] == ["one", "two"]


@pytest.mark.parametrize("stream", [io.StringIO(), None], ids=["StringIO", "capsys"])
@pytest.mark.usefixtures("capsys")
def test_redirected_stream_is_refused_with_the_reason(stream):
    before = logger.list_sinks()

    with contextlib.redirect_stdout(stream) if stream else contextlib.nullcontext():
        message = (
            r"direct: expected False while sys\.stdout does not write to descriptor 1, got True with sys\.stdout <"
        )
        with pytest.raises(ValueError, match=message):
            logger.add("stdout", direct=True)
        with pytest.raises(ValueError, match=message):
            logger.configure(sinks=[{"sink": "stdout", "direct": True}])

    assert logger.list_sinks() == before


def test_notebook_is_refused(monkeypatch):
    stream = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream", "fileno": lambda _: 2})
    monkeypatch.setattr(sys, "stderr", stream())

    with pytest.raises(ValueError, match="direct: expected False while sys.stderr does not write to descriptor 2"):
        logger.add("stderr", direct=True)


@pytest.mark.parametrize(
    "sink", ["app.log", sys.stdout, print, "logging"], ids=["path", "stream", "function", "logging"]
)
def test_only_consoles_are_direct(sink, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ValueError, match='direct: expected a sink that is "stdout", "stderr" or "console", got '):
        logger.add(sink, direct=True)

    assert list(tmp_path.iterdir()) == []


def test_direct_false_is_an_ordinary_sink(tmp_path):
    sink = logger.add(tmp_path / "app.log", direct=False)

    assert logger.sink_info(sink)["kind"] == "file"


@pytest.mark.parametrize(
    ("name", "value"),
    [("rotation", "1 MB"), ("retention", 3), ("compression", "gzip"), ("mode", "w"), ("permissions", 0o600),
     ("delay", True), ("watch", False), ("encoding", "utf-8")],
)  # fmt: skip
def test_options_of_files_are_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"{name}: expected a sink that is a file, got 'stderr'"):
        logger.add("stderr", direct=True, **{name: value})


def test_exceptions_cannot_come_out_of_the_call():
    with pytest.raises(ValueError, match="catch: expected True for "):
        logger.add("stdout", direct=True, catch=False)


def test_file_named_as_the_stream_is_left_alone(tmp_path):
    (tmp_path / "stdout").write_text("mine")
    program = """
from logly import logger

logger.add("stdout", direct=True, format="{message}")
logger.info("line")
"""

    child.run(program, cwd=tmp_path).check(stdout="line\n", stderr="")

    assert [path.name for path in tmp_path.iterdir()] == ["stdout"]
    assert (tmp_path / "stdout").read_text() == "mine"

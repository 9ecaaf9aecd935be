"""Sinks of the dialect: the default one, ids, errors, filters, handlers, coroutines and files."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import subprocess
import sys

import pytest


def run(program, **environment):
    """Return the two outputs of a program."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        env={**os.environ, **environment, "PYTHONUTF8": "1"},
    )
    return done.stdout, done.stderr


def test_default_sink_writes_debug_lines_to_standard_error():
    program = "from logly.loguru import logger\nlogger.trace('t')\nlogger.debug('d')\n"

    out, err = run(program)

    assert out == ""
    assert err.endswith(" | DEBUG    | __main__:<module>:3 - d\n")
    assert err.count("\n") == 1


def test_environment_decides_the_defaults():
    program = "from logly.loguru import logger\nlogger.info('i')\nlogger.warning('w')\n"

    _, err = run(program, LOGURU_LEVEL="WARNING", LOGURU_FORMAT="{level.icon} {message}", LOGURU_WARNING_ICON="!")
    _, nothing = run(program, LOGURU_AUTOINIT="no")

    assert (err, nothing) == ("! w\n", "")


def test_sinks_of_the_two_loggers_are_apart(logger, lines):
    from logly import logger as other

    logger.add(lines.append, format="{message}")

    other.error("not here")
    logger.error("here")

    assert lines == ["here\n"]


def test_unknown_id_raises(logger):
    with pytest.raises(ValueError, match="There is no existing handler with id 12345"):
        logger.remove(12345)


def test_removal_stops_the_sink(logger):
    calls = []

    class Sink:
        def write(self, line):
            calls.append(line)

        def stop(self):
            calls.append("stopped")

    number = logger.add(Sink(), format="{message}")
    logger.info("one")

    assert logger.remove(number) is None
    assert calls == ["one\n", "stopped"]


def test_sink_that_is_refused_takes_an_id(logger, lines):
    first = logger.add(lines.append)

    with pytest.raises(ValueError, match="does not exist"):
        logger.add(lines.append, level="nope")

    assert logger.add(lines.append) == first + 2


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        ({"level": "nope"}, ValueError, "Level 'nope' does not exist"),
        ({"level": -1}, ValueError, "it should be a positive integer, not: -1"),
        ({"level": []}, TypeError, "it should be an integer or a string, not: 'list'"),
        ({"format": 3}, TypeError, "Invalid format, it should be a string or a function, not: 'int'"),
        ({"filter": 3}, TypeError, "Invalid filter, it should be a function, a string or a dict, not: 'int'"),
        ({"filter": {"a": "bad"}}, ValueError, "associated to a level name which does not exist: 'bad'"),
        ({"unknown": 1}, TypeError, "add.. got an unexpected keyword argument 'unknown'"),
        ({"rotation": "1 day"}, TypeError, "add.. got an unexpected keyword argument 'rotation'"),
    ],
)
def test_wrong_options_are_refused(logger, options, kind, text):
    with pytest.raises(kind, match=text):
        logger.add(io.StringIO(), **options)


def test_filter_by_levels_of_modules(logger, lines):
    logger.add(lines.append, format="{message}", filter={"": "WARNING", __name__: "INFO"})

    logger.debug("debug")
    logger.info("info")

    assert lines == ["info\n"]


def test_handler_gets_a_record_with_the_fields(logger):
    records = []

    class Handler(logging.Handler):
        def emit(self, record):
            records.append(record)

    logger.add(Handler(), format="{level} {message}")
    logger.bind(user="ada").warning("hello {}", 1)

    found = records[0]
    assert (found.getMessage(), found.levelname, found.extra) == ("WARNING hello 1", "WARNING", {"user": "ada"})


def test_coroutine_is_awaited_by_complete(logger):
    lines = []

    async def sink(line):
        await asyncio.sleep(0)
        lines.append(str(line))

    async def main():
        logger.add(sink, format="{message}")
        logger.info("one")
        await logger.complete()
        return list(lines)

    assert asyncio.run(main()) == ["one\n"]


def test_name_of_a_console_is_a_file(logger, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    logger.add("stdout", format="{message}")
    logger.info("line")
    logger.remove()

    assert (tmp_path / "stdout").read_text() == "line\n"


def test_configure_replaces_sinks_and_returns_ids(logger, lines):
    other = []
    logger.add(other.append)

    ids = logger.configure(
        handlers=[{"sink": lines.append, "format": "{level} {message} {extra[a]} {extra[b]}"}],
        levels=[{"name": "QUIET", "no": 13, "color": "<red>"}],
        extra={"a": 1},
        patcher=lambda record: record["extra"].update(b=2),
        activation=None,
    )
    logger.log("QUIET", "m")

    assert (len(ids), lines, other) == (1, ["QUIET m 1 2\n"], [])


def test_filter_for_modules_without_a_name_leaves_others_alone(logger, lines):
    logger.add(lines.append, format="{message}", filter={None: "ERROR"})

    logger.info("line")

    assert lines == ["line\n"]

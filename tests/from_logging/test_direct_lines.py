"""The lines of direct calls of `logging`, which are prepared for the place and the logger of a call."""

from __future__ import annotations

import json
import logging

import logly.testing
import pytest
from logly import logger

from tests.from_logging.test_direct_calls import direct_calls
from tests.support.standard import NEEDS_DIRECT_CALLS

pytestmark = [NEEDS_DIRECT_CALLS, pytest.mark.usefixtures("no_console")]

TURNS = 6
OPTIONS = {
    "text": {"format": "{level} {name}:{module}:{function}:{line} {process} {thread.name} {message}{fields}"},
    "json": {"json": True, "format": "{name} {module} {function} {filename} {line} {process}"},
    "ecs": {"json": "ecs", "include": ["logger", "function", "line", "process", "process_name"]},
    "masked": {"json": "ecs", "redact": True},
}


def log(name, number):
    logging.getLogger(name).warning("item %d of %s", number, name, extra={"n": number, "user": "ada"})


def log_bare(name, number):
    logging.getLogger(name).log(30 + number % 2 * 10, "Authorization: Bearer %s", f"abc{number}.def-ghi_jkl")


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("call", [log, log_bare])
def test_lines_are_those_of_pythons_way(call, options, tmp_path):
    lines = []
    with logly.testing.freeze("2025-01-15T10:30:45.123Z"):
        for fast in (True, False):
            path = tmp_path / f"{fast}.log"
            sink = logger.add(path, **options)
            with logly.intercept_logging(fast=fast):
                count = direct_calls(lambda: [call(name, n) for n in range(TURNS) for name in ("app.db", "app.web")])
            logger.remove(sink)
            lines.append(path.read_text().splitlines())
            assert count == (2 * TURNS if fast else 0)

    assert lines[0] == lines[1]
    assert len(lines[0]) == 2 * TURNS


def test_place_where_both_kinds_of_loggers_log(tmp_path):
    sink = logger.add(tmp_path / "app.log", json="ecs")
    with logly.intercept_logging():
        direct_calls(lambda: [log.info("hello") for log in (logging.getLogger("app.db"), logger) * TURNS])
    logger.remove(sink)

    names = [json.loads(line)["log.logger"] for line in (tmp_path / "app.log").read_text().splitlines()]
    assert names == ["app.db", __name__] * TURNS


def test_record_of_an_earlier_call_goes_to_sinks_that_are_added(tmp_path):
    seen = []
    with logly.intercept_logging():
        for turn in range(3):
            sinks = [logger.add(tmp_path / "app.log")]
            if turn == 1:
                sinks.append(logger.add(seen.append, format="{name} {function} {message}"))
            direct_calls(lambda: log("app.db", 1))
            for sink in sinks:
                logger.remove(sink)

    assert seen == ["app.db log item 1 of app.db\n"]
    assert (tmp_path / "app.log").read_text().count("item 1 of app.db") == 3

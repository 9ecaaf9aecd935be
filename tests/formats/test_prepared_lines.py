"""Files show the lines that streams show, although their lines are prepared once for each call site."""

from __future__ import annotations

import io

import logly.testing
import pytest
from logly import logger

from tests.formats.shaping import TRACE, WHEN

VALUES = [
    1,
    "ada",
    None,
    2.5,
    True,
    float("nan"),
    "a b=c",
    'quoted "x" \\',
    "line\nbreak\u202e",
    {"a": 1, "b": ["x"]},
    [1, "2"],
    10**30,
    "",
    b"\xff",
    "é😀",
    "4bf92f3577b34da6a3ce929d0e0e4736",
]

OPTIONS = {
    "default": {},
    "fields": {"format": "{time:X.SSS} {level: <8} {message}{fields} {user} {missing}|{n:>6}|{thread} {elapsed}"},
    "extra": {"format": "{level.icon} {name}:{function}:{line} {message:.10} {extra}"},
    "indent": {"multiline": "indent"},
    "raw": {"multiline": "raw", "format": "{message} {value}"},
    "json": {"json": True},
    "json with places": {"json": True, "format": "{module} {function} {filename} {line} {process} {thread}"},
    "flat": {"json": "flat"},
    "pretty": {"json": "pretty"},
    "ecs": {"json": "ecs"},
    "gcp": {"json": "gcp"},
    "datadog": {"json": "datadog"},
    "gelf": {"json": "gelf"},
    "otel": {"json": "otel"},
    "logfmt": {"format": "logfmt"},
    "renamed": {"json": "ecs", "keys": {"message": "msg", "log.logger": None}, "include": ["logger", "thread", "task"]},
    "redacted": {"json": True, "redact": True},
}


def log_all(clock):
    """Log at a few places, with other values, levels and fields each time."""
    for turn in range(3):
        for number, value in enumerate(VALUES):
            clock.tick(0.4)
            logger.info("paid {n} to {user}: {value} {gone}", n=number, user="ada", value=value, error=value)
            logger.info("plain", trace_id=value, labels=value, level=value, message=turn, http_request=value)
            logger.info(f"message {turn}", **TRACE)
            logger.info("{n:>4} {value!r} {value}", n=number, value=value)
            logger.info("%s and %d", value, number)
            logger.log("ERROR" if number % 3 else "INFO", "level {value}", value=value)
            logger.bind(shop="s7", **({"user": value} if number % 2 else {})).info("bound {shop}", user=number)
            with logger.contextualize(request=value):
                logger.info("in context {request}")
    try:
        {}["port"]
    except KeyError:
        logger.exception("failed {n}", n=1)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_file_has_the_lines_of_a_stream(options, tmp_path):
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, level="TRACE", **options)
    logger.add(tmp_path / "app.log", level="TRACE", **options)

    with logly.testing.freeze(WHEN) as clock:
        log_all(clock)
    logger.complete()

    lines = (tmp_path / "app.log").read_text(encoding="utf-8")
    assert lines.split("\n") == stream.getvalue().split("\n")


def test_changed_settings_hold_for_prepared_lines(tmp_path):
    logger.remove_all()
    logger.add(tmp_path / "app.log", format="{level.icon} {extra} {message}")

    for icon in ("A", "B", "C"):
        logger.level("INFO", icon=icon)
        for number in range(4):
            logger.info("n {number}", number=number)
    logger.configure(extra={"shop": "s7"})
    logger.info("n {number}", number=4)
    logger.complete()

    lines = (tmp_path / "app.log").read_text(encoding="utf-8").splitlines()
    assert [line[0] for line in lines] == [*"AAAABBBBCCCCC"]
    assert lines[-1] == "C {'shop': 's7', 'number': 4} n 4"

"""`add(catch=False)`: exceptions of a sink propagate out of the logging call."""

from __future__ import annotations

import io

import pytest
from logly import logger


class BrokenError(Exception):
    """The exception that sinks raise here."""


def broken(*_):
    raise BrokenError


def test_error_of_a_function_reaches_the_caller(no_console, capfd):
    logger.add(broken, catch=False)

    with pytest.raises(BrokenError):
        logger.info("x")

    assert capfd.readouterr().err == ""


def test_error_of_a_stream_reaches_the_caller(no_console):
    stream = io.StringIO()
    logger.add(stream, catch=False)
    stream.close()

    with pytest.raises(ValueError, match="closed file"):
        logger.info("x")


@pytest.mark.parametrize("option", ["filter", "format"])
def test_errors_of_functions_of_the_sink_reach_the_caller_after_the_record(no_console, option):
    stream = io.StringIO()
    logger.add(stream, catch=False, **{option: broken})

    with pytest.raises(BrokenError):
        logger.info("x")

    assert stream.getvalue().endswith("x\n")


def test_other_sinks_get_the_record_all_the_same(no_console, text):
    logger.add(broken, catch=False)
    last = io.StringIO()
    logger.add(last, format="{message}")

    with pytest.raises(BrokenError):
        logger.info("x")

    assert text.lines == ["x"]
    assert last.getvalue() == "x\n"


def test_dropped_record_is_counted(no_console):
    sink = logger.add(broken, catch=False)

    with pytest.raises(BrokenError):
        logger.info("x")

    assert logger.stats()["sinks"][sink]["dropped"]["sink_error"] == 1


def test_errors_of_sinks_that_are_caught_stay_contained(no_console, text):
    logger.add(broken, catch=True)
    logger.add(broken)

    logger.info("x")

    assert text.lines == ["x"]


async def awaited(_):
    """Accept a line."""


@pytest.mark.parametrize("options", [{"sink": "file"}, {"sink": print, "async_write": True}, {"sink": awaited}])
def test_sinks_in_the_background_cannot_let_errors_out(tmp_path, monkeypatch, options):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ValueError, match="catch: expected True for what is written in the background"):
        logger.add(**options, catch=False)

    assert list(tmp_path.iterdir()) == []

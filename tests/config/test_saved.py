"""Restoring a saved state: sinks removed after the save were hidden, not closed, and come back."""

from __future__ import annotations

import pytest
from logly import Logger, _logly, logger


@pytest.fixture
def saved(no_console):
    return lambda: _logly._save(logger)


def restore(state):
    return _logly._restore(logger, state)


def lines(path):
    assert logger.complete(timeout=30)
    return path.read_text().splitlines()


@pytest.mark.parametrize("options", [{}, {"async_write": False}, {"buffer_size": 65536}, {"rotation": "1 MB"}])
def test_file_that_was_removed_goes_on(saved, tmp_path, options):
    sink = logger.add(tmp_path / "app.log", format="{message}", **options)
    logger.info("before")
    state = saved()

    assert logger.remove(sink)
    logger.info("meanwhile")
    assert logger.list_sinks() == []
    restore(state)
    logger.info("after")

    assert logger.list_sinks() == [sink]
    assert lines(tmp_path / "app.log") == ["before", "after"]


@pytest.mark.parametrize("is_async", [True, False])
def test_function_that_was_removed_goes_on(saved, is_async):
    got = []
    sink = logger.add(got.append, format="{message}", async_write=is_async)
    state = saved()

    logger.remove_all()
    logger.info("meanwhile")
    restore(state)
    logger.info("after")

    assert logger.complete(timeout=30)
    assert got == ["after\n"]
    assert logger.list_sinks() == [sink]


def test_what_came_meanwhile_is_closed_when_written(saved, tmp_path):
    state = saved()

    logger.add(tmp_path / "app.log", format="{message}")
    logger.info("meanwhile")
    restore(state)
    logger.info("after")

    assert (tmp_path / "app.log").read_text() == "meanwhile\n"
    assert logger.list_sinks() == []


def test_callbacks_settings_and_switches_are_as_before(saved):
    got = []
    logger.add_callback(lambda record: got.append(record["message"]), name="kept")
    logger.configure(level="WARNING")
    state = saved()

    logger.add_callback(lambda record: got.append("other"), name="kept")
    logger.configure(level="DEBUG", extra={"a": 1})
    logger.disable()
    restore(state)
    logger.warning("after")

    assert logger.complete(timeout=30)
    assert got == ["after"]
    assert logger.is_enabled("WARNING")


def test_levels_of_sinks_are_as_before(saved):
    sink = logger.add(print, level="ERROR")
    state = saved()

    logger.set_level("TRACE", sink)
    logger.disable_sink(sink)
    restore(state)

    assert logger.sink_info(sink)["level"] == "ERROR"
    assert logger.is_sink_enabled(sink)


def test_states_may_be_nested(saved):
    got = []
    sink = logger.add(got.append, format="{message}")
    outer = saved()
    logger.remove(sink)
    inner = saved()
    other = logger.add(got.append, format="other {message}")

    restore(inner)
    logger.info("nobody")
    restore(outer)
    logger.info("first")

    assert got == ["first\n"]
    assert logger.list_sinks() == [sink]
    assert not logger.remove(other)


def test_state_is_restored_once(saved):
    state = saved()

    assert (restore(state), restore(state)) == (True, False)


def test_removal_after_it_was_restored_closes(saved, tmp_path):
    sink = logger.add(tmp_path / "app.log", format="{message}")
    state = saved()
    logger.remove(sink)
    restore(state)

    assert logger.remove(sink)
    assert not logger.remove(sink)


def test_independent_logger_has_states_of_its_own():
    audit = Logger()
    audit.remove_all()
    state = _logly._save(audit)
    audit.add(print)

    assert _logly._restore(audit, state)
    assert audit.sink_count == 0

"""Configuration as a whole: lists of sinks, and levels of modules."""

from __future__ import annotations

import logging

import pytest
from logly import Logger, logger


def test_sinks_take_the_place_of_all_there_were(capsys):
    lines = []

    ids = logger.configure(sinks=[{"sink": lines.append, "format": "{message}"}])
    logger.info("hello")

    assert (lines, capsys.readouterr().out) == (["hello\n"], "")
    assert ids == logger.list_sinks()


def test_handlers_is_another_name_for_sinks():
    lines = []

    logger.configure(handlers=[{"sink": lines.append, "format": "{message}", "level": "ERROR"}])
    logger.error("hello")

    assert lines == ["hello\n"]


def test_both_names_at_once_are_refused():
    with pytest.raises(TypeError, match='"sinks" and "handlers", which mean the same'):
        logger.configure(sinks=[], handlers=[])


def test_no_sinks_are_none():
    assert logger.configure(sinks=[]) == []
    assert logger.sink_count == 0


def test_without_sinks_those_there_are_stay():
    assert logger.configure(level="DEBUG") is None
    assert logger.sink_count == 1


def test_sinks_may_use_levels_that_are_defined_with_them():
    lines = []

    logger.configure(levels=[{"name": "AUDIT", "no": 35}], sinks=[{"sink": lines.append, "level": "AUDIT"}])
    logger.warning("no")
    logger.log("AUDIT", "yes")

    assert len(lines) == 1


def test_what_was_logged_before_is_written_by_the_sinks_of_before(tmp_path):
    logger.add(tmp_path / "old", format="{message}")

    logger.info("before")
    logger.configure(sinks=[{"sink": tmp_path / "new", "format": "{message}"}])
    logger.info("after")
    logger.complete()

    assert ((tmp_path / "old").read_text(), (tmp_path / "new").read_text()) == ("before\n", "after\n")


@pytest.mark.parametrize(
    ("sink", "error", "match"),
    [
        ({"sink": "b.log", "rotation": "10 parsecs"}, ValueError, "rotation: expected"),
        ({"sink": "b.log", "rotatoin": "daily"}, TypeError, 'did you mean "rotation"'),
        ({"sink": "b.log", "format": "{user!r}"}, ValueError, "format: "),
        ({"level": "INFO"}, ValueError, 'sinks: expected the key "sink"'),
        ("b.log", TypeError, "sinks: expected a list of dicts"),
        ({"sink": "/proc/none/b.log"}, OSError, "/proc/none"),
    ],
)
def test_nothing_changes_when_one_sink_is_wrong(sink, error, match, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = logger.all_sinks_info()

    with pytest.raises(error, match=match):
        logger.configure(level="ERROR", sinks=[{"sink": "stderr"}, sink])

    assert [info["name"] for info in logger.all_sinks_info()] == [info["name"] for info in before]
    assert logger.is_enabled("INFO")


def test_nothing_changes_when_a_setting_is_wrong(tmp_path):
    with pytest.raises(ValueError, match="level: "):
        logger.configure(level="LOUD", sinks=[{"sink": tmp_path / "log"}])

    assert not (tmp_path / "log").exists()
    assert logger.sink_count == 1


def test_implicit_console_comes_beside_sinks_on_request(tmp_path, capsys):
    logger.configure(console=True, sinks=[{"sink": tmp_path / "log"}])

    logger.info("hello")

    assert capsys.readouterr().out.endswith("hello\n")
    assert logger.sink_count == 2


# Levels of modules


@pytest.fixture
def lines(no_console):
    """Return the output of a sink that follows the levels."""
    written = []
    logger.add(written.append, format="{level} {message}")
    return written


def call(name, level):
    """Log from a module with that name."""
    exec(f"logger.log({level!r}, {name!r})", {"logger": logger, "__name__": name})


def test_level_of_a_module_holds_for_what_is_below_it(lines):
    logger.configure(module_levels={"app.db": "DEBUG", "noisy": "ERROR"})

    for name in ("app", "app.db", "app.db.pool", "noisy.x"):
        call(name, "DEBUG")
        call(name, "INFO")

    assert lines == ["INFO app\n", *(f"{level} {name}\n" for name in ("app.db", "app.db.pool")
                                     for level in ("DEBUG", "INFO"))]  # fmt: skip


def test_module_may_be_off_or_on_altogether(lines):
    logger.configure(module_levels={"silent": False, "loud": True})

    call("silent", "CRITICAL")
    call("loud", "TRACE")

    assert lines == ["TRACE loud\n"]


def test_level_of_a_sink_wins_over_those_of_modules():
    written = []
    logger.configure(module_levels={"app": "DEBUG", "noisy": "ERROR"}, console=False)
    logger.add(written.append, level="INFO", format="{message}")

    call("app", "DEBUG")
    call("noisy", "INFO")

    assert written == ["noisy\n"]


def test_levels_of_modules_hold_for_files_and_callbacks(tmp_path, no_console):
    seen = []
    sink = logger.add(tmp_path / "log", format="{message}")
    number = logger.add_callback(lambda record: seen.append(record["message"]))
    logger.configure(module_levels={"app": "DEBUG"})

    call("app", "DEBUG")
    call("other", "DEBUG")
    logger.complete()

    stats = logger.stats()
    assert ((tmp_path / "log").read_text(), seen) == ("app\n", ["app"])
    assert (stats["sinks"][sink]["filtered"], stats["callbacks"][number]["filtered"]) == (1, 1)


def test_levels_of_modules_are_replaced_as_a_whole(lines):
    logger.configure(module_levels={"app": "DEBUG"})
    logger.configure(module_levels={})

    call("app", "DEBUG")

    assert lines == []


def test_is_enabled_looks_at_the_module_that_asks(lines):
    logger.configure(module_levels={"app": "DEBUG"})
    asked = {}

    for name in ("app", "other"):
        exec("asked[__name__] = logger.is_enabled('DEBUG')", {"logger": logger, "asked": asked, "__name__": name})

    assert asked == {"app": True, "other": False}


def test_level_of_a_sink_that_follows_is_shown_as_configured(lines):
    logger.configure(level="WARNING", module_levels={"app": "DEBUG"})

    assert logger.all_sinks_info()[-1]["level"] == "WARNING"


def test_unknown_level_of_a_module_is_refused():
    with pytest.raises(ValueError, match=r'module_levels: expected one of the levels .*did you mean "WARNING"'):
        logger.configure(module_levels={"app": "WARNNG"})


def test_records_of_logging_follow_the_levels_of_modules(lines):
    import logly

    logger.configure(module_levels={"sqlalchemy": "ERROR"})
    with logly.intercept_logging(loggers=["sqlalchemy", "app"]):
        logging.getLogger("sqlalchemy.engine").warning("no")
        logging.getLogger("app").warning("yes")

    assert lines == ["WARNING yes\n"]


def test_independent_logger_has_its_own_sinks():
    audit = Logger()

    audit.configure(sinks=[])

    assert (audit.sink_count, logger.sink_count) == (0, 1)

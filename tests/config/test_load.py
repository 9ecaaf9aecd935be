"""Configuration files."""

from __future__ import annotations

import json
import textwrap

import logly
import pytest
from logly import Logger, logger


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Write a file and load it."""
    monkeypatch.chdir(tmp_path)

    def write_and_load(text, name="logly.toml"):
        (tmp_path / name).write_text(textwrap.dedent(text), encoding="utf-8")
        return logly.load(name)

    return write_and_load


def mistakes(load, text, name="logly.toml"):
    """Return the lines of the error that `load` raises."""
    with pytest.raises(ValueError) as raised:
        load(text, name)
    return str(raised.value).splitlines()


def test_toml_has_settings_and_sinks(load, tmp_path):
    ids = load("""
        level = "WARNING"
        extra = { service = "shop" }

        [[sinks]]
        sink = "app.log"
        format = "{level} {message}{fields}"
        retention = { count = 3 }
        rotation = ["10 MB", "daily"]
        """)

    logger.info("no")
    logger.warning("yes", port=80)
    logger.complete()

    assert ids == logger.list_sinks()
    assert (tmp_path / "app.log").read_text() == "WARNING yes service=shop port=80\n"


def test_json_says_the_same(load, tmp_path):
    load(json.dumps({"level": "WARNING", "sinks": [{"sink": "app.log", "json": "flat"}]}), "logly.json")

    logger.warning("yes")
    logger.complete()

    assert json.loads((tmp_path / "app.log").read_text())["message"] == "yes"


def test_pyproject_has_a_table_of_its_own(load, capsys):
    load(
        "[project]\nname = 'x'\n[tool.logly]\nshow_time = false\nmodule_levels = { app = 'ERROR' }\n", "pyproject.toml"
    )

    logger.info("hello")

    assert capsys.readouterr().out == "INFO | hello\n"


def test_sinks_stay_when_nothing_is_said_of_them(load):
    assert load("level = 'DEBUG'\n") == []
    assert logger.sink_count == 1


def test_variables_are_filled_in(load, monkeypatch, capsys):
    monkeypatch.setenv("APP_LEVEL", "error")
    monkeypatch.delenv("APP_PORT", raising=False)
    load("""
        show_time = "${APP_TIME:-false}"
        extra = { literal = "$${APP_LEVEL}", port = "${APP_PORT:-80}", both = "a-${APP_LEVEL}-b" }
        [[sinks]]
        sink = "${APP_SINK:-console}"
        level = "${APP_LEVEL}"
        """)

    logger.error("hello")

    assert capsys.readouterr().out == "ERROR | hello literal=${APP_LEVEL} port=80 both=a-error-b\n"


def test_empty_variable_takes_the_default_like_a_shell(load, monkeypatch):
    monkeypatch.setenv("APP_LEVEL", "")

    load("level = '${APP_LEVEL:-ERROR}'")

    assert not logger.is_enabled("WARNING")


def test_missing_variable_is_a_mistake(load, monkeypatch):
    monkeypatch.delenv("NOBODY", raising=False)

    found = mistakes(load, "\nlevel = '${NOBODY}'")

    assert found[0] == "logly.toml:2: level: the environment has no NOBODY; ${NOBODY:-...} has a default"


def test_mistakes_are_told_all_at_once_with_their_places(load):
    found = mistakes(
        load,
        """\
        level = "INFOO"
        colour = true

        [[sinks]]
        sink = "app.log"
        rotatoin = "daily"

        [[sinks]]
        sink = "b.log"
        retention = "ten days"
        level = "DEBUG"
        size_limit = "many"
        """,
    )

    assert [line.split(": ")[:2] for line in found] == [
        ["logly.toml:1", "level"],
        ["logly.toml:2", "colour"],
        ["logly.toml:6", "sinks[0].rotatoin"],
        ["logly.toml:10", "sinks[1].retention"],
        ["logly.toml:12", "sinks[1].size_limit"],
    ]
    assert 'did you mean "INFO"' in found[0]
    assert 'did you mean "color"' in found[1]
    assert 'did you mean "rotation"' in found[2]


def test_mistakes_of_json_have_their_lines(load):
    found = mistakes(load, '{\n "sinks": [\n  {"sink": "a.log",\n   "mode": "q"}\n ]\n}', "logly.json")

    assert found[0].startswith("logly.json:4: sinks[0].mode: expected")


def test_mistakes_of_pyproject_have_the_whole_key(load):
    found = mistakes(load, "[tool.logly]\nlevel = 'LOUD'\n", "pyproject.toml")

    assert found[0].startswith("pyproject.toml:2: tool.logly.level: expected one of the levels")


@pytest.mark.parametrize(
    ("name", "text", "start"),
    [
        ("logly.toml", "level = \n", "logly.toml:1:"),
        ("logly.toml", "level = 'a'\nlevel = 'b'\n", "logly.toml:2:"),
        ("logly.json", '{"level": }', "logly.json:1:"),
        ("logly.json", '{"level": "INFO",\n "level": "INFO"}', "logly.json:2:"),
        ("logly.json", "[1]", "logly.json:1: expected a table"),
        ("pyproject.toml", "[tool.other]\n", "pyproject.toml: expected a table [tool.logly]"),
        ("logly.toml", "sinks = 3\n", "logly.toml:1: sinks: expected tables"),
        ("logly.toml", "[[sinks]]\nlevel = 'INFO'\n", "logly.toml:1: sinks[0].sink: expected a path"),
        ("logly.yaml", "", "path: expected a file whose name ends in .toml or .json"),
    ],
)
def test_file_that_cannot_be_understood_is_refused_with_the_place(load, name, text, start):
    assert mistakes(load, text, name)[0].startswith(start)


def test_nothing_changes_when_something_is_wrong(load, tmp_path):
    mistakes(load, "level = 'ERROR'\n[[sinks]]\nsink = 'a.log'\n[[sinks]]\nsink = 'b.log'\nmode = 'q'\n")

    assert logger.is_enabled("INFO")
    assert [path.name for path in tmp_path.iterdir()] == ["logly.toml"]


def test_file_of_a_sink_that_cannot_be_opened_is_named(load):
    with pytest.raises(OSError, match="/proc/none"):
        load("[[sinks]]\nsink = '/proc/none/app.log'\n")

    assert [info["implicit"] for info in logger.all_sinks_info()] == [True]


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent.toml"):
        logly.load(tmp_path / "absent.toml")


def test_text_that_is_no_utf8_is_refused(tmp_path):
    (tmp_path / "logly.toml").write_bytes(b"level = '\xff'")

    with pytest.raises(ValueError, match="expected text in UTF-8"):
        logly.load(tmp_path / "logly.toml")


def test_without_a_path_the_file_of_the_folder_is_taken(load):
    load("level = 'ERROR'\n")
    logger.reset()

    logly.load()

    assert not logger.is_enabled("WARNING")


def test_without_a_path_the_variable_comes_first(load, tmp_path, monkeypatch):
    load("level = 'ERROR'\n")
    (tmp_path / "other.toml").write_text("level = 'DEBUG'\n")
    monkeypatch.setenv("LOGLY_CONFIG", str(tmp_path / "other.toml"))

    logly.load()

    assert logger.is_enabled("DEBUG")


def test_pyproject_without_us_is_not_taken(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LOGLY_CONFIG", raising=False)
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")

    with pytest.raises(FileNotFoundError, match=r"none of logly.toml, logly.json, pyproject.toml"):
        logly.load()


def test_independent_logger_can_be_loaded(tmp_path):
    (tmp_path / "logly.toml").write_text("sinks = []\n")
    audit = Logger()

    logly.load(tmp_path / "logly.toml", logger=audit)

    assert (audit.sink_count, logger.sink_count) == (0, 1)

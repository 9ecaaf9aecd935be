"""The effect of `LOGLY_*` variables and of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from logly._config.environment import levels

from tests.support.child import command, run

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
from logly import logger
logger.configure(show_time=False)
def call(name, level):
    exec("logger.log(level, name)", {"logger": logger, "level": level, "__name__": name, "name": name})
for name in ("main", "app.db", "noisy"):
    for level in ("DEBUG", "INFO", "ERROR"):
        call(name, level)
"""


def shown(**environment):
    """Return the output of the program in this environment; it must print nothing else."""
    finished = run(PROGRAM, environment=environment)
    finished.check(stderr="")
    return finished.stdout.splitlines()


def test_level_holds_for_all():
    assert shown(LOGLY_LEVEL="error") == ["ERROR | main", "ERROR | app.db", "ERROR | noisy"]


def test_level_may_be_a_number():
    assert shown(LOGLY_LEVEL="40") == shown(LOGLY_LEVEL="ERROR")


def test_levels_of_modules_stand_behind_it():
    assert shown(LOGLY_LEVEL="error, app=debug, noisy=off") == [
        "ERROR | main",
        "DEBUG | app.db",
        "INFO | app.db",
        "ERROR | app.db",
    ]


def test_json_is_switched_on():
    (line, *_) = shown(LOGLY_JSON="1", LOGLY_LEVEL="ERROR")

    assert line.startswith('{"timestamp": ')
    assert '"message": "main"' in line


def test_format_is_the_consoles():
    assert shown(LOGLY_FORMAT="{message} at {level}", LOGLY_LEVEL="ERROR")[0] == "main at ERROR"


def test_file_is_written_beside_the_console(tmp_path):
    path = tmp_path / "app.log"

    lines = shown(LOGLY_FILE=str(path), LOGLY_LEVEL="ERROR", LOGLY_FORMAT="{message}")

    assert lines == path.read_text().splitlines() == ["main", "app.db", "noisy"]


def test_file_is_made_at_the_first_record(tmp_path):
    finished = run("import logly", environment={"LOGLY_FILE": str(tmp_path / "app.log")})

    finished.check()
    assert list(tmp_path.iterdir()) == []


def test_configuration_is_loaded_and_variables_win(tmp_path):
    path = tmp_path / "logly.toml"
    path.write_text("level = 'DEBUG'\n[[sinks]]\nsink = 'console'\nformat = '{message}'\n")

    lines = shown(LOGLY_CONFIG=str(path), LOGLY_LEVEL="ERROR")

    assert lines == ["main", "app.db", "noisy"]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("LOGLY_LEVEL", "infoo", "LOGLY_LEVEL is ignored: level: expected one of the levels"),
        ("LOGLY_LEVEL", "info,debug", "LOGLY_LEVEL is ignored: expected a level and module=level"),
        ("LOGLY_JSON", "perhaps", "LOGLY_JSON is ignored: json: expected"),
        ("LOGLY_CONFIG", "/absent.toml", "LOGLY_CONFIG is ignored: [Errno 2]"),
        ("LOGLY_FORMAT", "{time:%Q}", "LOGLY_FORMAT is ignored: format: "),
        ("LOGLY_FILE", "", ""),
    ],
)
def test_what_is_wrong_is_told_and_left_out(name, value, told):
    finished = run("from logly import logger; logger.info('still here')", environment={name: value})

    finished.check()
    assert finished.stdout.endswith("INFO | still here\n")
    assert told in finished.stderr, finished.stderr


def test_nothing_is_set_up_on_request(tmp_path):
    assert shown(LOGLY_AUTOINIT="0", LOGLY_LEVEL="DEBUG", LOGLY_FILE=str(tmp_path / "log")) == []
    assert list(tmp_path.iterdir()) == []


def test_environment_that_says_nothing_imports_nothing():
    finished = run("import sys, logly; print([name for name in sys.modules if name.startswith('logly._config')])")

    finished.check(stdout="[]\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("info", ("info", {})),
        ("app.db=debug", (None, {"app.db": "debug"})),
        (" info , a = 10,b=off,", ("info", {"a": 10, "b": False})),
        ("", (None, {})),
    ],
)
def test_levels_are_read(text, expected):
    assert levels(text) == expected


@pytest.mark.parametrize("text", ["info,debug", "=debug", "app="])
def test_levels_that_say_nothing_are_refused(text):
    with pytest.raises(ValueError, match="expected a level and module=level"):
        levels(text)


# The command line


def test_check_says_that_a_file_is_fine_and_opens_nothing(tmp_path):
    (tmp_path / "logly.toml").write_text("level = 'DEBUG'\n[[sinks]]\nsink = 'app.log'\n")

    finished = command("check", "logly.toml", folder=tmp_path)

    finished.check(stdout="logly.toml: ok, 1 settings, 1 sink\n")
    assert [path.name for path in tmp_path.iterdir()] == ["logly.toml"]


def test_check_tells_mistakes_of_all_files(tmp_path):
    (tmp_path / "a.toml").write_text("level = 'LOUD'\n")
    (tmp_path / "b.json").write_text("{")

    finished = command("check", "a.toml", "b.json", "c.toml", folder=tmp_path)

    finished.check(stdout="", returncode=1)
    lines = finished.stderr.splitlines()
    assert [line.split(":")[0] for line in lines[:2]] == ["a.toml", "b.json"]
    assert "c.toml" in lines[2]


def test_doctor_shows_what_there_is(tmp_path):
    finished = command("doctor", folder=tmp_path, environment={"LOGLY_LEVEL": "WARNING", "TZ": "UTC"})

    finished.check(stderr="")
    for part in (
        "logly 0.",
        "environment: LOGLY_LEVEL=WARNING",
        "zone: UTC, UTC+0000",
        "colours: off for stdout, which is no terminal",
        "sink 0: console stdout, implicit, from WARNING, text, by the thread that logs",
        "a call at INFO in __main__, sink 0: not shown: the level of configure() is higher",
        "a call at ERROR in __main__, sink 0: shown",
    ):
        assert part in finished.stdout


def test_doctor_explains_one_call(tmp_path):
    (tmp_path / "logly.toml").write_text("""
activation = [["off", false]]
module_levels = { "app.db" = "ERROR" }
[[sinks]]
sink = "a.log"
[[sinks]]
sink = "b.log"
level = "TRACE"
filter = "other"
""")

    def explained(*arguments):
        finished = command("doctor", "--config", "logly.toml", *arguments, folder=tmp_path)
        finished.check()
        return [line.split(": ", 1)[1] for line in finished.stdout.splitlines() if line.startswith("a call at")]

    assert explained("--module", "app.db", "--level", "INFO") == [
        "not shown: module_levels, or the level of configure(), is higher",
        "not shown: its filter leaves the module out",
    ]
    assert explained("--module", "other", "--level", "20") == ["shown", "shown"]
    assert (
        explained("--module", "off", "--level", "ERROR")
        == [
            "not shown: disable() or activation switches the module off",
        ]
        * 2
    )


def test_doctor_names_files_that_cannot_be_written(tmp_path):
    (tmp_path / "blocked").touch()
    (tmp_path / "logly.toml").write_text("[[sinks]]\nsink = 'blocked/app.log'\ndelay = true\n")

    finished = command("doctor", "--config", "logly.toml", folder=tmp_path)

    finished.check(returncode=1)
    assert f"wrong: sink 1: files cannot be made in {tmp_path / 'blocked'}" in finished.stdout


def test_doctor_makes_no_file_and_no_folder(tmp_path):
    (tmp_path / "logly.toml").write_text("""
[[sinks]]
sink = "logs/today/app.log"
[[sinks]]
sink = "console"
""")

    finished = command("doctor", "--config", "logly.toml", folder=tmp_path)

    finished.check()
    assert f"file: not there yet, nor its folder {tmp_path / 'logs' / 'today'}" in finished.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["logly.toml"]


def test_doctor_leaves_files_and_archives_as_they_are(tmp_path):
    (tmp_path / "app.log").write_text("old\n")
    for number in range(3):
        (tmp_path / f"app.2025-01-15_10-30-0{number}.log").write_text("archive\n")
    (tmp_path / "logly.toml").write_text("""
[[sinks]]
sink = "app.log"
mode = "w"
rotation = "1 B"
retention = 1
compression = "gz"
""")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    finished = command("doctor", "--config", "logly.toml", folder=tmp_path)

    finished.check()
    assert "file: 4 bytes" in finished.stdout
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_doctor_names_files_that_are_folders(tmp_path):
    (tmp_path / "app.log").mkdir()
    (tmp_path / "logly.toml").write_text("[[sinks]]\nsink = 'app.log'\n")

    finished = command("doctor", "--config", "logly.toml", folder=tmp_path)

    finished.check(returncode=1)
    assert f"wrong: sink 1: {tmp_path / 'app.log'} is a folder" in finished.stdout


def test_wrong_usage_is_told(tmp_path):
    finished = command("chekc", folder=tmp_path)

    finished.check(returncode=2)


@pytest.mark.parametrize(
    "name", ["LOGLY_LEVEL", "FORCE_COLOR", "COLUMNS", "PYTHONWARNINGS", "http_proxy", "HTTPS_PROXY"]
)
def test_environment_of_who_runs_the_tests_says_nothing_to_them(name):
    finished = run(f"import os, tests; print({name!r} in os.environ)", environment={name: "1"}, cwd=ROOT)

    finished.check(stdout="False\n")

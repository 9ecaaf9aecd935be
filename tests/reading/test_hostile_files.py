"""Malicious configuration files: how `check`, `doctor` and `load` treat them."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import logly
import pytest
from logly import logger

from tests.support.child import command, environment_of, execute, isolated, run


@pytest.mark.parametrize("name", ["check", "doctor"])
@pytest.mark.parametrize(
    "text",
    [
        '"a\\u001b[31mb" = 1',
        'level = "\\u001b[2J"',
        'extra = "\\u202e\\u200b\\u007f\\u009b"',
        '[[sinks]]\nsink = "console"\nformat = "{level.\\u001b}"',
        '[[sinks]]\nsink = "console"\n"\\u001bx" = "y"',
        '[[sinks]]\nsink = "console"\nfilter = {a = "\\u001b"}',
        '"\\u001b" = 1\n"\\u001b" = 2',
        "[\x1b",
        "level = '\x1b'",
    ],
)
def test_nothing_that_commands_a_terminal_is_printed(name, text, tmp_path):
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")

    finished = command(*(["check"] if name == "check" else ["doctor", "--config"]), "x.toml", folder=tmp_path)

    shown = finished.stdout + finished.stderr
    finished.check(returncode=1)
    assert all(line.isprintable() for line in shown.splitlines()), shown


def test_names_of_files_are_printed_without_escapes(tmp_path):
    (tmp_path / "\x1b[31m.toml").write_text("level = 'INFO'\n")

    finished = command("check", "\x1b[31m.toml", "\x1b[32m.toml", folder=tmp_path)

    finished.check(
        stdout="\\x1b[31m.toml: ok, 1 settings, no sinks\n",
        stderr="\\x1b[32m.toml: No such file or directory\n",
        returncode=1,
    )


def test_values_in_errors_of_calls_are_printable():
    with pytest.raises(ValueError, match="level: expected") as raised:
        logger.add("console", level="\x1b[2J\u202e\U000e0041")

    assert str(raised.value).isprintable()


def test_file_that_is_missing_is_told_by_its_name(tmp_path):
    finished = command("doctor", "--config", "nope.toml", folder=tmp_path)

    finished.check(stdout="wrong: nope.toml: No such file or directory\n", returncode=1)


@pytest.mark.parametrize("name", ["fifo", "device", "folder"])
def test_what_is_no_regular_file_is_refused(name, tmp_path):
    path = tmp_path / "x.toml"
    if name == "fifo":
        os.mkfifo(path)
    elif name == "device":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()

    finished = command("check", "x.toml", folder=tmp_path)

    finished.check(stderr="x.toml: expected a regular file\n", returncode=1)


def test_pipe_in_the_current_folder_keeps_no_program_waiting(tmp_path):
    os.mkfifo(tmp_path / "logly.toml")

    finished = run("import logly; logly.load()", cwd=tmp_path)

    finished.check(returncode=1)
    assert "ValueError: logly.toml: expected a regular file" in finished.stderr, finished.stderr


@pytest.mark.parametrize("prefix", ["", ":"])
@pytest.mark.parametrize("name", ["/dev/zero", "large", "folder"])
def test_time_zone_that_is_no_file_of_zones_is_utc(prefix, name, tmp_path):
    with (tmp_path / "large").open("wb") as file:
        file.truncate(1 << 40)
    (tmp_path / "folder").mkdir()
    code = "from logly import logger; logger.add('app.log', format='{time:ZZ} {message}'); logger.info('line')"

    run(code, cwd=tmp_path, environment={"TZ": f"{prefix}{tmp_path / name}"}).check()

    assert (tmp_path / "app.log").read_text() == "+0000 line\n"


def test_file_of_more_than_a_mebibyte_is_refused(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text("#" * (1 << 20))
    logly.load(path)
    path.write_text("#" * (1 << 20) + "\n")

    with pytest.raises(ValueError, match="expected at most 1048576 bytes"):
        logly.load(path)


def test_variables_that_do_not_end_take_linear_time(tmp_path):
    # Quadratic time would take minutes.
    (tmp_path / "x.toml").write_text(f"format = '{{message}}{'${A:-' * 200_000}'\n")

    command("check", "x.toml", folder=tmp_path).check()


def test_variable_in_a_default_is_a_mistake(tmp_path, monkeypatch):
    monkeypatch.delenv("APP_A", raising=False)
    (tmp_path / "x.toml").write_text("format = '${APP_A:-${APP_B:-x}}'\n")

    with pytest.raises(ValueError, match=r"expected a default without variables, got \$\{APP_A:-\$\{APP_B:-x\}"):
        logly.load(tmp_path / "x.toml")


# Programs that must not read the environment


ASKED = """
import os, logly
from logly import logger
logger.info("at INFO")
sink = logger.add("sync.log", format="{message}")
print(logger.sink_info(sink)["async_write"])
try:
    logly.load()
except FileNotFoundError:
    print("no file")
"""


@pytest.mark.parametrize(("flag", "is_heeded"), [("-s", True), ("-E", False), ("-I", False)])
def test_flags_of_python_that_ignore_the_environment_hold_for_ours(flag, is_heeded, tmp_path):
    (tmp_path / "other.toml").write_text("level = 'ERROR'\n")
    told = {"LOGLY_LEVEL": "ERROR", "LOGLY_SYNC": "1", "LOGLY_CONFIG": str(tmp_path / "other.toml")}

    finished = isolated(ASKED, flag, folder=tmp_path, environment=told)

    lines = finished.check().stdout.splitlines()
    if is_heeded:
        assert lines == ["False"]
    else:
        assert lines[0].endswith("INFO | at INFO")
        assert lines[1:] == ["True", "no file"]


def test_colour_of_ours_is_ignored_and_that_of_all_programs_kept(tmp_path):
    code = "from logly import logger; logger.configure(show_time=False); logger.info('x')"

    def shown(environment):
        return isolated(code, "-I", folder=tmp_path, environment=environment).check().stdout

    assert "\x1b" not in shown({"LOGLY_COLOR": "1"})
    assert "\x1b" in shown({"FORCE_COLOR": "1"})


def test_doctor_says_that_variables_are_ignored(tmp_path):
    finished = command("doctor", folder=tmp_path, flags=["-I"], environment={"LOGLY_LEVEL": "ERROR"})

    finished.check()
    assert "environment: LOGLY_LEVEL=ERROR (ignored: python -E or -I, or more rights" in finished.stdout
    assert "sink 0: console stdout, implicit, from INFO" in finished.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a program to another user")
def test_program_with_more_rights_than_its_caller_ignores_variables(tmp_path):
    interpreter = tmp_path / "python"
    shutil.copy(Path(sys.executable).resolve(), interpreter)
    os.chown(interpreter, 0, 65534)
    interpreter.chmod(0o2755)
    code = "import os; print(os.getegid()); from logly import logger; logger.info('at INFO')"
    told = {"LOGLY_LEVEL": "ERROR", "PYTHONHOME": sys.base_prefix, "PYTHONPATH": os.pathsep.join(sys.path)}

    finished = execute([interpreter, "-c", code], env=environment_of(told))

    if not finished.stdout.startswith("65534\n"):
        pytest.skip(f"no such programs here: {finished.stderr[-300:]}")
    assert finished.check().stdout.endswith("INFO | at INFO\n")

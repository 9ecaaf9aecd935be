"""Configuration files that were found in the current folder, without being named by the program."""

from __future__ import annotations

import logly
import pytest
from logly import logger
from logly._config.found import OPTIONS, SETTINGS
from logly.typing import ConfigureOptions, SinkOptions

REFUSED = "are refused in a file that was found, not named"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Work in a folder, next to a folder that must not be written to."""
    monkeypatch.delenv("LOGLY_CONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("home", "outside", "folder"):
        (tmp_path / name).mkdir()
    (tmp_path / "outside" / "key.log").write_text("secret\n")
    monkeypatch.chdir(tmp_path / "folder")
    return tmp_path / "folder"


def mistakes(folder, text, name="logly.toml", **options):
    """Return the lines of the error that `load` raises for a file it found."""
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(ValueError) as raised:
        logly.load(**options)
    return str(raised.value).splitlines()


def sink(path, more=""):
    return f"[[sinks]]\nsink = {path!r}\n{more}\n"


def untouched(folder):
    """Tell whether no file outside was written, and the sinks are as before."""
    outside = folder.parent / "outside"
    names = [path.name for path in outside.iterdir()] + [path.name for path in (folder.parent / "home").iterdir()]
    return names == ["key.log"] and (outside / "key.log").read_text() == "secret\n" and logger.sink_count == 1


@pytest.mark.parametrize("path", ["app.log", "logs/app.jsonl", "./deep/er/app.log", "{time:YYYY}.log", "app-{pid}.log"])
def test_log_files_of_the_folder_are_written(folder, path):
    (folder / "logly.toml").write_text(sink(path, "rotation = '1 MB'\nretention = 3\nformat = '{message}'"))

    logly.load()
    logger.info("written")
    logger.complete()

    assert [found.read_text() for found in folder.rglob("*") if found.suffix in {".log", ".jsonl"}] == ["written\n"]


@pytest.mark.parametrize(
    "path",
    [
        "../outside/new.log", "../outside/key.log", "logs/../../outside/new.log", "~/new.log", "link/new.log",
        "key.log", "deep/../link/key.log", "{time:YYYY}/../../outside/new.log", "{host}/new.log",
        "logs/{time:YYYY/MM}.log",
    ],
)  # fmt: skip
def test_paths_that_lead_out_of_the_folder_are_refused(folder, path):
    (folder / "link").symlink_to(folder.parent / "outside")
    (folder / "key.log").symlink_to(folder.parent / "outside" / "key.log")

    (mistake,) = mistakes(folder, sink(path))

    assert mistake.startswith("logly.toml:2: sinks[0].sink: ")
    assert REFUSED in mistake
    assert untouched(folder)


def test_absolute_path_outside_is_refused(folder):
    assert REFUSED in mistakes(folder, sink(f"{folder.parent}/outside/new.log"))[0]
    assert untouched(folder)


def test_link_that_a_time_in_the_name_may_come_to_mean_is_refused(folder):
    (folder / "app-2099.log").symlink_to(folder.parent / "outside" / "key.log")

    assert "paths outside its folder" in mistakes(folder, sink("app-{time:YYYY}.log"))[0]


@pytest.mark.parametrize(
    "path", [".git/config", ".git/hooks/x.log", "venv/x.pth", "conftest.py", "Makefile", "config.log"]
)
def test_what_other_programs_read_is_no_log_file(folder, path):
    (folder / ".git").mkdir()
    (folder / ".git" / "config").touch()
    (folder / "config.log").symlink_to(".git/config")

    assert REFUSED in mistakes(folder, sink(path))[0]
    assert (folder / ".git" / "config").read_text() == ""


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("mode = 'w'", "mode"),
        ("permissions = 0o4755", "permissions"),
        ("permissions = 0o666", "permissions"),
        ("archive = '{stem}.{n}.pth'", "archive"),
        ("diagnose = true", "diagnose"),
        (r"format = '{message}'" + '\ndate_style = "\\u001b]0;HH\\u0007"', "date_style"),
    ],
)
def test_dangerous_options_are_refused(folder, more, key):
    (folder / "app.log").write_text("kept\n")

    (mistake,) = mistakes(folder, sink("app.log", more))

    assert f"sinks[0].{key}: " in mistake
    assert REFUSED in mistake
    assert (folder / "app.log").read_text() == "kept\n"


@pytest.mark.parametrize(
    "text",
    [
        "extra = { key = '${AWS_SECRET_ACCESS_KEY}' }",
        "extra = { key = 'a-${AWS_SECRET_ACCESS_KEY:-none}' }",
        "format = '${AWS_SECRET_ACCESS_KEY}'",
        sink("${AWS_SECRET_ACCESS_KEY}.log"),
        sink("app.log", "filter = { '${AWS_SECRET_ACCESS_KEY}' = true, app = '${AWS_SECRET_ACCESS_KEY}' }"),
    ],
)
def test_variables_are_refused_and_not_shown(folder, text, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "do-not-show")

    found = mistakes(folder, text)

    assert any("${AWS_SECRET_ACCESS_KEY" in line and "variables are refused" in line for line in found)
    assert "do-not-show" not in "".join(found)


def test_escaped_variables_stay_text(folder, capsys):
    (folder / "logly.toml").write_text("show_time = false\nextra = { price = '$${x}' }\n")

    logly.load()
    logger.info("hello")

    assert capsys.readouterr().out == "INFO | hello price=${x}\n"


def test_table_of_a_found_pyproject_is_not_trusted_either(folder):
    text = "[tool.logly]\n[[tool.logly.sinks]]\nsink = '../outside/new.log'\nmode = 'w'\n"

    found = mistakes(folder, text, "pyproject.toml")

    assert [line.split(": ")[:2] for line in found] == [
        ["pyproject.toml:3", "tool.logly.sinks[0].sink"],
        ["pyproject.toml:4", "tool.logly.sinks[0].mode"],
    ]
    assert untouched(folder)


@pytest.mark.parametrize("how", ["path", "variable", "trust"])
def test_file_that_is_named_or_trusted_may_say_all(folder, how, monkeypatch):
    monkeypatch.setenv("APP_FOLDER", "../outside")
    (folder / "logly.toml").write_text(sink("${APP_FOLDER}/key.log", "mode = 'w'\nformat = '{message}'"))
    if how == "variable":
        monkeypatch.setenv("LOGLY_CONFIG", "logly.toml")

    logly.load(*(["logly.toml"] if how == "path" else []), trust=how == "trust")
    logger.info("written")
    logger.complete()

    assert (folder.parent / "outside" / "key.log").read_text() == "written\n"


def test_trust_is_a_bool(folder):
    with pytest.raises(TypeError, match="trust: expected True or False, got 'yes'"):
        logly.load(trust="yes")


def test_misspelt_option_is_told_once(folder):
    assert len(mistakes(folder, sink("app.log", "retntion = 3"))) == 1


EXPORT = {
    "endpoint", "headers", "resource", "timeout", "batch", "spool", "spool_limit", "connect",
    "certificate", "client_certificate", "client_key", "facility", "app_name", "syslog_format", "message_limit",
}  # fmt: skip


def test_each_option_is_either_allowed_or_refused_on_purpose():
    refused = (
        {"archive", "diagnose", "loop", "redact", *EXPORT},
        {"patch", "patcher", "color_callback", "sinks", "handlers", "redact", "context"},
    )

    assert set(SinkOptions.__annotations__) - OPTIONS == refused[0]
    assert set(ConfigureOptions.__annotations__) - SETTINGS == refused[1]

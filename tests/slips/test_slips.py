"""Slips that would silently do the wrong thing: names that look like a console, a key or a module, but are not."""

from __future__ import annotations

import sys
from pathlib import Path

import logly
import pytest
from logly import logger

from tests.support.child import command, run


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


# Sinks


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("STDERR", "stderr"), ("Stdout", "stdout"), ("Console", "console"), ("CONSOLE", "console"),
        ("sys.stdout", "stdout"), ("sys.stderr", "stderr"), ("sys.__stderr__", "stderr"), ("<stderr>", "stderr"),
        ("ext://sys.stderr", "stderr"), ("ext://sys.stdout", "stdout"), (" stdout ", "stdout"), ("std.err", "stderr"),
        ("stdrr", "stderr"), ("consol", "console"), ("sys.stdout.buffer", "stdout"), ("-", "stdout"),
        ("Logging", "logging"), ("LOGGING:app", "logging"), ("logging ", "logging"), ("otpl", "otlp"),
        ("OTLP", "otlp"), ("syslogg", "syslog"), ("journal", "journald"),
    ],
)  # fmt: skip
def test_name_that_looks_like_a_console_is_refused_with_the_right_one(given, meant, folder):
    with pytest.raises(ValueError) as raised:
        logger.add(given)

    assert str(raised.value) == f'sink: expected "{meant}", or "./{given}" for a file of that name, got "{given}"'
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "given", ["syslogg://host", "http://host/x", "file:///x/app.log", "otlp2://h:4317", "a+b.c-d://"]
)
def test_unknown_scheme_is_refused(given, folder):
    with pytest.raises(ValueError, match="sink: expected a path; a name before :// is a scheme"):
        logger.add(given)

    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "given",
    [
        "./Console",
        "./otlp",
        "stderr.log",
        "consoles",
        "logs/stdout",
        "console.txt",
        "stdin2",
        "syslogs",
        Path("STDOUT"),
    ],
)
def test_paths_are_still_files(given, folder):
    sink = logger.add(given)

    assert logger.sink_info(sink)["kind"] == "file"
    assert (folder / given).exists()


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_stream_that_is_none_leads_to_its_name(name):
    with pytest.raises(TypeError) as raised:
        logger.add(None)

    assert f"sys.{name}" in str(raised.value)
    assert f'"{name}" ' in str(raised.value)


def test_console_by_name_needs_no_stream(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)

    logger.add("stdout")
    logger.info("nowhere")

    assert logger.sink_count == 1


# Patterns


@pytest.mark.parametrize(
    ("pattern", "slip", "key"),
    [
        ("{levl} {message}", "levl", "level"), ("{mesage}", "mesage", "message"), ("{Level}", "Level", "level"),
        ("{tiem:HH:mm}", "tiem", "time"), ("{message} {funtion: <8}", "funtion", "function"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["add", "configure", "sinks", "bound"])
def test_slip_of_a_record_key_is_refused(place, pattern, slip, key, folder):
    calls = {
        "add": lambda: logger.add("app.log", format=pattern),
        "configure": lambda: logger.configure(format=pattern),
        "sinks": lambda: logger.configure(sinks=[{"sink": "app.log", "format": pattern}]),
        "bound": lambda: logger.bind(other=1).add("app.log", format=pattern),
    }

    with pytest.raises(ValueError) as raised:
        calls[place]()

    assert f'got "{{{slip}}}" (did you mean "{{{key}}}"?)' in str(raised.value)
    assert f'"{{extra[{slip}]}}"' in str(raised.value)
    assert list(folder.iterdir()) == []


def test_field_of_such_a_name_may_be_shown(capsys):
    logger.configure(extra={"levl": 1}, show_time=False)
    logger.add("console", format="{levl} {message}")
    logger.bind(mesage=2).add("stderr", format="{mesage}")
    with logger.contextualize(tiem=3):
        logger.add("stderr", format="{tiem}")
    logger.add("stderr", format="{extra[funtion]}")
    logger.configure(extra={})

    logger.info("hello", funtion=4, mesage=2, tiem=3)

    shown = capsys.readouterr()
    assert (shown.out, shown.err) == (" hello\n", "2\n3\n4\n")


def test_field_that_is_configured_with_the_pattern_may_be_shown(capsys):
    logger.configure(extra={"levl": 1}, format="{levl} {message}")

    logger.info("hello")

    assert capsys.readouterr().out == "1 hello\n"


@pytest.mark.parametrize(
    "name",
    ["user", "lines", "names", "paths", "tasks", "times", "lever", "field", "massage", "line_no", "fileName", "path2"],
)
def test_words_are_fields(name, capsys):
    logger.add("console", format=f"{{{name}}}")

    logger.info("hello", **{name: "shown"})

    assert capsys.readouterr().out == "shown\n"


def test_capitals_mean_the_same(capsys):
    logger.add("console", format="{LEVEL} {LEVEL.NO} {MESSAGE} {LINENO:>0} {EXTRA[user]}")
    logger.add("stderr", format="{TIME:YYYY!UTC} {NAME}")

    with logly.testing.freeze("2025-01-15T10:30:45Z"):
        logger.info("hello", user="ada")

    shown = capsys.readouterr()
    assert shown.out.startswith("INFO 20 hello ")
    assert shown.out.endswith(" ada\n")
    assert shown.err == f"2025 {__name__}\n"


# Modules


@pytest.mark.parametrize("name", ["pkg:func", "app.*", "a,b", "app/db", "level >= 30", " app", "func()", "a\\b"])
@pytest.mark.parametrize(
    "call",
    [
        lambda name: logger.add("app.log", filter=name),
        lambda name: logger.add("app.log", filter={name: "INFO"}),
        lambda name: logger.add("app.log", filter_module=name),
        lambda name: logger.configure(module_levels={name: "INFO"}),
        lambda name: logger.configure(activation=[(name, False)]),
        lambda name: logger.configure(suppress=[name]),
        logger.disable,
        logger.enable,
    ],
    ids=["filter", "dict", "filter_module", "module_levels", "activation", "suppress", "disable", "enable"],
)
def test_what_can_be_no_module_is_refused(call, name, folder):
    with pytest.raises(ValueError, match='expected a module\'s name such as "app.db"'):
        call(name)

    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["", "__main__", "app.db", "my-plugin", "über", "app.db_2"])
def test_names_of_modules_are_taken(name):
    logger.configure(module_levels={name: "INFO"}, activation=[(name, True)], suppress=[name])
    logger.add(print, filter=name)


# Files


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('format = "{levl} {message}"', "x.toml:1: format: expected record keys and fields"),
        ('[[sinks]]\nsink = "a.log"\nformat = "{mesage}"', "x.toml:3: sinks[0].format: expected record keys"),
        ('[[sinks]]\nsink = "a.log"\nfilter = "pkg:func"', "x.toml:3: sinks[0].filter: expected a module's name"),
        ('[[sinks]]\nsink = "STDERR"', 'x.toml:2: sinks[0].sink: expected "stderr"'),
        ('[[sinks]]\nsink = "kafka://x"', "x.toml:2: sinks[0].sink: expected a path"),
        ('[[sinks]]\nsink = "a.log"\nlevel = "DEBGU"', "x.toml:3: sinks[0].level: expected one of the levels"),
        ('[[sinks]]\nsink = "a.log"\nfilter = { app = "DEBGU" }', "x.toml:3: sinks[0].filter: expected one of"),
        ('[[sinks]]\nsink = "a.log"\nsync_level = "DEBGU"', "x.toml:3: sinks[0].sync_level: expected one of the"),
        ('module_levels = { app = "DEBGU" }', "x.toml:1: module_levels: expected one of the levels"),
        ('module_levels = { "app.*" = "DEBUG" }', "x.toml:1: module_levels: expected a module's name"),
        ("storage_levels = { DEBGU = true }", "x.toml:1: storage_levels: expected one of the levels"),
        ('level_colors = { DEBGU = "red" }', "x.toml:1: level_colors: expected one of the levels"),
        ('activation = [["app:x", false]]', "x.toml:1: activation: expected a module's name"),
    ],
)  # fmt: skip
def test_check_tells_each_slip_with_its_place(text, line, folder):
    (folder / "x.toml").write_text(text)

    finished = command("check", "x.toml", folder=folder)

    finished.check(stdout="", returncode=1)
    assert finished.stderr.startswith(line), finished.stderr


def test_pattern_with_a_field_of_the_same_file_is_fine(folder):
    (folder / "x.toml").write_text('extra = { levl = 1 }\nformat = "{levl} {message}"\n')

    command("check", "x.toml", folder=folder).check()


def test_program_without_a_console_is_told_what_to_write():
    code = "import sys; sys.stdout = None; from logly import logger; logger.add(sys.stdout)"

    finished = run(code).check(returncode=1)

    assert '"stdout" and "stderr" are looked up at each line' in finished.stderr, finished.stderr

"""Other spellings: names from other packages, and the errors for a name that logly does not have."""

from __future__ import annotations

import importlib
import inspect
import io

import logly
import pytest
from logly import Logger, logger

from tests.support.child import run

METHODS = [
    name
    for name in dir(Logger)
    if not name.startswith("_") and inspect.isfunction(inspect.getattr_static(Logger, name))
]


@pytest.mark.parametrize("name", [name for name in METHODS if name not in {"contextualize", "bind"}])
def test_no_error_of_a_method_names_a_private_class(name):
    with pytest.raises(TypeError) as raised:
        getattr(logger, name)(1, 2, 3, 4, 5, 6, 7, 8, 9)

    message = str(raised.value)
    assert message.startswith(f"Logger.{name}() takes ") or not message.startswith("Logger.")
    assert "Methods" not in message
    assert "PyLogger" not in message


@pytest.mark.parametrize(
    ("call", "unknown", "meant"),
    [
        (lambda: logger.read_json(0, skip_invalide=True), "skip_invalide", "skip_invalid"),
        (lambda: logger.read_lines(0, stop=3, archive=True), "stop", None),
        (lambda: logger.search_log(0, "x", maxresults=1), "maxresults", "max_results"),
        (lambda: logger.level("X", colour="red"), "colour", "color"),
        (lambda: logger.set_level("INFO", snk=0), "snk", "sink"),
        (lambda: logger.remove(sinkid=0), "sinkid", "sink_id"),
    ],
)
def test_unknown_keyword_of_a_method_gets_the_nearest(call, unknown, meant):
    with pytest.raises(TypeError) as raised:
        call()

    message = str(raised.value)
    assert message.startswith("Logger.")
    assert f"unexpected keyword argument '{unknown}'" in message
    assert meant is None or f"did you mean '{meant}'?" in message
    assert "(it takes " in message


def test_methods_keep_signature_and_documentation():
    assert "skip_invalid" in inspect.signature(Logger.read_json).parameters
    assert "Return the objects of a file" in Logger.read_json.__doc__


@pytest.mark.parametrize("arguments", [(["name"], {}), ([], {"level": "INFO"}), ([1, 2], {})])
def test_logger_says_where_its_arguments_belong(arguments):
    given, named = arguments

    with pytest.raises(TypeError, match=r"Logger\(\) takes no arguments, got .*bind\(\) gives a logger with fields"):
        Logger(*given, **named)


def test_class_below_logger_may_take_arguments():
    class Named(Logger):
        def __init__(self, name):
            self.name = name

    assert Named("audit").name == "audit"


def test_number_of_sinks_may_be_called():
    assert logger.sink_count == logger.sink_count() == 1
    assert f"{logger.sink_count}" == "1"


@pytest.mark.parametrize("name", ["info", "debug", "add", "configure", "bind", "remove", "catch", "opt", "complete"])
def test_method_asked_of_the_module_leads_to_the_logger(name):
    with pytest.raises(AttributeError, match=f"module 'logly' has no attribute '{name}'.*logly.logger.{name}"):
        getattr(logly, name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("get_logger", "`from logly import logger` is the logger"), ("getLogger", "logger.bind(name=...) one with"),
        ("info", "it is a method of the logger: logly.logger.info"), ("loger", "did you mean 'logger'?"),
        ("intercept_loging", "did you mean 'intercept_logging'?"),
    ],
)  # fmt: skip
def test_import_of_a_name_that_is_not_here_says_what_is(name, said):
    with pytest.raises(ImportError) as raised:
        exec(f"from logly import {name}", {})

    assert str(raised.value).startswith(f"cannot import name '{name}' from 'logly'")
    assert said in str(raised.value)


@pytest.mark.parametrize("name", ["info", "get_logger", "nothing_like_it", "__path_of_it__"])
def test_names_may_be_asked_for_without_harm(name):
    assert not hasattr(logly, name)
    assert getattr(logly, name, None) is None


def test_hints_cost_the_import_nothing():
    finished = run("import sys, logly; print([name for name in ('difflib', 'opcode') if name in sys.modules])")

    finished.check(stdout="[]\n")


# sink_info


def test_description_has_what_was_given(tmp_path):
    def only(record):
        return True

    sink = logger.add(
        tmp_path / "app.log", rotation=["10 MB", "daily"], retention=5, compression="gzip", filter=only,
        archive="{stem}.{n}{ext}", size_limit="1 MB", filter_module="app", filter_function="main", mode="a",
    )  # fmt: skip

    info = logger.sink_info(sink)

    assert info["path"] == str(tmp_path / "app.log")
    assert info["rotation"] == "['10 MB', 'daily']"
    assert (info["retention"], info["compression"], info["size_limit"]) == ("5", "gzip", "1 MB")
    assert (info["archive"], info["mode"]) == ("{stem}.{n}{ext}", "a")
    assert (info["filter_module"], info["filter_function"]) == ("app", "main")
    assert "only" in info["filter"]


def test_description_has_none_for_what_was_not_given():
    info = logger.sink_info(logger.add(io.StringIO(), format=lambda record: "x"))

    assert info["path"] is info["rotation"] is info["filter"] is info["mode"] is None
    assert "lambda" in info["format"]


# Spellings of other packages


def test_level_may_be_like_another_one(capsys):
    made = logger.level("AUDIT", "ERROR")

    assert (made.name, made.no, made.icon) == ("AUDIT", 40, logger.level("ERROR").icon)
    logger.log("AUDIT", "x")
    assert " | AUDIT | x" in capsys.readouterr().out
    with pytest.raises(ValueError, match='did you mean "ERROR"'):
        logger.level("OTHER", "EROR")


def test_min_level_is_the_level(tmp_path):
    sink = logger.add(tmp_path / "app.log", min_level="ERROR")

    assert logger.sink_info(sink)["level"] == "ERROR"
    with pytest.raises(TypeError, match='got "level" and "min_level", which mean the same'):
        logger.add("console", level="INFO", min_level="ERROR")


def test_patch_is_the_patcher(capsys):
    logger.configure(patch=lambda record: record.update(message="patched"))
    logger.info("x")
    logger.configure(patch=False)
    logger.info("y")

    assert [line.split(" | ")[-1] for line in capsys.readouterr().out.splitlines()] == ["patched", "y"]


@pytest.mark.parametrize(("size", "bytes_"), [("100", 100), (" 5 KB ", 5000), ("5 KiB", 5120)])
def test_size_limit_may_be_bytes_as_text(size, bytes_, tmp_path):
    logger.configure(console=False)
    sink = logger.add(tmp_path / "app.log", size_limit=size, format="{message}")

    for _ in range(3):
        logger.info("x" * (bytes_ // 2 - 1))
    logger.complete()

    assert len(logger.file_metadata(sink)["archives"]) == 1


@pytest.mark.parametrize(("size", "first", "second"), [("5K", "5 KB", "5 KiB"), ("1.5m", "1.5 MB", "1.5 MiB")])
def test_unit_that_says_two_things_is_refused_with_both(size, first, second, tmp_path):
    with pytest.raises(ValueError, match=f'size_limit: expected "{first}" .* or "{second}" .*, got "{size}"'):
        logger.add(tmp_path / "app.log", size_limit=size)


def test_path_for_a_level_leads_to_add():
    with pytest.raises(TypeError) as raised:
        logger.configure(auto_sink_levels={"ERROR": "e.log"})

    assert str(raised.value) == (
        "auto_sink_levels: expected True or False; add('e.log', level='ERROR') writes a file, got 'e.log'"
    )


def test_sinks_may_be_given_by_their_type(tmp_path, capsys):
    ids = logger.configure(
        show_time=False, sinks=[{"type": "console"}, {"type": "file", "path": tmp_path / "app.log", "level": "ERROR"}]
    )
    logger.error("x")
    logger.complete()

    assert len(ids) == 2
    assert capsys.readouterr().out == (tmp_path / "app.log").read_text() == "ERROR | x\n"


def test_type_in_a_file_is_a_sink_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.toml").write_text("sinks = [{ type = 'console' }, { type = 'file', path = 'app.log' }]\n")

    assert len(logly.load("x.toml")) == 2


@pytest.mark.parametrize("sink", [{"type": "kafka"}, {"type": "file"}, {"path": "x"}, {"type": 1}])
def test_other_types_are_refused(sink):
    with pytest.raises(ValueError, match='sinks: expected the key "sink" in each'):
        logger.configure(sinks=[sink])


def test_line_zero_says_how_lines_are_counted(tmp_path):
    sink = logger.add(tmp_path / "app.log")

    with pytest.raises(ValueError, match="start: expected a line from 1"):
        logger.read_lines(sink, 0, 3)


def test_clear_without_an_id_empties_no_file(tmp_path):
    logger.add(tmp_path / "app.log", format="{message}")
    logger.info("kept")

    with pytest.raises(TypeError, match=r"Logger\.clear\(\) missing 1 required positional argument: 'sink_id'"):
        logger.clear()
    logger.complete()

    assert (tmp_path / "app.log").read_text() == "kept\n"


@pytest.mark.parametrize("name", ["fastapi", "starlette", "flask"])
def test_frameworks_have_the_middleware_under_their_name(name):
    there = importlib.import_module(f"logly.integrations.{name}")
    here = importlib.import_module(f"logly.integrations.{'wsgi' if name == 'flask' else 'asgi'}")

    assert there.LoglyMiddleware is here.LoglyMiddleware


def test_stdlib_has_the_ways_to_logging():
    from logly.integrations import stdlib

    assert (stdlib.LoglyHandler, stdlib.intercept_logging) == (logly.LoglyHandler, logly.intercept_logging)

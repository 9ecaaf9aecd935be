"""`format="auto"`: the default text for human readers, JSON elsewhere; and formats that apply to all sinks."""

from __future__ import annotations

import io
import json
import sys

import logly
import pytest
from logly import logger

from tests.support.child import output, output_on_terminal
from tests.support.terminal import Terminal


@pytest.fixture(autouse=True)
def _quiet(xterm):
    logger.configure(show_time=False, console=False)


def shown_by(stream, **options):
    logger.add(stream, format="auto", **options)
    logger.info("paid", amount=12)
    logger.complete()
    return stream.getvalue()


def test_stream_gets_json():
    shown = json.loads(shown_by(io.StringIO()))

    assert (shown["level"], shown["message"], shown["fields"]) == ("INFO", "paid", {"amount": 12})


def test_terminal_gets_the_default_line_in_colour():
    assert shown_by(Terminal()) == "\x1b[1mINFO\x1b[0m | paid amount=12\n"


def test_terminal_without_colours_gets_the_default_line(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    assert shown_by(Terminal()) == "INFO | paid amount=12\n"


def test_notebook_gets_the_default_line():
    stream = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})()

    assert shown_by(stream, color=False) == "INFO | paid amount=12\n"


def test_forced_colour_makes_no_terminal():
    assert json.loads(shown_by(io.StringIO(), color=True))["message"] == "paid"


@pytest.mark.parametrize(("make", "start"), [(Terminal, "INFO"), (io.StringIO, "{")])
def test_sink_in_the_background_decides_likewise(make, start):
    assert shown_by(make(), color=False, async_write=True).startswith(start)


def test_file_gets_json(tmp_path):
    logger.add(tmp_path / "app.log", format="auto")

    logger.info("paid")
    logger.complete()

    assert json.loads((tmp_path / "app.log").read_text())["message"] == "paid"


def test_function_gets_json():
    lines = []
    logger.add(lines.append, format="auto")

    logger.info("paid")

    assert json.loads(lines[0])["message"] == "paid"


def test_console_decides_by_the_stream_of_the_moment(monkeypatch):
    terminal, pipe = Terminal(), io.StringIO()
    logger.add("console", format="auto", color=False)

    for stream in (terminal, pipe):
        monkeypatch.setattr(sys, "stdout", stream)
        logger.info("paid")

    assert terminal.getvalue() == "INFO | paid\n"
    assert json.loads(pipe.getvalue())["message"] == "paid"


def test_color_callback_colours_its_text_and_not_its_json():
    terminal, pipe = Terminal(), io.StringIO()
    logger.configure(color=True, color_callback=lambda level, text: f"[{level}] {text}")
    for stream in (terminal, pipe):
        logger.add(stream, format="auto")

    logger.info("paid")

    assert terminal.getvalue() == "[INFO] INFO | paid\n"
    assert json.loads(pipe.getvalue())["message"] == "paid"


def test_json_has_the_style_that_all_have():
    logger.configure(json="flat")

    assert json.loads(shown_by(io.StringIO()))["amount"] == 12


def test_configure_decides_for_sinks_without_a_format():
    own, followed = io.StringIO(), io.StringIO()
    logger.configure(format="auto")
    logger.add(own, format="own {message}")
    logger.add(followed)

    logger.info("paid")

    assert own.getvalue() == "own paid\n"
    assert json.loads(followed.getvalue())["message"] == "paid"


def test_sinks_own_json_wins_over_configure():
    stream = io.StringIO()
    logger.configure(format="auto")
    logger.add(stream, json=False)

    logger.info("paid")

    assert stream.getvalue() == "INFO | paid\n"


def test_pattern_holds_for_sinks_without_one():
    stream = io.StringIO()
    logger.add(stream)
    logger.configure(format="{level.no} {message}")

    logger.info("paid")
    logger.configure(format=False)
    logger.info("paid")

    assert stream.getvalue() == "20 paid\nINFO | paid\n"


@pytest.mark.parametrize(
    ("first", "second", "start"),
    [({"json": True}, {"format": "auto"}, "INFO"), ({"format": "auto"}, {"json": True}, "{")],
    ids=["auto last", "json last"],
)
def test_of_auto_and_json_the_last_holds(first, second, start):
    terminal = Terminal()
    logger.add(terminal, color=False)
    logger.configure(**first)
    logger.configure(**second)

    logger.info("paid")

    assert terminal.getvalue().startswith(start)


@pytest.mark.parametrize("name", ["json", "serialize"])
@pytest.mark.parametrize("value", [True, False, "pretty"])
def test_auto_and_json_at_once_are_refused(name, value):
    with pytest.raises(TypeError, match=f'add\\(\\) got format="auto" and "{name}", and each says'):
        logger.add(io.StringIO(), format="auto", **{name: value})

    assert logger.sink_count == 0


def test_configure_refuses_auto_and_json_at_once():
    with pytest.raises(TypeError, match=r'configure\(\) got format="auto" and "json"'):
        logger.configure(format="auto", json=False)


@pytest.mark.parametrize("value", [1, len])
def test_format_of_all_is_a_pattern(value):
    with pytest.raises(TypeError, match=r'format: expected a pattern \(str\), "auto", "logfmt" or False, got '):
        logger.configure(format=value)


def test_sink_info_names_it():
    sink = logger.add("console", format="auto")

    info = logger.sink_info(sink)

    assert (info["format"], info["json"]) == ("auto", False)


def test_file_of_settings_may_say_it(tmp_path, capsys):
    path = tmp_path / "logly.toml"
    path.write_text('format = "auto"\n[[sinks]]\nsink = "console"\n')

    logly.load(path)
    logger.info("paid")

    assert json.loads(capsys.readouterr().out)["message"] == "paid"


def test_file_of_settings_that_says_json_too_is_refused(tmp_path):
    path = tmp_path / "logly.toml"
    path.write_text('[[sinks]]\nsink = "console"\nformat = "auto"\njson = true\n')

    with pytest.raises(ValueError, match=r'logly.toml:\d: sinks\[0\].*format="auto" and "json"'):
        logly.load(path)


def test_environment_may_say_it():
    code, environment = "from logly import logger; logger.info('paid')", {"LOGLY_FORMAT": "auto"}

    assert json.loads(output(code, environment=environment))["message"] == "paid"
    assert output_on_terminal(code, environment).endswith("| paid\n")

"""Colour: the settings that turn it on or off, and its escape sequences."""

from __future__ import annotations

import io
import re
import subprocess
from types import MappingProxyType

import pytest
from logly import logger

from tests.support.child import output, output_on_terminal, run
from tests.support.terminal import Terminal

RED, RESET = "\x1b[31m", "\x1b[0m"
LOG = "from logly import logger; logger.info('hello')"


@pytest.fixture
def terminal(xterm):
    logger.remove_all()
    return Terminal()


def without_colors(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_terminal_is_coloured():
    shown = output_on_terminal(LOG)

    assert "\x1b[" in shown
    assert without_colors(shown).endswith(" | INFO | hello\n")


def test_pipe_is_not_coloured():
    assert "\x1b" not in output(LOG)


def test_redirected_file_is_not_coloured(tmp_path):
    path = tmp_path / "out"

    with path.open("w") as out:
        run(LOG, stdout=out, stderr=subprocess.DEVNULL)

    assert path.read_text().endswith(" | INFO | hello\n")
    assert "\x1b" not in path.read_text()


@pytest.mark.parametrize(
    "environment",
    [
        {"NO_COLOR": "1"},
        {"TERM": "dumb"},
        {"LOGLY_COLOR": "0"},
        {"LOGLY_COLOR": "never"},
        {"LOGLY_COLOR": "0", "FORCE_COLOR": "1"},
        {"NO_COLOR": "1", "FORCE_COLOR": "1"},
    ],
    ids=str,
)
def test_environment_takes_colour_from_a_terminal(environment):
    assert "\x1b" not in output_on_terminal(LOG, environment)


@pytest.mark.parametrize(
    "environment",
    [
        {"FORCE_COLOR": "1"},
        {"FORCE_COLOR": "1", "TERM": "dumb"},
        {"LOGLY_COLOR": "1"},
        {"LOGLY_COLOR": "always", "NO_COLOR": "1"},
    ],
    ids=str,
)
def test_environment_colours_a_pipe(environment):
    assert "\x1b[" in output(LOG, environment=environment)


@pytest.mark.parametrize("environment", [{"NO_COLOR": ""}, {"LOGLY_COLOR": "perhaps"}], ids=str)
def test_variables_that_say_nothing_change_nothing(environment):
    assert "\x1b[" in output_on_terminal(LOG, environment)


@pytest.mark.parametrize("setup", ["logger.add('console', color=True)", "logger.configure(color=True)"])
def test_asked_for_colour_wins_over_the_environment(setup):
    code = f"from logly import logger; {setup}; logger.info('hello')"

    assert "\x1b[" in output(code, environment={"NO_COLOR": "1", "LOGLY_COLOR": "0"})


@pytest.mark.parametrize("setup", ["logger.add('console', color=False)", "logger.configure(color=False)"])
def test_declined_colour_wins_over_the_environment(setup):
    code = f"from logly import logger; {setup}; logger.info('hello')"

    assert "\x1b" not in output_on_terminal(code, {"LOGLY_COLOR": "1", "FORCE_COLOR": "1"})


def test_sink_decides_over_configure(terminal):
    logger.configure(color=True)
    logger.add(terminal, color=False)

    logger.info("plain")

    assert "\x1b" not in terminal.getvalue()


def test_auto_leaves_it_to_the_terminal_again(terminal):
    logger.add(terminal)
    logger.configure(color=False)
    logger.configure(color="auto")

    logger.info("coloured")

    assert "\x1b[" in terminal.getvalue()


def test_object_that_is_a_terminal_is_coloured(terminal):
    logger.add(terminal)

    logger.info("coloured")

    assert "\x1b[" in terminal.getvalue()


def test_object_that_is_no_terminal_is_not(terminal):
    stream = io.StringIO()
    logger.add(stream, format="<red>{message}</red>")

    logger.info("plain")

    assert stream.getvalue() == "plain\n"


def test_file_is_coloured_only_when_asked(tmp_path):
    logger.configure(color=True)
    logger.add(tmp_path / "plain.log", format="<red>{message}</red>")
    logger.add(tmp_path / "asked.log", format="<red>{message}</red>", color=True)

    logger.info("hello")
    logger.complete()

    assert (tmp_path / "plain.log").read_text() == "hello\n"
    assert (tmp_path / "asked.log").read_text() == f"{RED}hello{RESET}\n"


def test_function_sink_is_coloured_only_when_asked():
    lines = []
    logger.add(lines.append, format="<red>{message}</red>")
    logger.add(lines.append, format="<red>{message}</red>", colorize=True)

    logger.info("hello")

    assert lines == ["hello\n", f"{RED}hello{RESET}\n"]


@pytest.mark.parametrize(
    ("style", "codes"),
    [
        ("red", "31"),
        ("BRIGHT_CYAN", "96"),
        ("bold red", "1;31"),
        ("#ff8800", "38;2;255;136;0"),
        ("fg 208", "38;5;208"),
        ("1;31", "1;31"),
    ],
)
def test_level_colors_are_names_numbers_or_codes(style, codes, terminal):
    logger.configure(level_colors={"INFO": style})
    logger.add(terminal, format="<level>{message}</level>")

    logger.info("hello")

    assert terminal.getvalue() == f"\x1b[{codes}mhello{RESET}\n"


def test_level_colors_may_be_any_mapping(terminal):
    logger.configure(level_colors=MappingProxyType({"info": "red"}))
    logger.add(terminal, format="<level>{message}</level>")

    logger.info("hello")

    assert terminal.getvalue() == f"{RED}hello{RESET}\n"


def test_levels_without_a_given_colour_keep_theirs(terminal):
    logger.add(terminal, format="<level>{level}</level>")
    logger.error("e")
    before = terminal.getvalue()

    logger.configure(level_colors={"INFO": "red"})
    logger.error("e")

    assert terminal.getvalue() == before * 2


def test_color_levels_switch_colour_off_for_a_level(terminal):
    logger.configure(color_levels={"INFO": False})
    logger.add(terminal, format="<red>{message}</red>")

    logger.info("plain")
    logger.error("coloured")

    assert terminal.getvalue() == f"plain\n{RED}coloured{RESET}\n"


def test_color_callback_colours_the_finished_line(terminal):
    logger.configure(color_callback=lambda level, text: f"[{level}]{text}[/]")
    logger.add(terminal, format="<red>{message}</red>")

    logger.info("hello")

    assert terminal.getvalue() == "[INFO]hello[/]\n"


def test_color_callback_is_not_asked_without_colour():
    stream = io.StringIO()
    logger.configure(color_callback=lambda _level, text: f"[{text}]")
    logger.add(stream, format="{message}", color=False)

    logger.info("plain")

    assert stream.getvalue() == "plain\n"


def test_color_callback_is_not_asked_for_a_level_without_colour(terminal):
    logger.configure(color_callback=lambda _level, text: f"[{text}]", color_levels={"INFO": False})
    logger.add(terminal, format="{message}")

    logger.info("plain")

    assert terminal.getvalue() == "plain\n"


def test_color_callback_never_touches_json(terminal):
    logger.configure(color_callback=lambda _level, text: f"[{text}]")
    logger.add(terminal, json=True)

    logger.info("hello")

    assert terminal.getvalue().startswith('{"timestamp"')


def test_color_callback_that_raises_leaves_the_line_plain(terminal, capfd):
    logger.configure(color_callback=lambda _level, _text: 1 / 0)
    logger.add(terminal, format="<red>{message}</red>")

    for _ in range(3):
        logger.info("hello")

    assert without_colors(terminal.getvalue()) == "hello\n" * 3
    assert capfd.readouterr().err.count("color_callback raised ZeroDivisionError") == 1


def test_color_callback_false_restores_the_built_in_colours(terminal):
    logger.configure(color_callback=lambda _level, text: f"[{text}]")
    logger.configure(color_callback=False)
    logger.add(terminal, format="<red>{message}</red>")

    logger.info("hello")

    assert terminal.getvalue() == f"{RED}hello{RESET}\n"


def test_closing_an_inner_style_begins_the_outer_again(terminal):
    logger.add(terminal, format="<red>a<bold>b</bold>{message}</red>")

    logger.info("c")

    assert terminal.getvalue() == f"{RED}a\x1b[1mb{RESET}{RED}c{RESET}\n"


def test_style_left_open_ends_with_its_line(terminal):
    logger.add(terminal, format="<red>{message}")

    logger.info("hello")

    assert terminal.getvalue() == f"{RED}hello{RESET}\n"


def test_markup_in_data_is_text(terminal):
    logger.add(terminal, format="{message}{fields}")

    logger.info("<red>hello</red> {tag}", tag="<bold>", other="<green>")

    assert terminal.getvalue() == "<red>hello</red> <bold> other=<green>\n"


def test_escapes_in_data_stay_escaped_in_colour(terminal):
    logger.add(terminal, format="<red>{message}</red>")

    logger.info("\x1b[32mgreen")

    assert terminal.getvalue() == f"{RED}\\x1b[32mgreen{RESET}\n"

"""Themes and the short line: one word sets the look of console lines."""

from __future__ import annotations

import io
import re

import logly
import pytest
from logly import logger

from tests.support.terminal import Terminal

BLACK, WHITE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
LEVELS = ("TRACE", "DEBUG", "INFO", "NOTICE", "SUCCESS", "WARNING", "ERROR", "FAIL", "CRITICAL")


@pytest.fixture
def terminal(xterm):
    logger.configure(console=False, show_time=False)
    return Terminal()


def line_in(theme, terminal):
    logger.add(terminal)
    logger.configure(theme=theme, show_module=True)
    logger.error("failed")
    return terminal.getvalue()


@pytest.mark.parametrize(
    ("theme", "expected"),
    [
        ("default", "\x1b[31;1mERROR\x1b[0m | \x1b[2mtest_themes\x1b[0m | failed\n"),
        ("dark", "\x1b[1;38;5;210mERROR\x1b[0m | \x1b[38;5;246mtest_themes\x1b[0m | failed\n"),
        ("light", "\x1b[1;38;5;124mERROR\x1b[0m | \x1b[38;5;241mtest_themes\x1b[0m | failed\n"),
        ("high_contrast", "\x1b[1;7mERROR\x1b[0m | test_themes | failed\n"),
        ("mono", "\x1b[1;4mERROR\x1b[0m | \x1b[2mtest_themes\x1b[0m | failed\n"),
    ],
)
def test_theme_colours_levels_and_places(theme, expected, terminal):
    assert line_in(theme, terminal).replace(__name__, "test_themes") == expected


def test_theme_holds_for_patterns_that_name_the_level(terminal):
    logger.configure(theme="mono")
    logger.add(terminal, format="<level>{message}</level>")

    logger.warning("careful")

    assert terminal.getvalue() == "\x1b[1mcareful\x1b[0m\n"


def test_none_leaves_the_theme_as_it_is(terminal):
    logger.configure(theme="mono")

    assert "\x1b[1;4mERROR" in line_in(None, terminal)


def test_default_is_the_theme_of_the_start(terminal):
    logger.configure(theme="mono")

    assert "\x1b[31;1mERROR" in line_in("default", terminal)


@pytest.mark.parametrize("theme", ["high_contrast", "mono"])
def test_tracebacks_have_no_colours_where_the_theme_has_none(theme, terminal):
    logger.add(terminal, format="{message}")
    logger.configure(theme=theme)

    try:
        _ = 1 // 0
    except ZeroDivisionError:
        logger.exception("failed")

    assert "\x1b[4m" in terminal.getvalue()
    assert re.search(r"\x1b\[(\d+;)*[34]\d", terminal.getvalue()) is None


@pytest.mark.parametrize(
    "configure",
    [
        lambda: logger.configure(level_colors={"ERROR": "green"}, theme="dark"),
        lambda: (logger.configure(level_colors={"ERROR": "green"}), logger.configure(theme="dark")),
        lambda: (logger.configure(theme="dark"), logger.configure(level_colors={"ERROR": "green"})),
        lambda: (logger.level("ERROR", color="green"), logger.configure(theme="dark")),
    ],
    ids=["at once", "before", "after", "level"],
)
def test_colour_that_was_given_to_a_level_wins(configure, terminal):
    logger.add(terminal)
    configure()

    logger.error("failed")

    assert terminal.getvalue() == "\x1b[32mERROR\x1b[0m | failed\n"


def test_level_of_the_programs_own_keeps_its_colour(terminal):
    logger.add(terminal)
    logger.level("AUDIT", no=35, color="cyan")
    logger.configure(theme="light")

    logger.log("AUDIT", "seen")

    assert terminal.getvalue() == "\x1b[36mAUDIT\x1b[0m | seen\n"


def test_level_tells_its_colour():
    logger.configure(theme="mono")

    assert logger.level("CRITICAL").color == "bold reverse"


def test_unknown_theme_is_refused_with_the_nearest():
    with pytest.raises(
        ValueError, match=r'theme: expected one of the themes .*"mono", got "drak" \(did you mean "dark"'
    ):
        logger.configure(theme="drak")


def test_reset_takes_the_theme_off():
    logger.configure(theme="mono")

    logger.reset()

    assert logger.level("ERROR").color == "red bold"


def test_file_of_settings_may_name_a_theme(tmp_path):
    path = tmp_path / "logly.toml"
    path.write_text('theme = "mono"\nlog_compact = true\n')

    logly.load(path)

    assert logger.level("ERROR").color == "bold underline"


def rgb(number):
    """Return one of the 256 colours as shares of red, green and blue; the terminal defines the first 16 itself."""
    assert number >= 16
    if number >= 232:
        return (((number - 232) * 10 + 8) / 255,) * 3
    steps = (0, 95, 135, 175, 215, 255)
    number -= 16
    return tuple(steps[number // scale % 6] / 255 for scale in (36, 6, 1))


def linear(share):
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def luminance(color):
    red, green, blue = map(linear, color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first, second):
    """Return the contrast ratio as WCAG 2 defines it."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def colors_of(level, background):
    """Return the foreground and background of a level's style."""
    words = logger.level(level).color.split()
    pairs = dict(zip(words, words[1:]))
    front = WHITE if background == BLACK else BLACK
    if "reverse" in words:
        return background, front
    return rgb(int(pairs["fg"])) if "fg" in pairs else front, rgb(int(pairs["bg"])) if "bg" in pairs else background


@pytest.mark.parametrize(
    ("theme", "background", "least"),
    [
        ("dark", BLACK, 4.5),
        ("light", WHITE, 4.5),
        ("high_contrast", BLACK, 7.0),
        ("high_contrast", WHITE, 7.0),
    ],
)
@pytest.mark.parametrize("level", LEVELS)
def test_levels_can_be_read_on_the_background_a_theme_is_for(level, theme, background, least):
    logger.configure(theme=theme)

    assert contrast(*colors_of(level, background)) >= least


def test_levels_of_high_contrast_differ_without_red_and_green():
    """Backgrounds differ in brightness or in blue; where they do not, styles differ."""
    logger.configure(theme="high_contrast")
    seen = set()

    for level in LEVELS:
        words = logger.level(level).color.split()
        background = colors_of(level, BLACK)[1]
        sight = (round(luminance(background), 1), round(background[2], 1))
        seen.add((sight, "underline" in words, "italic" in words, "bold" in words))

    assert len(seen) == len(LEVELS)


@pytest.mark.parametrize("level", ["SUCCESS", "WARNING", "ERROR", "FAIL", "CRITICAL"])
@pytest.mark.parametrize("background", [BLACK, WHITE], ids=["on black", "on white"])
def test_blocks_of_high_contrast_stand_out_from_the_background(background, level):
    logger.configure(theme="high_contrast")

    assert contrast(colors_of(level, background)[1], background) >= 1.7


def short(capsys, **options):
    logger.configure(log_compact=True, **options)
    with logly.testing.freeze("2025-01-15T10:30:45.123Z"):
        logger.warning("disk is full", path="/var", free="3 MB")
    return capsys.readouterr().out


def test_compact_line_has_time_letter_message_and_fields(capsys):
    assert re.fullmatch(r'\d\d:\d\d:45 W disk is full path=/var free="3 MB"\n', short(capsys))


def test_compact_line_leaves_the_time_out_on_request(capsys):
    assert short(capsys, show_time=False) == 'W disk is full path=/var free="3 MB"\n'


def test_compact_line_shows_the_place_that_is_asked_for(capsys):
    assert short(capsys, show_time=False, show_function=True) == 'W short disk is full path=/var free="3 MB"\n'


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("utc", r"10:30:45Z W "),
        ("local", r"\d\d:\d\d:45 W "),
        ("rfc3339", r"\d\d:\d\d:45 W "),
        ("HH~mm", r"\d\d~\d\d W "),
    ],
)
def test_compact_line_keeps_the_zone_and_pattern_of_a_date_style(style, expected, capsys):
    logger.add("console", date_style=style)

    assert re.match(expected, short(capsys))


def test_compact_line_is_coloured_as_others(capsys):
    assert short(capsys, color=True, show_time=False).startswith("\x1b[33;1mW\x1b[0m disk")


def test_compact_is_for_consoles_alone(tmp_path, capsys):
    logger.add(tmp_path / "app.log")
    lines = io.StringIO()
    logger.add(lines)

    short(capsys)
    logger.complete()

    assert " | WARNING | disk is full " in (tmp_path / "app.log").read_text()
    assert " | WARNING | disk is full " in lines.getvalue()


def test_compact_leaves_patterns_and_json_alone(capsys):
    logger.add("console", format="{level} {message}")
    logger.add("console", json=True)

    first, second = short(capsys).splitlines()

    assert (first, second[:13]) == ("WARNING disk is full", '{"timestamp":')


def test_letters_of_the_levels_differ():
    assert len({level[0] for level in LEVELS}) == len(LEVELS)

"""Programs written for Loguru: the output of formats and colour markup, by token and tag."""

from __future__ import annotations

import io
import os
import threading
from datetime import datetime, timezone
from decimal import Decimal

import logly.testing
import pytest
from logly import logger

WEDNESDAY = datetime(2025, 1, 15, 9, 5, 3, 123_456, tzinfo=timezone.utc)


def shown(pattern, *, color=False, level="INFO", **fields) -> str:
    """Return the text that a format shows for one record, without its line break."""
    logger.remove()
    stream = io.StringIO()
    logger.add(stream, level=0, format=pattern, colorize=color)
    logger.bind(**fields).log(level, "hello")
    return stream.getvalue()[:-1]


# Tokens


@pytest.mark.parametrize(
    ("token", "text"),
    [
        ("{file}", "test_loguru_formats.py"),
        ("{file.name}", "test_loguru_formats.py"),
        ("{function}", "shown"),
        ("{level}", "INFO"),
        ("{level.name}", "INFO"),
        ("{level.no}", "20"),
        ("{level.icon}", "\N{INFORMATION SOURCE}\N{VARIATION SELECTOR-16}"),
        ("{message}", "hello"),
        ("{name}", __name__),
        ("{process.name}", "MainProcess"),
        ("{thread.name}", "MainThread"),
        ("{extra}", "{'user': 'ada'}"),
        ("{extra[user]}", "ada"),
        ("{exception}", ""),
        ("{{braces}}", "{braces}"),
    ],
)
def test_token_shows_its_part_of_the_record(token, text):
    assert shown(token, user="ada") == text


def test_path_is_the_whole_one():
    assert shown("{file.path}") == __file__


def test_process_and_thread_show_their_numbers():
    process, thread = os.getpid(), threading.get_ident()

    assert shown("{process} {process.id} {thread} {thread.id}") == f"{process} {process} {thread} {thread}"


def test_line_is_that_of_the_call():
    assert int(shown("{line}")) == shown.__code__.co_firstlineno + 5


def test_elapsed_is_shown_as_a_timedelta():
    hours, minutes, seconds = shown("{elapsed}").split(":")

    assert int(hours) >= 0
    assert 0 <= int(minutes) < 60
    assert 0 <= float(seconds) < 60


def test_tokens_take_widths():
    assert shown("{level: <8}|{message:>7}|{function:.3}|{level.no:05}") == "INFO    |  hello|sho|00020"


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        (".2f", 2.345), (".2f", 3), ("8.3f", -2.3456), ("08.3f", -2.3456), ("<8.1f", 2.34), ("e", 12345.678),
        (".1E", 0.00012), (".1%", 0.256), (",", 1234567), (",.2f", 1234567.891), ("_", 1234567),
        ("+d", 5), ("+.1f", 5.0), ("03d", 7), ("+05d", 7), ("x", 255), ("X", 255), ("o", 8), ("b", 5),
        ("_b", 255), (">10,", 12345),
        (".3f", float("nan")), (".3f", float("inf")), (".0f", 0.5), (".0f", 1.5),
        (".2f", Decimal("12.345")),
    ],
)  # fmt: skip
def test_numbers_have_the_forms_of_str_format(spec, value):
    assert shown("{extra[n]:" + spec + "}", n=value) == format(float(value) if spec == ".2f" else value, spec)


@pytest.mark.parametrize("value", ["ada", None])
def test_what_is_no_number_is_shown_as_it_is(value):
    assert shown("{extra[n]:.2f}", n=value) == str(value)


def test_exception_stands_where_the_format_says():
    logger.remove()
    stream = io.StringIO()
    logger.add(stream, format="[{exception}] {message}")

    logger.opt(exception=ValueError("no")).error("refused")

    assert stream.getvalue() == "[ValueError: no] refused\n"


def test_exception_follows_a_format_that_does_not_name_it():
    logger.remove()
    stream = io.StringIO()
    logger.add(stream, format="{message}")

    logger.opt(exception=ValueError("no")).error("refused")

    assert stream.getvalue() == "refused\nValueError: no\n"


# Times


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("YYYY YY", "2025 25"),
        ("Q", "1"),
        ("MMMM MMM MM M", "January Jan 01 1"),
        ("DDDD DDD DD D", "015 15 15 15"),
        ("dddd ddd d E", "Wednesday Wed 2 3"),
        ("HH H hh h", "09 9 09 9"),
        ("mm m ss s", "05 5 03 3"),
        ("S SS SSS SSSS SSSSS SSSSSS", "1 12 123 1234 12345 123456"),
        ("A", "AM"),
        ("Z ZZ zz", "+00:00 +0000 UTC"),
        ("X x", "1736931903 1736931903123456"),
        ("[YYYY] [at] YYYY", "YYYY at 2025"),
        ("YYYY-MM-DD HH:mm:ss.SSS", "2025-01-15 09:05:03.123"),
    ],
)
def test_time_tokens_show_their_part_of_the_time(pattern, text):
    with logly.testing.freeze(WEDNESDAY):
        assert shown(f"{{time:{pattern}!UTC}}") == text


def test_time_may_be_a_pattern_of_strftime():
    with logly.testing.freeze(WEDNESDAY):
        assert shown("{time:%Y %j}") == "2025 015"


def test_time_without_a_pattern_is_iso_8601():
    with logly.testing.freeze(WEDNESDAY):
        text = shown("{time}")

    assert datetime.fromisoformat(text) == WEDNESDAY


# Colours

COLORS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]
SHORT = ["k", "r", "g", "y", "e", "m", "c", "w"]
STYLES = {
    "bold": ("b", 1), "dim": ("d", 2), "normal": ("n", 22), "italic": ("i", 3), "underline": ("u", 4),
    "strike": ("s", 9), "reverse": ("v", 7), "blink": ("l", 5), "hide": ("h", 8),
}  # fmt: skip
TAGS = [
    *((tag, 30 + at) for at, pair in enumerate(zip(COLORS, SHORT)) for tag in pair),
    *((tag.upper(), 40 + at) for at, pair in enumerate(zip(COLORS, SHORT)) for tag in pair),
    *(
        (tag, 90 + at)
        for at, (name, letter) in enumerate(zip(COLORS, SHORT))
        for tag in (f"light-{name}", f"l{letter}")
    ),
    *(
        (tag.upper(), 100 + at)
        for at, (name, letter) in enumerate(zip(COLORS, SHORT))
        for tag in (f"light-{name}", f"l{letter}")
    ),
    *((tag, code) for name, (letter, code) in STYLES.items() for tag in (name, letter)),
    ("fg 86", "38;5;86"), ("bg 42", "48;5;42"), ("fg #00005f", "38;2;0;0;95"), ("fg #EE1", "38;2;238;238;17"),
    ("bg #AF5FD7", "48;2;175;95;215"), ("bg #fff", "48;2;255;255;255"), ("fg 0,95,0", "38;2;0;95;0"),
    ("bg 72,119,65", "48;2;72;119;65"), ("fg red", "31"), ("bg red", "41"),
]  # fmt: skip


@pytest.mark.parametrize(("tag", "code"), TAGS)
def test_tag_is_its_escape(tag, code):
    assert shown(f"<{tag}>x</{tag}>", color=True) == f"\x1b[{code}mx\x1b[0m"
    assert shown(f"<{tag}>x</>", color=True) == f"\x1b[{code}mx\x1b[0m"


@pytest.mark.parametrize("tag", ["level", "lvl"])
def test_level_tag_is_the_colour_of_the_level(tag):
    logger.level("ALARM", no=60, color="<red><bold>")

    assert shown(f"<{tag}>x</{tag}>", color=True, level="ALARM") == "\x1b[31m\x1b[1mx\x1b[0m"


@pytest.mark.parametrize("tag", [tag for tag, _ in TAGS])
def test_tags_are_removed_where_there_is_no_colour(tag):
    assert shown(f"<{tag}>x</{tag}>") == "x"


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\<blue>x", "<blue>x"),
        (r"\<blue>x\</blue>", "<blue>x</blue>"),
        (r"\\<blue>x</blue>", "\\\x1b[34mx\x1b[0m"),
    ],
)
def test_backslash_makes_a_tag_text(pattern, text):
    assert shown(pattern, color=True) == text


def test_nested_tags_begin_the_outer_one_again():
    assert shown("<red>a<b>b</b>c</red>", color=True) == "\x1b[31ma\x1b[1mb\x1b[0m\x1b[31mc\x1b[0m"

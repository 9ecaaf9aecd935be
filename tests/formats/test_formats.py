"""Text lines: the default one, patterns, widths, markup, times, multiline modes and functions."""

from __future__ import annotations

import asyncio
import io
import os
import re
import threading
from datetime import datetime, timezone

import logly.testing
import pytest
from logly import logger

WHEN = "2025-01-15T10:30:45.123456Z"


def line(log=lambda: logger.info("hello"), **options):
    """The output of *log* in a sink with these options at `WHEN`."""
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, **options)
    with logly.testing.freeze(WHEN):
        log()
    return stream.getvalue()


def shown(pattern, log=lambda: logger.info("hello"), **options):
    return line(log, format=pattern, **options).removesuffix("\n")


def test_default_line_is_local_time_level_message_and_fields():
    local = datetime.fromisoformat(WHEN.replace("Z", "+00:00")).astimezone()

    got = line(lambda: logger.error("Error 0", error_code=0))

    assert got == f"{local:%Y-%m-%d %H:%M:%S} | ERROR | Error 0 error_code=0\n"


def test_default_line_is_the_same_on_console_and_in_files(tmp_path, capsys):
    logger.add(tmp_path / "app.log")

    with logly.testing.freeze(WHEN):
        logger.info("hello {user}", user="ada", n=1)
    logger.complete()

    assert (tmp_path / "app.log").read_text() == capsys.readouterr().out


def test_fields_stand_in_call_order_less_those_the_message_shows():
    got = line(lambda: logger.info("{b}", c=1, b=2, a=3), date_enabled=False)

    assert got == "INFO | 2 c=1 a=3\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"), ("", '""'), ("a b", '"a b"'), ("a=b", '"a=b"'), ('a"b', '"a\\"b"'), ("a\nb", '"a\\nb"'),
        (1, "1"), (1.5, "1.5"), (True, "True"), (None, "None"), (10**30, str(10**30)), ([1, 2], '"[1, 2]"'),
        ("C:\\x", "C:\\x"), ("é", "é"),
    ],
)  # fmt: skip
def test_field_is_quoted_where_it_must_be(value, text):
    assert line(lambda: logger.info("m", key=value), date_enabled=False) == f"INFO | m key={text}\n"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{level}", "WARNING"), ("{level.name}", "WARNING"), ("{level.no}", "30"), ("{message}", "hello 1"),
        ("{module}", __name__), ("{name}", __name__), ("{function}", "log"), ("{filename}", "test_formats.py"),
        ("{file}", "test_formats.py"), ("{path}", __file__),
        ("{user}", "ada"), ("{extra[user]}", "ada"), ("{extra}", "{'user': 'ada', 'n': 1, 'x': 2}"),
        ("{fields}", " user=ada x=2"), ("{message}{fields}", "hello 1 user=ada x=2"),
        ("{missing}|{extra[missing]}", "|"),
        ("{task}", ""), ("{exception}", ""), ("{{level}} }} {", "{level} } {"), ("no placeholder", "no placeholder"),
        ("", ""), ("{n:>4}|{n:<4}|{n:^5}|{n:04}|{user:*^7}", "   1|1   |  1  |0001|**ada**"),
    ],
)  # fmt: skip
def test_placeholder_shows_its_part_of_the_record(pattern, expected):
    def log():
        logger.bind(user="ada").warning("hello {n}", n=1, x=2)

    assert shown(pattern, log) == expected


def test_process_and_thread_are_the_callers():
    expected = f"{os.getpid()} {threading.get_ident()} {threading.current_thread().name}"

    assert shown("{process} {thread} {thread.name}", lambda: logger.info("hello")) == expected


@pytest.mark.parametrize("name", ["line", "lineno"])
def test_line_number_is_the_callers(name):
    def log():
        logger.info("hello")

    assert shown(f"{{{name}}}", log) == str(log.__code__.co_firstlineno + 1)


def test_icon_is_the_levels():
    logger.level("AUDIT", no=35, icon="@")

    assert shown("{level.icon}{message}", lambda: logger.log("AUDIT", "hello")) == "@hello"


def test_number_without_a_name_is_shown():
    assert shown("{level} {level.no}", lambda: logger.log(37, "hello")) == "Level 37 37"


def test_task_is_the_running_one():
    async def log():
        logger.info("hello")

    def run():
        async def main():
            await asyncio.create_task(log(), name="job")

        asyncio.run(main())

    assert shown("{task}", run) == "job"


def test_elapsed_is_since_the_logger_was_made():
    got = line(format="{elapsed}")

    assert re.fullmatch(r"\d+:\d\d:\d\d\.\d{6}\n", got)


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        ("8", "ab"),
        ("<8", "ab"),
        (">8", "ab"),
        ("^8", "ab"),
        ("*^9", "ab"),
        (".2", "abcdef"),
        ("8.3", "abcdef"),
        ("é<4", "x"),
        ("<8s", "ab"),
        ("3", "é€😀"),
        ("8", 42),
        ("<8", 42),
        ("08", 42),
        ("08", -42),
        ("8", -42),
        ("08d", 7),
        ("8", 1.5),
        (">>4", 1),
    ],
)
def test_widths_are_those_of_str_format(spec, value):
    expected = ("{x:" + spec + "}").format(x=value)

    assert shown("{x:" + spec + "}", lambda: logger.info("", x=value)) == expected


def test_level_width_aligns_columns():
    def log():
        logger.info("a")
        logger.critical("b")

    assert shown("{level: <8}|{message}", log) == "INFO    |a\nCRITICAL|b"


@pytest.mark.parametrize("tag", ["<tag>", "</red>", "</>", "<div class=x>", "a < b > c", "<>", "<re d>"])
def test_unknown_markup_is_text(tag):
    assert shown(tag + "{message}", color=True) == tag + "hello"


def test_markup_vanishes_without_colour():
    assert shown("<green>{message}</green> <level>x</level> <bold>y</>", color=False) == "hello x y"


def test_escaped_markup_is_text():
    assert shown("\\<red>{message}", color=True) == "<red>hello"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("YYYY-MM-DD HH:mm:ss.SSS!UTC", "2025-01-15 10:30:45.123"),
        ("YY M D H m s!UTC", "25 1 15 10 30 45"),
        ("HH:mm:ss.SSSSSS!UTC", "10:30:45.123456"),
        ("MMMM MMM dddd ddd!UTC", "January Jan Wednesday Wed"),
        ("hh:mm A!UTC", "10:30 AM"),
        ("DDDD Q X!UTC", "015 1 1736937045"),
        ("Z ZZ!UTC", "+00:00 +0000"),
        ("[at] HH[h]!UTC", "at 10h"),
        ("%Y-%m-%d %H:%M:%S.%f!UTC", "2025-01-15 10:30:45.123456"),
        ("%A %d %B, 100%%!UTC", "Wednesday 15 January, 100%"),
        ("%d/%m/%y %I:%M %p %j %z!UTC", "15/01/25 10:30 AM 015 +0000"),
    ],
)
def test_time_takes_tokens_or_strftime(pattern, expected):
    assert shown("{time:" + pattern + "}") == expected


def test_bare_time_is_rfc3339_with_an_offset():
    got = datetime.fromisoformat(shown("{time}"))

    assert got == datetime(2025, 1, 15, 10, 30, 45, 123456, timezone.utc)
    assert got.tzinfo is not None


def test_several_times_in_one_pattern_are_each_their_own():
    assert shown("{time:HH!UTC} {time:mm!UTC} {time:HH!UTC}") == "10 30 10"


def test_time_moves_on():
    stream = io.StringIO()
    logger.add(stream, format="{time:ss.SSS!UTC}")

    with logly.testing.freeze(WHEN) as clock:
        for step in (0.001, 0.9, 60):
            clock.tick(step)
            logger.info("")

    assert stream.getvalue().split() == ["45.124", "46.024", "46.024"]


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("utc", "2025-01-15 10:30:45Z"),
        ("HH:mm!UTC", "10:30"),
        ("%H.%M!UTC", "10.30"),
        ("YYYY[T]HH!UTC", "2025T10"),
    ],
)
def test_date_style_is_how_the_default_line_begins(style, expected):
    assert line(date_style=style) == f"{expected} | INFO | hello\n"


def test_date_style_rfc3339_and_local_are_local_time():
    local = datetime.fromisoformat(WHEN.replace("Z", "+00:00")).astimezone()

    assert line(date_style="rfc3339") == f"{local.isoformat()} | INFO | hello\n"
    assert line(date_style="local") == f"{local:%Y-%m-%d %H:%M:%S} | INFO | hello\n"


def test_date_style_is_what_a_bare_time_shows():
    assert shown("{time} {time:mm!UTC}", date_style="HH!UTC") == "10 30"


@pytest.mark.parametrize(
    ("shown_at_all", "enabled", "is_timed"),
    [(True, None, True), (True, False, False), (False, None, False), (False, True, True)],
)
def test_date_enabled_wins_over_show_time(shown_at_all, enabled, is_timed):
    logger.configure(show_time=shown_at_all)

    got = line(date_enabled=enabled, date_style="utc")

    assert got == ("2025-01-15 10:30:45Z | INFO | hello\n" if is_timed else "INFO | hello\n")


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("escape", "one\\ntwo\\x1b[0m"), ("indent", "one\n    two\\x1b[0m"), ("raw", "one\ntwo\x1b[0m")],
)
def test_multiline_says_what_becomes_of_line_breaks(mode, expected):
    assert shown("{message}", lambda: logger.info("one\ntwo\x1b[0m"), multiline=mode) == expected


def test_multiline_concerns_fields_too():
    assert shown("{x}", lambda: logger.info("", x="one\ntwo"), multiline="raw") == "one\ntwo"


def test_function_makes_the_line():
    got = line(
        lambda: logger.info("paid {n}", n=12),
        format=lambda record: f"{record['level']}~{record['message']}~{record['n']}",
    )

    assert got == "INFO~paid 12~12\n"


def test_function_may_end_the_line_itself():
    assert line(format=lambda record: record["message"] + "\n") == "hello\n"


@pytest.mark.parametrize("is_async", [True, False])
def test_function_makes_lines_of_files(is_async, tmp_path):
    logger.add(tmp_path / "app.log", format=lambda record: f"~{record['message']}", async_write=is_async)

    for number in range(100):
        logger.info(str(number))
    logger.complete()

    assert (tmp_path / "app.log").read_text().split() == [f"~{number}" for number in range(100)]


def test_function_that_raises_leaves_the_default_line_and_is_told_once(capfd):
    def log():
        for _ in range(3):
            logger.info("hello")

    got = line(log, format=lambda record: record["missing"], date_enabled=False)

    assert got == "INFO | hello\n" * 3
    assert capfd.readouterr().err.count("a format function raised KeyError") == 1


def test_function_that_gives_no_text_is_shown_as_text():
    assert line(format=lambda _record: 12) == "12\n"


def test_custom_format_shows_fields_only_where_it_names_them():
    assert shown("{message}", lambda: logger.info("hello", n=1)) == "hello"


def test_braces_of_data_are_text():
    assert shown("{message} {x}", lambda: logger.info("{level}", x="{message}")) == "{level} {message}"


def test_sinks_have_their_own_formats():
    one, two = io.StringIO(), io.StringIO()
    logger.add(one, format="1 {message}")
    logger.add(two, format="2 {message}")

    logger.info("hello")

    assert (one.getvalue(), two.getvalue()) == ("1 hello\n", "2 hello\n")

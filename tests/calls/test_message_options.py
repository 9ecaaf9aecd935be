"""`opt`: the handling of messages, arguments and keywords, and stacks below lines."""

from __future__ import annotations

import io
import json

import pytest
from logly import logger

RED, BLUE, RESET = "\x1b[31m", "\x1b[34m", "\x1b[0m"


def text_sink(**options) -> io.StringIO:
    """Add a stream that is a text sink."""
    stream = io.StringIO()
    logger.add(stream, level="TRACE", **{"format": "{level}: {message}{fields}", **options})
    return stream


# Lazy


def test_lazy_arguments_are_called_once_for_all_sinks(text, json_file, records):
    calls = []

    def value():
        calls.append(1)
        return len(calls)

    logger.opt(lazy=True).info("{} {x} {x!r}", value, x=value, y="as it is")

    assert records[0]["message"] == "1 2 2"
    assert records[0]["extra"] == {"x": 2, "y": "as it is"}
    assert len(calls) == 2


def test_lazy_arguments_of_unwanted_records_are_not_called(text):
    logger.set_level("INFO", text.sink)

    logger.opt(lazy=True).debug("{} {x}", lambda: 1 / 0, x=lambda: 1 / 0)

    assert text.lines == []


def test_lazy_argument_that_raises_becomes_a_marker(text):
    logger.opt(lazy=True).info("{x}", x=lambda: 1 / 0)

    assert text.lines == ["<unprintable lazy: ZeroDivisionError>"]


def test_lazy_message_is_no_argument(text):
    logger.opt(lazy=True).info(str)

    assert text.lines == ["<class 'str'>"]


def test_lazy_interrupt_reaches_the_caller_after_the_record(text):
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        logger.opt(lazy=True).info("{x}", x=stop)

    assert text.lines == ["<unprintable lazy: KeyboardInterrupt>"]


def test_callables_are_plain_values_without_lazy(records):
    logger.info("x", function=len)

    assert records[0]["function"] == "test_callables_are_plain_values_without_lazy"
    assert records[0]["extra"]["function"] is len


# Record


def test_message_shows_its_record(text):
    bound = logger.bind(user="ada").opt(record=True)

    bound.warning("{record[level].name} {record[function]} {record[extra][user]} {} {n:>3} {user}", 7, n=1)

    assert text.lines == ["WARNING test_message_shows_its_record ada 7   1 ada"]


def test_message_without_arguments_is_filled_in_too(text):
    logger.opt(record=True).info("{record[level].no} {{}}")

    assert text.lines == ["20 {}"]


@pytest.mark.parametrize("message", ["{record[nothing]}", "{missing}", "{", "{0}", "{record.nothing}"])
def test_message_that_cannot_show_its_record_stands_as_it_is(text, message, capfd):
    logger.opt(record=True).info(message)

    assert text.lines == [message]
    assert "a message that shows its record raised" in capfd.readouterr().err


def test_record_is_no_field(json_file):
    logger.opt(record=True).info("{record[level]} {x}", x=1)

    assert json_file.fields() == {"x": 1}


# Colors


def test_markup_of_the_message_is_colour_where_the_sink_is_coloured(no_console):
    plain, colored = text_sink(), text_sink(color=True)
    logger.configure(level_colors={"ERROR": "red"})

    logger.opt(colors=True).error("a <blue>b</blue> <level>c</level>")

    assert plain.getvalue() == "ERROR: a b c\n"
    assert colored.getvalue() == f"ERROR: a {BLUE}b{RESET} {RED}c{RESET}\n"


def test_markup_in_values_is_text(no_console):
    colored = text_sink(color=True)

    logger.opt(colors=True).info("<red>{}</red> {x}", "<blue>", x="</red>")

    assert colored.getvalue() == f"INFO: {RED}<blue>{RESET} </red>\n"


def test_json_and_python_code_see_no_markup(json_file, records):
    logger.opt(colors=True).info("a <red>b</red> {x}", x=1)

    assert records[0]["message"] == "a b 1"


def test_colours_inside_a_coloured_format_come_back_to_it(no_console):
    colored = text_sink(color=True, format="<blue>{message}</blue>!")

    logger.opt(colors=True).info("a <red>b</red> c")

    assert colored.getvalue() == f"{BLUE}a {RED}b{RESET}{BLUE} c{RESET}!\n"


def test_style_that_is_left_open_ends_with_the_message(no_console):
    colored = text_sink(color=True, format="{message}|")

    logger.opt(colors=True).info("a <red>b")

    assert colored.getvalue() == f"a {RED}b{RESET}|\n"


def test_unknown_tags_and_escaped_ones_are_text(no_console):
    colored = text_sink(color=True)

    logger.opt(colors=True).info(r"<nothing> \<red> </blue>")

    assert colored.getvalue() == "INFO: <nothing> <red> </blue>\n"


def test_percent_messages_may_be_coloured(no_console):
    colored = text_sink(color=True)

    logger.opt(colors=True).info("<red>%s</red> of %d", "<b>", 3)

    assert colored.getvalue() == f"INFO: {RED}<b>{RESET} of 3\n"


def test_widths_count_characters_and_leave_colours_out(no_console):
    colored = text_sink(color=True, format="{message: <4}|")

    logger.opt(colors=True).info("<red>ab</red>")

    assert colored.getvalue() == "ab  |\n"


def test_control_characters_of_coloured_messages_are_escaped(no_console):
    colored = text_sink(color=True)

    logger.opt(colors=True).info("<red>a\n</red>{}", "\x1b[0m")

    assert colored.getvalue() == f"INFO: {RED}a\\n{RESET}\\x1b[0m\n"


def test_ansi_is_a_name_of_colors(no_console):
    colored = text_sink(color=True)

    logger.opt(ansi=True).info("<red>a</red>")

    assert RED in colored.getvalue()


def test_files_with_colour_show_it_too(tmp_path, no_console):
    logger.add(tmp_path / "log", color=True, format="{message}")

    logger.opt(colors=True).info("<red>a</red>")

    logger.complete(timeout=30)
    assert (tmp_path / "log").read_text() == f"{RED}a{RESET}\n"


def test_colours_and_record_go_together(no_console):
    colored = text_sink(color=True)

    logger.opt(colors=True, record=True).info("<red>{record[level]}</red> {}", "<red>")

    assert colored.getvalue() == f"INFO: {RED}INFO{RESET} <red>\n"


# Raw


def test_raw_message_is_written_as_it_is(no_console):
    stream = text_sink()

    for part in ("a\tb", "\x1b[1m{x}", "\n"):
        logger.opt(raw=True).info(part, x=1)

    assert stream.getvalue() == "a\tb\x1b[1m1\n"


def test_raw_messages_go_to_files_and_functions_too(tmp_path, no_console):
    lines = []
    logger.add(lines.append)
    logger.add(tmp_path / "log")

    logger.opt(raw=True).info("a")
    logger.opt(raw=True).info("b\n")

    logger.complete(timeout=30)
    assert lines == ["a", "b\n"]
    assert (tmp_path / "log").read_text() == "ab\n"


@pytest.mark.parametrize("async_write", [False, True])
def test_raw_message_passes_format_functions_by(no_console, async_write):
    stream = text_sink(format=lambda _: "formatted", async_write=async_write)

    logger.opt(raw=True).info("a")

    logger.complete(timeout=30)
    assert stream.getvalue() == "a"


def test_raw_message_keeps_the_traceback_on_lines_of_its_own(no_console):
    stream = text_sink()

    logger.opt(raw=True, exception=ValueError("no")).info("a")

    assert stream.getvalue() == "a\nValueError: no\n"


def test_json_gets_raw_messages_as_ordinary_records(json_file):
    logger.opt(raw=True).info("a", x=1)

    assert json_file.read()[0]["message"] == "a"
    assert json_file.fields() == {"x": 1}


def test_raw_message_may_be_coloured(no_console):
    stream = text_sink(color=True)

    logger.opt(raw=True, colors=True).info("<red>a</red>")

    assert stream.getvalue() == f"{RED}a{RESET}"


# Capture


def test_keywords_that_are_not_captured_only_fill_in_the_message(text, json_file):
    logger.opt(capture=False).info("{a} {b!r}", a=1, b="x", c=3)

    assert text.lines == ["1 'x'"]
    assert json_file.read()[0]["message"] == "1 'x'"
    assert json_file.fields() == {}


def test_bound_fields_stay_though_a_keyword_of_their_name_is_not_captured(records):
    logger.bind(user="ada").opt(capture=False).info("{user}", user="eve")

    assert records[0]["message"] == "eve"
    assert records[0]["extra"] == {"user": "ada"}


def test_bound_field_that_the_message_shows_is_not_shown_twice(text):
    logger.bind(user="ada", step=1).opt(capture=False).info("{user}")
    logger.bind(user="ada", step=1).opt(capture=False).info("{user} {x}", x=2)

    assert text.lines == ["{user} user=ada step=1", "ada 2 step=1"]


# Stack


def test_stack_of_the_caller_follows_the_line(text):
    logger.opt(stack=True).info("here")

    assert text.lines[:2] == ["here", "Stack (most recent call last):"]
    assert text.lines[-2].endswith("in test_stack_of_the_caller_follows_the_line")
    assert text.lines[-1] == '    logger.opt(stack=True).info("here")'


def test_stack_has_as_many_frames_as_asked_for(json_file):
    def inner():
        logger.opt(stack=2).info("here")

    inner()

    functions = [frame["function"] for frame in json_file.read()[0]["stack"]]
    assert functions == ["test_stack_has_as_many_frames_as_asked_for", "inner"]


def test_stack_begins_at_the_place_of_the_record(json_file):
    def inner():
        logger.opt(stack=1, depth=1).info("here")

    inner()

    functions = [frame["function"] for frame in json_file.read()[0]["stack"]]
    assert functions == ["test_stack_begins_at_the_place_of_the_record"]


def test_stack_comes_behind_the_traceback(text):
    logger.opt(stack=1, exception=ValueError("no")).info("here")

    assert text.lines[:3] == ["here", "ValueError: no", "Stack (most recent call last):"]


def test_python_code_and_callbacks_see_the_stack(records):
    logger.opt(stack=1).info("here")
    logger.info("there")

    assert records[0]["stack"].startswith("Stack (most recent call last):\n")
    assert "stack" not in records[1]


def test_field_named_stack_gives_way_to_a_stack_alone(no_console):
    stream = text_sink(json="flat", format=None)

    logger.info("without", stack=7)
    logger.opt(stack=1).info("with", stack=7)

    without, with_stack = (json.loads(line) for line in stream.getvalue().splitlines())
    assert without["stack"] == 7
    assert with_stack["fields"] == {"stack": 7}
    assert isinstance(with_stack["stack"], list)


def test_false_takes_the_stack_back(text):
    logger.opt(stack=True).opt(stack=False).info("here")

    assert text.lines == ["here"]


# All options together


def test_options_add_up(no_console):
    stream = text_sink(color=True)

    logger.opt(colors=True).opt(lazy=True).opt(raw=True).info("<red>{}</red>", lambda: 1)

    assert stream.getvalue() == f"{RED}1{RESET}"


def test_none_leaves_an_option_as_it_is(no_console):
    stream = text_sink()

    logger.opt(raw=True).opt(raw=None, lazy=None).info("a")

    assert stream.getvalue() == "a"


@pytest.mark.parametrize("option", ["lazy", "record", "colors", "ansi", "raw", "capture"])
def test_options_that_are_switches_take_bools_alone(option):
    with pytest.raises(TypeError, match=f"^{option}: expected True or False, got 1$"):
        logger.opt(**{option: 1})


@pytest.mark.parametrize("value", [0, -1])
def test_number_of_frames_out_of_bounds_is_refused(value):
    with pytest.raises(ValueError, match="stack: expected frames, or True or False from 1"):
        logger.opt(stack=value)


def test_record_can_be_shown_beside_fields_with_names_that_no_encoding_has(text):
    logger.opt(record=True).info("{record[level]} {a\udc80}", **{"a\udc80": 1})

    assert text.lines == ["INFO 1"]

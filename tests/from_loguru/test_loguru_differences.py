"""Differences from Loguru in formats and calls: each test shows rows of `docs/guides/from-loguru.md`."""

from __future__ import annotations

import asyncio
import io
import pickle
import re

import logly.testing
import logly.typing
import pytest
from logly import Logger, logger

from tests.from_loguru import test_loguru_sink_differences
from tests.support.documents import REPOSITORY, run
from tests.support.loguru import SHOWN, added, shows

PAGE = REPOSITORY / "docs" / "guides" / "from-loguru.md"

# Formats


@shows("format functions")
def test_format_function_returns_the_line_and_a_template_is_told(capfd):
    stream = added(format=lambda _: "{extra[serialized]}\n")

    logger.info("hello")

    assert stream.getvalue() == "{extra[serialized]}\n"
    assert "a format function returned a pattern" in capfd.readouterr().err


def test_braces_of_a_message_are_no_template(capfd):
    stream = added(format=lambda record: record["message"])

    logger.info("use {message}")

    assert stream.getvalue() == "use {message}\n"
    assert capfd.readouterr().err == ""


@shows("conversions and attributes")
@pytest.mark.parametrize("pattern", ["{message!r}", "{time.year}", "{extra[user][name]}", "{exception.type}"])
def test_conversions_and_attributes_are_refused(pattern):
    with pytest.raises(ValueError, match="format: expected record keys without conversions or other attributes"):
        logger.add(io.StringIO(), format=pattern)


@shows("missing fields")
def test_missing_field_is_empty():
    stream = added(format="[{extra[user]}] {message}")

    logger.info("hello")

    assert stream.getvalue() == "[] hello\n"


@shows("unknown tags")
def test_unknown_tag_is_text():
    stream = added(format="<module> {message}", colorize=True)

    logger.info("hello")

    assert stream.getvalue() == "<module> hello\n"


@shows("`{exception}` in a format")
def test_exception_is_shown_once():
    stream = added(format="[{exception}] {message}")

    logger.opt(exception=ValueError("no")).error("refused")

    assert stream.getvalue() == "[ValueError: no] refused\n"


@shows("brackets in time patterns")
def test_what_is_in_brackets_is_text():
    stream = added(format="{time:[at HH] YYYY}")

    with logly.testing.freeze("2025-01-15T10:30:45"):
        logger.info("hello")

    assert stream.getvalue() == "at HH 2025\n"


@shows("line breaks and tabs in messages")
def test_line_breaks_are_escaped_unless_raw():
    escaped, raw = added(), io.StringIO()
    logger.add(raw, format="{message}", multiline="raw")

    logger.info("one\n\ttwo")

    assert (escaped.getvalue(), raw.getvalue()) == ("one\\n\\ttwo\n", "one\n\ttwo\n")


@shows('`{module}`, `record["module"]`')
def test_module_is_the_whole_name():
    stream = added(format="{module} {name}")

    logger.info("hello")

    assert stream.getvalue() == f"{__name__} {__name__}\n"


# Calls


@shows("`await logger.complete()`")
def test_complete_is_a_bool_and_complete_async_is_awaited():
    assert logger.complete() is True
    assert asyncio.run(logger.complete_async()) is True


@shows("`opt().opt()`")
def test_options_add_up():
    stream = added()

    logger.opt(raw=True).opt(lazy=True).info("{}", lambda: "both")

    assert stream.getvalue() == "both"


@shows("attributes of a logger")
def test_attributes_of_a_logger_are_not_pickled():
    colorful = logger.opt(colors=True)
    colorful.opt = len

    restored = pickle.loads(pickle.dumps(colorful))

    assert colorful.opt("four") == 4
    assert restored.opt(raw=True).opt != len


@shows("attributes in messages")
def test_messages_reach_into_nothing():
    stream = added()

    logger.info("{0.__class__} {items[0]}", "x", items=[1])

    assert stream.getvalue() == "{0.__class__} {items[0]}\n"


@shows("`%` in messages")
def test_percent_signs_are_filled_in_where_they_fit():
    stream = added()

    logger.info("%d of %s", 3, "ten")
    logger.info("{} % done", 50)

    assert stream.getvalue() == "3 of ten\n50 % done\n"


@shows("wrong arguments of messages")
def test_what_cannot_be_filled_in_stays():
    stream = added()

    logger.info("{} {user}", "one", name="ada")

    assert stream.getvalue() == "one {user}\n"


@shows("values")
def test_values_are_taken_at_the_call():
    stream, items = added(format="{extra[items]}"), [1]
    bound = logger.bind(items=items)

    items.append(2)
    bound.info("hello")

    assert stream.getvalue() == "[1]\n"


@shows("long values")
def test_long_values_are_cut():
    stream = added()

    logger.info("x" * 3_000_000)

    assert len(stream.getvalue()) < 1_100_000


@shows("precedence")
def test_context_wins_over_what_is_bound():
    stream = added(format="{extra[user]}")

    with logger.contextualize(user="context"):
        logger.bind(user="bound").info("hello")
        logger.bind(user="bound").info("hello", user="call")

    assert stream.getvalue() == "context\ncall\n"


@shows("functions that raise")
def test_record_goes_on_whatever_patchers_and_filters_raise(capfd):
    stream = added(filter=lambda record: record["nothing"])

    logger.patch(lambda record: record["nothing"]).info("hello")

    assert stream.getvalue() == "hello\n"
    assert capfd.readouterr().err.count("raised KeyError") == 2


@shows("names of levels", "levels by number")
def test_levels_are_known_by_any_spelling_and_by_number():
    stream = added(format="{level}")
    logger.level("AUDIT", no=33)

    logger.log("audit", "hello")
    logger.log(33, "hello")

    assert stream.getvalue() == "AUDIT\nAUDIT\n"


@shows("NOTICE and FAIL")
def test_notice_and_fail_have_their_numbers():
    assert (logger.level("NOTICE").no, logger.level("FAIL").no) == (22, 45)
    with pytest.raises(ValueError, match="no: expected 22, the number NOTICE has already, got 21"):
        logger.level("NOTICE", no=21)


@shows("colour of a level")
def test_colours_of_levels_are_words_or_markup():
    assert logger.level("ERROR").color == "red bold"
    assert logger.level("ERROR", color="<red><bold>").color == "<red><bold>"


@shows("`exception` with none being handled")
def test_no_exception_shows_nothing():
    stream = added()

    logger.exception("failed")

    assert stream.getvalue() == "failed\n"


@shows("tracebacks of `catch`")
def test_traceback_of_a_decorated_function_begins_with_it():
    stream = added()

    @logger.catch
    def fail() -> None:
        raise ValueError

    fail()

    assert "in fail" in stream.getvalue().splitlines()[2]


@shows("`catch(BaseException)`")
def test_interrupts_pass_unless_they_are_named():
    added()

    with pytest.raises(KeyboardInterrupt), logger.catch(BaseException):
        raise KeyboardInterrupt
    with logger.catch(KeyboardInterrupt):
        raise KeyboardInterrupt


@shows("`configure()`")
def test_configure_without_sinks_returns_none():
    assert logger.configure(level="INFO") is None
    assert logger.configure(handlers=[]) == []


@shows("`disable(None)`")
def test_none_is_the_whole_logger():
    stream = added()

    logger.disable(None)
    logger.info("no")
    logger.enable(None)
    logger.info("yes")

    assert stream.getvalue() == "yes\n"


@shows("`start`, `stop`")
def test_old_names_are_not_there():
    assert not hasattr(logger, "start")
    assert not hasattr(logger, "stop")


# The page itself


def test_environment_of_loguru_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setenv("LOGURU_FORMAT", "never")
    monkeypatch.setenv("LOGURU_LEVEL", "CRITICAL")

    assert run("from logly import logger\nlogger.info('hello')", tmp_path).check().stdout.endswith("| INFO | hello\n")


def test_types_have_their_names_here():
    assert isinstance(logger, Logger)
    assert {"Record", "Line"} <= set(dir(logly.typing))


def test_each_row_of_the_page_has_a_test():
    assert test_loguru_sink_differences.shows is shows
    tables = PAGE.read_text("utf-8").split("### First of all")[1].split("### The environment")[0]
    rows = re.findall(r"^\| (.+?) \| .+ \| .+ \| .*\|$", tables, re.MULTILINE)

    assert sorted(set(rows) - {"what"}) == sorted(SHOWN)

"""Exceptions in the dialect: tracebacks in Loguru's form, and `catch`."""

# ruff: noqa: LOG004 - a case of its own

from __future__ import annotations

import asyncio

import pytest


def share(total, people):
    return total / people


def test_values_stand_below_the_names_of_a_line(logger, lines):
    logger.add(lines.append, format="{message}", backtrace=False)

    try:
        share(10, 0)
    except ZeroDivisionError:
        logger.exception("failed")

    frame = (
        "\n    return total / people\n           │       └ 0\n           └ 10\n\nZeroDivisionError: division by zero\n"
    )
    assert lines[0].startswith("failed\nTraceback (most recent call last):\n\n  File ")
    assert lines[0].endswith(frame)


def test_traceback_without_values_has_no_blank_lines(logger, lines):
    logger.add(lines.append, format="{message}", backtrace=False, diagnose=False)

    try:
        share(10, 0)
    except ZeroDivisionError:
        logger.exception("failed")

    assert lines[0].endswith("in share\n    return total / people\nZeroDivisionError: division by zero\n")
    assert "\n\n" not in lines[0]


def test_frame_that_caught_is_marked_among_its_callers(logger, lines):
    logger.add(lines.append, format="{message}", diagnose=False)

    def handle():
        try:
            share(10, 0)
        except ZeroDivisionError:
            logger.exception("failed")

    handle()

    marked = [line for line in lines[0].splitlines() if line.startswith("> File")]
    assert [line.rpartition(" in ")[2] for line in marked] == ["handle"]
    assert ", in test_frame_that_caught_is_marked_among_its_callers\n    handle()\n" in lines[0]


def test_secrets_are_masked(logger, lines):
    logger.add(lines.append, format="{message}")

    def connect(password):
        raise ConnectionError(password)

    try:
        connect("hunter2")
    except ConnectionError:
        logger.exception("failed")

    assert "raise ConnectionError(password)\n" in lines[0]
    assert "└ '***'\n" in lines[0]


def test_no_exception_is_recorded_as_none(logger, lines):
    records = []
    logger.add(lambda line: records.append(line.record["exception"]), format="{message}")
    logger.add(lines.append, format="{message}")

    logger.exception("none")

    assert lines == ["none\nNoneType: None\n"]
    assert (records[0].type, records[0].value, records[0].traceback) == (None, None, None)


def test_decorated_function_is_shown_with_its_caller(logger, lines):
    logger.add(lines.append, format="{function}|{message}", backtrace=False, diagnose=False)

    @logger.catch(message="caught in {record[function]}", default=7)
    def failing():
        raise ValueError("no")

    assert failing() == 7

    name = "test_decorated_function_is_shown_with_its_caller"
    assert lines[0].startswith(f"{name}|caught in {name}\nTraceback (most recent call last):\n")
    assert f", in {name}\n    assert failing() == 7\n" in lines[0]
    assert lines[0].endswith(', in failing\n    raise ValueError("no")\nValueError: no\n')


def test_interrupts_are_caught_when_they_are_named_by_their_base(logger, lines):
    logger.add(lines.append, format="{message}")

    with logger.catch(BaseException, message="ended"):
        raise SystemExit(3)

    assert lines[0].startswith("ended\n")


def test_coroutine_and_generator_functions_are_caught(logger, lines):
    logger.add(lines.append, format="{message}")

    @logger.catch(message="coroutine")
    async def coroutine():
        raise ValueError

    @logger.catch(message="generator")
    def generator():
        yield 1
        raise ValueError

    asyncio.run(coroutine())
    assert list(generator()) == [1]

    assert [line.split("\n")[0] for line in lines] == ["coroutine", "generator"]


def test_excluded_exception_passes(logger, lines):
    logger.add(lines.append)

    with pytest.raises(KeyError), logger.catch(exclude=KeyError):
        raise KeyError

    assert lines == []


def test_tracebacks_are_coloured_where_lines_are(logger, lines):
    logger.add(lines.append, format="{message}", colorize=True, backtrace=False, diagnose=False)

    try:
        share(10, 0)
    except ZeroDivisionError:
        logger.exception("failed")

    assert lines[0].startswith("failed\n\x1b[33m\x1b[1mTraceback (most recent call last):\x1b[0m\n")
    assert lines[0].endswith("\x1b[31m\x1b[1mZeroDivisionError\x1b[0m:\x1b[1m division by zero\x1b[0m\n")
    assert "\x1b[35m\x1b[1mreturn\x1b[0m \x1b[1mtotal\x1b[0m" in lines[0]


def test_failed_assertions_without_a_message_show_their_source(logger, lines):
    logger.add(lines.append, format="{message}", backtrace=False)

    class Unmet(AssertionError):
        def __str__(self):
            return ""

    for error in (AssertionError(), AssertionError("why"), Unmet(1)):
        with logger.catch():
            raise error

    endings = [line.rstrip().rpartition("\n")[2].rpartition(".")[2] for line in lines]
    assert endings == ["AssertionError: raise error", "AssertionError: why", "Unmet: raise error"]

"""`opt`: exceptions that were caught elsewhere, and call sites further out."""

from __future__ import annotations

import sys

import pytest
from logly import logger


def caught(message="no such user") -> ValueError:
    """Give an exception that was raised and is no longer handled."""
    try:
        raise ValueError(message)
    except ValueError as error:
        return error


# Exceptions


def test_exception_that_was_caught_elsewhere_belongs_to_the_record(text, json_file):
    error = caught()

    logger.opt(exception=error).error("refused")

    assert text.lines[0] == "refused"
    assert text.lines[-1] == "ValueError: no such user"
    assert json_file.read()[0]["exception"]["message"] == "no such user"


def test_python_code_sees_the_given_exception(records):
    error = caught()

    logger.opt(exception=error).error("refused")

    assert records[0]["exception"].value is error


def test_true_means_the_exception_being_handled(text):
    try:
        raise KeyError("user")
    except KeyError:
        logger.opt(exception=True).warning("refused")

    assert text.lines[-1] == "KeyError: 'user'"


def test_true_means_nothing_while_nothing_is_handled(text):
    logger.opt(exception=True).warning("refused")

    assert text.lines == ["refused"]


def test_what_exc_info_returned_is_an_exception(text):
    try:
        raise KeyError("user")
    except KeyError:
        info = sys.exc_info()

    logger.opt(exception=info).warning("refused")

    assert text.lines[-1] == "KeyError: 'user'"


def test_exception_without_a_traceback_gets_that_of_its_tuple(text):
    traceback = caught().__traceback__

    logger.opt(exception=(ValueError, ValueError("bare"), traceback)).warning("refused")

    assert text.lines[1] == "Traceback (most recent call last):"
    assert text.lines[-1] == "ValueError: bare"


def test_false_takes_back_an_earlier_exception(text):
    logger.opt(exception=caught()).opt(exception=False).error("fine again")

    assert text.lines == ["fine again"]


def test_exception_method_still_takes_the_exception_being_handled(text):
    try:
        raise KeyError("user")
    except KeyError:
        logger.opt(depth=0).exception("refused")

    assert text.lines[-1] == "KeyError: 'user'"


@pytest.mark.parametrize("value", ["yes", 1, ValueError, (ValueError, ValueError())])
def test_what_is_no_exception_is_refused(value):
    with pytest.raises(TypeError, match="exception: expected an exception, True, False, or a tuple"):
        logger.opt(exception=value)


# exc_info


@pytest.mark.parametrize("given", [True, 1, "instance", "tuple"])
def test_exc_info_attaches_the_exception_and_is_no_field(text, given):
    try:
        raise KeyError("user")
    except KeyError as error:
        exc_info = {"instance": error, "tuple": sys.exc_info()}.get(given, given)
        for _ in range(2):
            logger.error("refused", exc_info=exc_info, code=3)

    assert text.lines[0] == "refused code=3"
    assert text.lines.count("KeyError: 'user'") == 2


@pytest.mark.parametrize("given", [False, None, 0, (None, None, None)])
def test_exc_info_that_is_false_is_nothing(text, given):
    try:
        raise KeyError("user")
    except KeyError:
        logger.error("refused", exc_info=given)

    assert text.lines == ["refused"]


def test_python_code_and_callbacks_see_no_field_exc_info(records):
    logger.error("refused", exc_info=caught(), code=3)

    assert records[0]["extra"] == {"code": 3}
    assert records[0]["exception"].type is ValueError


def test_exc_info_wins_over_the_loggers_exception(text):
    logger.opt(exception=caught("outer")).error("refused", exc_info=caught("inner"))

    assert text.lines[-1] == "ValueError: inner"


# Depth


def log_for_others(depth: int) -> None:
    """Log a record on behalf of a caller."""
    logger.opt(depth=depth).info("from {depth}", depth=depth)


def outer(depth: int) -> None:
    """Call the logging function."""
    log_for_others(depth)


def test_depth_places_a_record_further_out(records):
    for depth in (0, 1, 2):
        outer(depth)

    functions = [record["function"] for record in records]
    assert functions == ["log_for_others", "outer", "test_depth_places_a_record_further_out"]


def test_depth_has_the_line_of_that_call(records):
    outer(1)

    assert records[0]["line"] == outer.__code__.co_firstlineno + 2


def test_depth_beyond_the_stack_is_the_outermost_frame(records):
    outermost = sys._getframe()
    while outermost.f_back is not None:
        outermost = outermost.f_back

    log_for_others(100_000)

    assert records[0]["function"] == outermost.f_code.co_name


def test_depths_are_added(records):
    def first(wrapped):
        second(wrapped.opt(depth=1))

    def second(wrapped):
        wrapped.opt(depth=1).info("who?")

    first(logger)

    assert records[0]["function"] == "test_depths_are_added"


def test_module_that_depth_says_is_the_one_that_may_be_switched_off(text):
    library = {"__name__": "shop", "logger": logger}
    exec("def sell(depth): logger.opt(depth=depth).info('sold {depth}', depth=depth)", library)
    logger.disable("shop")

    for depth in (0, 1):
        library["sell"](depth)

    assert text.lines == ["sold 1"]


@pytest.mark.parametrize("depth", [-1, 10**7])
def test_depth_out_of_bounds_is_refused(depth):
    with pytest.raises(ValueError, match="depth: expected frames from 0 to"):
        logger.opt(depth=depth)


def test_depth_of_a_wrong_type_is_refused():
    with pytest.raises(TypeError, match="depth: expected an int"):
        logger.opt(depth="1")


# Derived loggers


def test_options_are_kept_by_bind_and_bound_fields_by_opt(records):
    derived = logger.bind(user="ada").opt(exception=caught()).bind(step=1).unbind("user")

    derived.info("x")

    assert records[0]["extra"] == {"step": 1}
    assert records[0]["exception"] is not None


def test_original_logger_is_unchanged(records):
    logger.opt(exception=caught())

    logger.info("x")

    assert records[0]["exception"] is None


def test_logger_below_every_level_does_nothing_with_its_options(text):
    logger.set_level("INFO", text.sink)

    logger.opt(exception=caught()).debug("x")

    assert text.lines == []


def test_unknown_option_is_refused():
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        logger.opt(dept=1)

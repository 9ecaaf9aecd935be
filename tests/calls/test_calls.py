"""Calls: their call sites, their results, and the effect of a broken value."""

from __future__ import annotations

import functools
import threading

import logly
import pytest
from logly import logger

from tests.support.threads import together

pytestmark = pytest.mark.usefixtures("no_console")

HERE = __name__


def test_call_returns_none(records):
    assert logger.info("hello") is None


def test_call_without_message_logs_an_empty_one(records):
    logger.info()

    assert records[0]["message"] == ""


def test_call_with_fields_alone_logs_them(records):
    logger.info(user="ada")

    assert (records[0]["message"], records[0]["user"]) == ("", "ada")


def test_record_knows_its_caller(records):
    logger.info("here")

    record = records[0]
    assert record["module"] == record["name"] == HERE
    assert record["function"] == "test_record_knows_its_caller"
    assert record["filename"] == __file__
    assert record["lineno"] == str(record["line"])


def test_line_number_is_that_of_the_call(records):
    first = threading.current_thread
    logger.info("one")
    logger.info("two")

    assert first is threading.current_thread
    assert records[1]["line"] - records[0]["line"] == 1


def test_method_kept_in_a_variable_logs(records):
    info = logger.info

    info("kept {x}", x=1)

    assert records[0]["message"] == "kept 1"


def test_call_by_c_code_is_logged(records):
    list(map(logger.info, ["a", "b"]))

    assert [record["message"] for record in records] == ["a", "b"]


def test_call_below_every_sink_evaluates_no_value(text):
    class Costly:
        def __str__(self):
            raise AssertionError

    logger.set_level("ERROR", sink=text.sink)
    logger.configure(console=False)
    logger.info("{value}", value=Costly())

    assert text.lines == []


def test_lazy_value_is_not_computed_below_every_sink(text):
    calls = []
    logger.set_level("ERROR", sink=text.sink)
    logger.configure(console=False)

    logger.info("{value}", value=logly.lazy(lambda: calls.append(1)))

    assert calls == []


def test_lazy_value_is_computed_once_for_all_sinks(text, json_file):
    calls = []

    logger.info("got {value}", value=logly.lazy(lambda: calls.append(1) or "it"))

    assert (len(calls), text.lines, json_file.fields()) == (1, ["got it"], {"value": "it"})


def test_lazy_message_and_positional_are_computed(text):
    logger.info(logly.lazy(lambda: "message"))
    logger.info("%s", logly.lazy(lambda: "positional"))

    assert text.lines == ["message", "positional"]


def test_failing_lazy_value_becomes_a_marker(text):
    logger.info("got {value}", value=logly.lazy(lambda: 1 / 0))

    assert text.lines == ["got <unprintable lazy: ZeroDivisionError>"]


def test_endless_chain_of_lazy_values_ends(json_file):
    def again():
        return logly.lazy(again)

    logger.info("chain", value=[logly.lazy(again)])

    assert json_file.read()[0]["message"] == "chain"


def test_lazy_refuses_what_cannot_be_called():
    with pytest.raises(TypeError, match="expected a callable"):
        logly.lazy(5)


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_interrupt_in_str_is_passed_on_after_the_record(text, json_file, interrupt):
    class Interrupting:
        def __str__(self):
            raise interrupt

    with pytest.raises(interrupt):
        logger.info("value {value}", value=Interrupting())

    marker = f"<unprintable Interrupting: {interrupt.__name__}>"
    assert text.lines == [f"value {marker}"]
    assert json_file.read()[0]["message"] == f"value {marker}"


def test_interrupt_in_iteration_is_passed_on_after_the_record(json_file):
    class Interrupting(list):
        def __iter__(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        logger.info("value", value=Interrupting([1]))

    assert json_file.read()[0]["message"] == "value"


@pytest.mark.parametrize("error", [ValueError, GeneratorExit, BaseException, RecursionError, MemoryError])
def test_other_errors_in_str_stay_inside(text, error):
    class Broken:
        def __str__(self):
            raise error

    logger.info("value {value}", value=Broken())

    assert text.lines == [f"value <unprintable Broken: {error.__name__}>"]


def test_broken_value_is_told_once(capfd, text):
    class Broken:
        def __str__(self):
            raise ValueError

    for _ in range(5):
        logger.info("value", value=Broken())

    assert capfd.readouterr().err.count("Broken") == 1


def test_str_that_logs_delivers_both_records(text):
    class Talking:
        def __str__(self):
            logger.info("inner")
            return "talking"

    logger.info("outer {value}", value=Talking())

    assert text.lines == ["inner", "outer talking"]


def test_str_that_logs_a_hundred_times_loses_nothing(text):
    class Talking:
        def __str__(self):
            for number in range(100):
                logger.info("inner", number=number)
            return "talking"

    logger.info("outer", value=Talking())

    assert len(text.lines) == 101


def test_str_that_logs_itself_ends(text):
    class Endless:
        def __str__(self):
            logger.info("again", value=self)
            return "endless"

    logger.info("first", value=Endless())

    assert text.lines[-1] == "first value=endless"


def test_value_is_asked_for_its_text_once(text, json_file):
    class Counting:
        calls = 0

        def __str__(self):
            Counting.calls += 1
            return "counted"

    logger.info("value", value=Counting())

    assert (Counting.calls, json_file.fields()) == (1, {"value": "counted"})


def test_threads_log_every_record(text):
    def work(name):
        for number in range(200):
            logger.info("{name} {number}", name=name, number=number)

    together(*(functools.partial(work, name) for name in "abcd"))

    assert sorted(text.lines) == sorted(f"{name} {number}" for name in "abcd" for number in range(200))

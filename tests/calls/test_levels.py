"""Levels: names, numbers, methods, definitions."""

from __future__ import annotations

import pytest
from logly import Logger, logger

pytestmark = pytest.mark.usefixtures("no_console")

NUMBERS = {
    "TRACE": 5,
    "DEBUG": 10,
    "INFO": 20,
    "NOTICE": 22,
    "SUCCESS": 25,
    "WARNING": 30,
    "ERROR": 40,
    "FAIL": 45,
    "CRITICAL": 50,
}


@pytest.mark.parametrize(("name", "no"), NUMBERS.items())
def test_each_level_has_a_method_and_a_number(records, name, no):
    getattr(logger, name.lower())("m")

    assert (records[0]["level"], records[0]["level"].no) == (name, no)


@pytest.mark.parametrize(("alias", "name"), [("warn", "WARNING"), ("fatal", "CRITICAL")])
def test_alias_logs_at_its_level(records, alias, name):
    getattr(logger, alias)("m")
    logger.log(alias, "m")

    assert [record["level"] for record in records] == [name, name]


@pytest.mark.parametrize("level", ["warning", "WARNING", "wArNiNg", 30])
def test_log_takes_a_name_in_any_case_or_a_number(records, level):
    logger.log(level, "m {x}", x=1)

    assert (records[0]["level"], records[0]["message"]) == ("WARNING", "m 1")


def test_number_without_a_name_is_a_level(records):
    logger.log(33, "m")

    assert (records[0]["level"], records[0]["level"].no) == ("Level 33", 33)


def test_unknown_name_lists_the_known_and_the_nearest():
    with pytest.raises(ValueError, match='TRACE, DEBUG, INFO.*did you mean "DEBUG"'):
        logger.log("DEBG", "m")


@pytest.mark.parametrize("level", [None, 1.5, True, [], b"INFO"])
def test_level_of_another_type_is_refused(level):
    with pytest.raises(TypeError, match="level"):
        logger.log(level, "m")


@pytest.mark.parametrize("level", [-1, 2**40])
def test_number_out_of_range_is_refused(level):
    with pytest.raises(ValueError, match="level"):
        logger.log(level, "m")


def test_log_without_a_level_is_refused():
    with pytest.raises(TypeError, match="level"):
        logger.log()


def test_field_named_level_is_no_level(records):
    logger.log("INFO", "m", level="forged")

    assert (records[0]["level"], records[0]["extra"]) == ("INFO", {"level": "forged"})


def test_exception_is_error_with_the_active_exception(records):
    try:
        raise ValueError("wrong")
    except ValueError as error:
        logger.exception("failed {x}", x=1)
        expected = error

    assert (records[0]["level"], records[0]["message"]) == ("ERROR", "failed 1")
    assert records[0]["exception"].value is expected


def test_exception_without_one_is_a_plain_error(records):
    logger.exception("nothing active")

    assert (records[0]["level"], records[0]["exception"]) == ("ERROR", None)


@pytest.mark.parametrize("broken", ["__str__", "__notes__"])
def test_exception_that_cannot_be_rendered_keeps_the_record(json_file, broken):
    class Unprintable:
        def __str__(self):
            raise ValueError

    class Broken(Exception):
        pass

    error = Broken()
    if broken == "__str__":
        Broken.__str__ = Unprintable.__str__
    else:
        error.__notes__ = [Unprintable(), "kept"]

    try:
        raise error
    except Broken:
        logger.exception("failed")

    record = json_file.read()[0]
    assert (record["message"], record["exception"]["type"].rpartition(".")[2]) == ("failed", "Broken")
    assert record["exception"]["frames"]


def test_long_chain_of_exceptions_keeps_the_record(json_file):
    error = ValueError(0)
    for number in range(3000):
        outer = ValueError(number)
        outer.__cause__ = error
        error = outer

    try:
        raise error
    except ValueError:
        logger.exception("failed")

    assert json_file.read()[0]["message"] == "failed"


def test_cyclic_chain_of_exceptions_keeps_the_record(json_file):
    first, second = ValueError(1), ValueError(2)
    first.__cause__, second.__cause__ = second, first

    try:
        raise first
    except ValueError:
        logger.exception("failed")

    assert json_file.read()[0]["message"] == "failed"


def test_is_enabled_follows_the_lowest_sink(text):
    logger.configure(console=False)
    logger.set_level("WARNING", sink=text.sink)

    assert [logger.is_enabled(level) for level in ("info", "WARNING", 29, 30)] == [False, True, False, True]


def test_nothing_is_enabled_without_sinks():
    logger.remove_all()

    assert not logger.is_enabled("CRITICAL")


def test_is_enabled_refuses_unknown_names():
    with pytest.raises(ValueError, match="LOUD"):
        logger.is_enabled("LOUD")


def test_level_returns_what_is_known():
    level = logger.level("info")

    assert (level.name, level.no) == ("INFO", 20)


def test_level_defines_a_new_one(records):
    logger.level("AUDIT", no=35, color="cyan", icon="A")

    logger.log("audit", "m")

    level = records[0]["level"]
    assert (level, level.no, level.icon) == ("AUDIT", 35, "A")
    assert logger.level("AUDIT") == ("AUDIT", 35, "cyan", "A")


def test_level_edits_a_known_one():
    logger.level("INFO", icon="i")

    assert (logger.level("INFO").no, logger.level("INFO").icon) == (20, "i")


def test_number_of_a_known_level_cannot_change():
    with pytest.raises(ValueError, match="20"):
        logger.level("INFO", no=21)


def test_unknown_level_without_a_number_is_refused():
    with pytest.raises(ValueError, match="AUDIT"):
        logger.level("AUDIT")


def test_defined_levels_belong_to_their_logger():
    Logger().level("AUDIT", no=35)

    with pytest.raises(ValueError, match="AUDIT"):
        logger.level("AUDIT")


def test_disabled_logger_logs_nothing_until_enabled(text):
    logger.disable()
    logger.critical("lost")
    logger.enable()
    logger.info("kept")

    assert text.lines == ["kept"]


@pytest.mark.parametrize("odd", ["\n", "\x1b[31m", "\x9b", "\u202e", "\u2066", "\u200b", "\ufeff", "\U000e0041"])
def test_name_of_a_level_shows_all_that_is_in_it(odd):
    with pytest.raises(ValueError, match="name: expected a non-empty name without control characters") as raised:
        logger.level(f"A{odd}B", no=33)

    assert odd not in str(raised.value)

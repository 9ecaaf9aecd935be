"""Calls of single modules switched off and on: `enable` and `disable` with a name, and `configure(activation=)`."""

from __future__ import annotations

import threading
import types

import logly.testing
import pytest
from logly import Logger, lazy, logger

SOURCE = """
def log(logger, message):
    logger.info(message)

def asks(logger):
    return logger.is_enabled("INFO")
"""


def module(name):
    """Return a module of this name, with functions that log and query."""
    made = types.ModuleType(name)
    exec(compile(SOURCE, f"{name}.py", "exec"), made.__dict__)
    return made


@pytest.fixture
def shop():
    """Return a function that logs once from each of four modules, and returns the modules whose records arrived."""
    modules = [module(name) for name in ("shop", "shop.db", "shop.db.pool", "shopping")]

    def heard():
        lines = []
        sink = logger.add(lines.append, format="{module}")
        for one in modules:
            one.log(logger, "hello")
        logger.remove(sink)
        return [line.strip() for line in lines]

    logger.configure(console=False)
    return heard


def test_name_stands_for_a_module_and_what_is_below_it(shop):
    logger.disable("shop.db")

    assert shop() == ["shop", "shopping"]


def test_name_of_a_package_does_not_cover_longer_names(shop):
    logger.disable("shop")

    assert shop() == ["shopping"]


def test_longest_name_decides(shop):
    logger.disable("shop")
    logger.enable("shop.db")

    assert shop() == ["shop.db", "shop.db.pool", "shopping"]


def test_later_word_on_a_package_voids_what_was_said_below_it(shop):
    logger.disable("shop.db")
    logger.enable("shop")

    assert shop() == ["shop", "shop.db", "shop.db.pool", "shopping"]


def test_empty_name_stands_for_all_modules(shop):
    logger.disable("")
    logger.enable("shop.db")

    assert shop() == ["shop.db", "shop.db.pool"]


def test_empty_name_enabled_voids_everything(shop):
    logger.disable("shop")
    logger.disable("shopping")
    logger.enable("")

    assert len(shop()) == 4


def test_whole_logger_is_switched_apart_from_names(shop):
    logger.disable("shop.db")
    logger.disable()
    logger.enable("shop")

    while_off = shop()
    logger.enable()

    assert (while_off, len(shop())) == ([], 4)


def test_enable_without_a_name_leaves_modules_off(shop):
    logger.disable("shop")
    logger.disable()
    logger.enable()

    assert shop() == ["shopping"]


def test_name_that_nothing_has_changes_nothing(shop):
    logger.disable("nowhere")

    assert len(shop()) == 4


def test_each_change_holds_for_the_next_call_at_a_place_that_logged_before(text):
    one = module("shop")

    for number in range(4):
        (logger.disable if number % 2 else logger.enable)("shop")
        one.log(logger, str(number))

    assert text.lines == ["0", "2"]


def test_change_holds_for_the_next_call_of_a_thread_that_logged_before(text):
    one, turns = module("shop"), threading.Barrier(2)

    def work():
        one.log(logger, "before")
        turns.wait(30)
        turns.wait(30)
        one.log(logger, "after")

    thread = threading.Thread(target=work)
    thread.start()
    turns.wait(30)
    logger.disable("shop")
    turns.wait(30)
    thread.join(30)

    assert text.lines == ["before"]


def test_loggers_that_share_a_place_keep_their_own_word(text):
    other, lines, one = Logger(), [], module("shop")
    other.remove_all()
    other.add(lines.append, format="{message}")
    other.disable("shop")
    logger.disable("elsewhere")

    for number in range(3):
        one.log(logger, str(number))
        one.log(other, str(number))
    other.enable("shop")
    one.log(other, "on")

    assert (text.lines, lines) == (["0", "1", "2"], ["on\n"])


def test_bound_loggers_are_switched_too(text):
    bound = logger.bind(a=1)

    logger.disable("shop")
    module("shop").log(bound, "hello")

    assert text.lines == []


def test_values_of_a_call_that_is_switched_off_are_not_looked_at(text):
    asked = []
    logger.disable(__name__)

    logger.info("{value}", value=lazy(lambda: asked.append(1)))

    assert asked == []


def test_call_that_is_switched_off_is_no_filtered_record(text):
    logger.disable(__name__)

    logger.info("hello")

    info = logger.sink_info(text.sink)
    assert (info["written"], info["filtered"], info["dropped"]) == (0, 0, 0)


def test_captures_see_what_is_switched_off():
    logger.disable(__name__)

    with logly.testing.capture() as records:
        logger.info("hello")

    assert [record["message"] for record in records] == ["hello"]


@pytest.mark.parametrize("name", ["", None])
def test_captures_see_everything_of_a_logger_that_is_off(name):
    logger.disable(name)

    with logly.testing.capture() as records:
        logger.info("hello")

    assert len(records) == 1


def test_reset_forgets_the_names(shop):
    logger.disable("shop")

    logger.reset()
    logger.configure(console=False)

    assert len(shop()) == 4


def test_is_enabled_answers_for_the_module_that_asks():
    logger.disable("shop.db")

    assert [module(name).asks(logger) for name in ("shop", "shop.db")] == [True, False]


def test_everything_switched_off_by_name_closes_the_gate():
    logger.disable("")

    assert not logger.is_enabled("CRITICAL")


def test_activation_is_applied_in_its_order(shop):
    logger.configure(activation=[("", False), ("shop", True), ["shop.db", False]])

    assert shop() == ["shop"]


def test_activation_keeps_what_it_does_not_name(shop):
    logger.disable("shopping")
    logger.configure(activation=[("shop.db.pool", False)])

    assert shop() == ["shop", "shop.db"]


def test_module_without_a_name_is_covered_by_the_empty_one_only(text):
    one = module("shop")
    del one.__dict__["__name__"]

    logger.disable("shop")
    one.log(logger, "one")
    logger.disable("")
    logger.enable("shop")
    one.log(logger, "two")

    assert text.lines == ["one"]


@pytest.mark.parametrize("call", [logger.enable, logger.disable], ids=["enable", "disable"])
def test_name_that_is_no_text_is_refused(call):
    with pytest.raises(TypeError, match="name: expected a str, got 5"):
        call(5)

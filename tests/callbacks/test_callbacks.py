"""Callbacks: their arguments, and how they are added, named and removed."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import json
import sys
import threading
from decimal import Decimal
from pathlib import Path

import logly
import pytest
from logly import Logger, logger, testing

pytestmark = pytest.mark.usefixtures("no_console")


def completed() -> bool:
    """Wait until all logged records are handled."""
    return logger.complete(timeout=30)


@pytest.fixture
def called():
    """Return the list that collects the records of the callback with this name."""
    records: list[dict] = []
    logger.add_callback(records.append, name="called")
    return records


def test_record_has_the_documented_keys(called) -> None:
    with testing.freeze("2025-01-15T10:30:45.123Z"):
        logger.info("paid {amount} EUR", amount=12)
    line = str(test_record_has_the_documented_keys.__code__.co_firstlineno + 2)
    completed()

    assert called == [
        {
            "timestamp": "2025-01-15T10:30:45.123Z",
            "level": "INFO",
            "message": "paid 12 EUR",
            "filename": __file__,
            "lineno": line,
            "function": "test_record_has_the_documented_keys",
            "module": __name__,
            "amount": 12,
            "extra": {"amount": 12},
        }
    ]


def test_fields_come_from_everywhere_and_the_call_wins(called) -> None:
    logger.configure(extra={"app": "shop", "user": "nobody"})

    with logger.contextualize(request="r-1", user="context"):
        logger.bind(user="bound", job=1).info("hi", user="call")
    completed()

    assert called[0]["extra"] == {"app": "shop", "job": 1, "request": "r-1", "user": "call"}
    assert {name: called[0][name] for name in called[0]["extra"]} == called[0]["extra"]


@pytest.mark.parametrize("value", ["text", "", 7, -1, 10**400, 0.5, True, False, None])
def test_plain_values_keep_their_type(called, value) -> None:
    logger.info("hi", value=value)
    completed()

    assert called[0]["value"] == value
    assert type(called[0]["value"]) is type(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1, ("a", None)], [1, ["a", None]]),
        ({"a": {1: 2}}, {"a": {"1": 2}}),
        (dt.date(2025, 1, 15), "2025-01-15"),
        (Decimal("1.50"), "1.50"),
        (Path("/tmp/x"), "/tmp/x"),
        (b"raw", "raw"),
        (threading.Lock, str(threading.Lock)),
    ],
)
def test_other_values_have_their_json_form(called, value, expected) -> None:
    logger.info("hi", value=value)
    completed()

    assert called[0]["value"] == expected


def test_record_can_be_sent_on_as_json(called) -> None:
    logger.bind(when=dt.datetime(2025, 1, 15), tags={1}).warning("hi", odd=object())
    completed()

    assert json.loads(json.dumps(called[0])) == called[0]


@pytest.mark.parametrize(
    "name", ["timestamp", "level", "message", "filename", "lineno", "function", "module", "extra", "exception"]
)
def test_field_named_like_a_record_key_overwrites_nothing(called, name) -> None:
    logger.info("said", **{name: "forged"})
    completed()

    assert called[0].get(name) != "forged"
    assert called[0]["extra"] == {name: "forged"}


def test_exception_has_its_parts_and_its_text(called) -> None:
    try:
        raise KeyError("lost")
    except KeyError:
        logger.exception("failed")
    completed()

    exception = called[0]["exception"]
    assert (exception["type"], exception["message"]) == ("KeyError", "'lost'")
    assert exception["frames"][-1]["function"] == "test_exception_has_its_parts_and_its_text"
    assert exception["traceback"].startswith("Traceback (most recent call last):\n")
    assert exception["traceback"].endswith("KeyError: 'lost'\n")


def test_text_is_as_it_was_logged(called) -> None:
    text = "line\nbreak \x1b[31m \udc80 ü \0"

    logger.info(text, value=text)
    completed()

    assert (called[0]["message"], called[0]["value"]) == (text, text)


def test_values_are_those_of_the_call(called) -> None:
    items = [1]

    logger.info("hi", items=items)
    items.append(2)
    completed()

    assert called[0]["items"] == [1]


def test_each_callback_has_a_dict_of_its_own() -> None:
    first: list[dict] = []
    second: list[dict] = []
    logger.add_callback(lambda record: first.append(record.pop("extra")))
    logger.add_callback(second.append)

    logger.info("hi", items=[1])
    completed()

    assert first == [{"items": [1]}]
    assert second[0]["extra"] == {"items": [1]}


def test_named_level_and_level_without_a_name(called) -> None:
    logger.level("AUDIT", no=35)

    logger.log("AUDIT", "a")
    logger.log(33, "b")
    completed()

    assert [record["level"] for record in called] == ["AUDIT", "Level 33"]


def test_callback_follows_the_level_of_the_logger(called) -> None:
    logger.configure(level="WARNING")

    logger.info("no")
    logger.warning("yes")
    completed()

    assert [record["message"] for record in called] == ["yes"]


@pytest.mark.parametrize("level", ["debug", 10])
def test_own_level_wins(level) -> None:
    records: list[dict] = []
    logger.add_callback(records.append, level=level)

    logger.debug("yes")
    logger.trace("no")
    completed()

    assert [record["message"] for record in records] == ["yes"]
    assert logger.is_enabled("DEBUG")


def test_level_of_a_callback_can_be_set() -> None:
    records: list[dict] = []
    callback = logger.add_callback(records.append, level="ERROR")

    assert logger.set_level("DEBUG", callback)
    logger.debug("yes")
    completed()

    assert [record["message"] for record in records] == ["yes"]


def test_call_below_every_level_is_not_for_callbacks() -> None:
    logger.add_callback(print, level="ERROR")

    assert not logger.is_enabled("WARNING")


def test_disabled_logger_calls_nobody(called) -> None:
    logger.disable()
    logger.info("no")
    logger.enable()
    logger.info("yes")
    completed()

    assert [record["message"] for record in called] == ["yes"]


def test_capture_hides_callbacks(called) -> None:
    with testing.capture() as records:
        logger.info("captured")
    logger.info("called")
    completed()

    assert [record["message"] for record in records] == ["captured"]
    assert [record["message"] for record in called] == ["called"]


def test_ids_are_unlike_those_of_sinks_and_never_used_again(tmp_path) -> None:
    sink = logger.add(tmp_path / "app.log")
    first = logger.add_callback(print)
    logger.remove_callback(first)
    second = logger.add_callback(print)

    assert len({sink, first, second}) == 3
    assert (logger.remove(second), logger.remove_callback(sink)) == (False, False)


def test_callbacks_are_no_sinks(called) -> None:
    assert logger.sink_count == 0
    assert logger.remove_all() == 0

    logger.info("hi")
    completed()

    assert len(called) == 1


def test_name_in_use_is_replaced_and_the_old_one_finishes_what_it_has() -> None:
    old: list[str] = []
    new: list[str] = []
    go = threading.Event()
    logger.add_callback(lambda record: go.wait(30) and old.append(record["message"]), name="one")
    logger.info("before")

    logger.add_callback(lambda record: new.append(record["message"]), name="one")
    logger.info("after")
    go.set()
    completed()

    assert (old, new) == (["before"], ["after"])


def test_callbacks_without_a_name_stand_side_by_side() -> None:
    records: list[dict] = []
    logger.add_callback(records.append)
    logger.add_callback(records.append)

    logger.info("hi")
    completed()

    assert len(records) == 2


def test_removed_callback_was_called_with_everything_before(called) -> None:
    for number in range(1000):
        logger.info("n", number=number)

    assert logger.remove_callback("called")
    logger.info("after")
    completed()

    assert [record["number"] for record in called] == list(range(1000))


@pytest.mark.parametrize("known_as", [lambda number: number, str, lambda _: "mine"])
def test_callback_is_removed_by_its_id_or_its_name(known_as) -> None:
    number = logger.add_callback(print, name="mine")

    assert logger.remove_callback(known_as(number))
    assert not logger.remove_callback(known_as(number))


@pytest.mark.parametrize("unknown", ["non_existent_id", "", 99, -1, 10**30, None, object(), 1.5, True, "\udc80"])
def test_unknown_callback_is_not_removed(called, unknown) -> None:
    assert logger.remove_callback(unknown) is False

    logger.info("hi")
    completed()

    assert len(called) == 1


def test_coroutine_function_is_awaited_in_order() -> None:
    numbers: list[int] = []

    async def take(record) -> None:
        await asyncio.sleep(0)
        numbers.append(record["number"])

    logger.add_callback(take)
    for number in range(500):
        logger.info("n", number=number)

    assert completed()
    assert numbers == list(range(500))


class Awaitable:
    """Objects whose call returns a coroutine."""

    def __init__(self) -> None:
        self.records: list[dict] = []

    async def __call__(self, record) -> None:
        self.records.append(record)

    async def method(self, record) -> None:
        self.records.append(record)


@pytest.mark.parametrize("form", ["object", "method", "partial"])
def test_everything_that_is_called_like_a_coroutine_function_is_one(form) -> None:
    taker = Awaitable()
    forms = {"object": taker, "method": taker.method, "partial": functools.partial(taker.method)}
    logger.add_callback(forms[form])

    logger.info("hi")
    completed()

    assert [record["message"] for record in taker.records] == ["hi"]


def leave_exiting_task() -> None:
    async def leave() -> None:
        sys.exit(1)

    asyncio.get_running_loop().create_task(leave())


def leave_exiting_call() -> None:
    asyncio.get_running_loop().call_soon(sys.exit, 1)


def leave_stop() -> None:
    asyncio.get_running_loop().stop()


@pytest.mark.parametrize("leave", [leave_exiting_task, leave_exiting_call, leave_stop])
def test_loop_goes_on_whatever_a_coroutine_function_leaves_on_it(leave) -> None:
    numbers: list[int] = []

    async def take(record) -> None:
        if record["number"] == 1:
            leave()
        await asyncio.sleep(0.001)
        numbers.append(record["number"])

    logger.add_callback(take)
    for number in range(5):
        logger.info("n", number=number)

    assert completed()
    assert numbers == list(range(5))


def test_coroutine_functions_wait_for_each_other() -> None:
    met: list[str] = []
    events: dict[str, asyncio.Event] = {}

    def meeting(own: str, other: str):
        async def meet(_record) -> None:
            events.setdefault(own, asyncio.Event()).set()
            await asyncio.wait_for(events.setdefault(other, asyncio.Event()).wait(), 30)
            met.append(own)

        return meet

    logger.add_callback(meeting("a", "b"))
    logger.add_callback(meeting("b", "a"))
    logger.info("hi")

    assert completed()
    assert sorted(met) == ["a", "b"]


def test_program_with_a_loop_waits_for_callbacks() -> None:
    records: list[dict] = []

    async def take(record) -> None:
        records.append(record)

    async def program() -> bool:
        logger.add_callback(take)
        logger.info("hi")
        return await logger.complete_async(timeout=30)

    assert asyncio.run(program())
    assert len(records) == 1


def test_independent_logger_has_its_own_callbacks(called) -> None:
    audit = Logger()
    audit.configure(console=False)
    records: list[dict] = []
    audit.add_callback(records.append, name="called")

    audit.info("mine")
    logger.info("global")
    audit.complete(timeout=30)
    completed()

    assert [record["message"] for record in records] == ["mine"]
    assert [record["message"] for record in called] == ["global"]


def test_logger_that_is_gone_calls_with_what_it_had() -> None:
    done = threading.Event()
    audit = Logger()
    audit.configure(console=False)
    audit.add_callback(lambda record: done.set())

    audit.info("last")
    del audit

    assert done.wait(30)


def test_bound_loggers_share_callbacks(called) -> None:
    logger.bind(user="ada").info("hi")
    completed()

    assert called[0]["user"] == "ada"


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ((None,), TypeError, "callback: expected a function or a coroutine function, got None"),
        (("print",), TypeError, "callback: expected a function or a coroutine function, got 'print'"),
        ((print, {"nam": "x"}), TypeError, 'unexpected keyword argument "nam" (did you mean "name"?)'),
        ((print, {"name": 7}), TypeError, "name: expected a str, got 7"),
        ((print, {"level": "WARN1NG"}), ValueError, "level: expected"),
        ((print, {"overflow": "drop"}), ValueError, "overflow: expected"),
        ((print, {"block_timeout": -1}), ValueError, "block_timeout: expected"),
        ((print, {"buffer_size": 1}), ValueError, "buffer_size: expected"),
        ((print, {"max_buffered_lines": 0}), ValueError, "max_buffered_lines: expected"),
    ],
)
def test_wrong_argument_is_refused(arguments, error, text) -> None:
    function, *options = arguments

    with pytest.raises(error, match=text.replace("(", r"\(").replace(")", r"\)").replace("?", r"\?")):
        logger.add_callback(function, **(options[0] if options else {}))


def test_generator_function_is_refused() -> None:
    def generator(record):
        yield record

    with pytest.raises(TypeError, match="callback: expected a function"):
        logger.add_callback(generator)


def test_reset_removes_callbacks(called) -> None:
    logger.reset()
    logger.configure(console=False)

    logger.info("hi")
    completed()

    assert called == []


def test_values_of_lazy_are_computed_for_callbacks(called) -> None:
    logger.info("hi", value=logly.lazy(lambda: 7))
    completed()

    assert called[0]["value"] == 7

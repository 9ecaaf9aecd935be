"""`configure(context=)`: the values of context variables as fields, and functions that make fields from them."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import json
import os
import uuid
import weakref
from functools import partial

import logly
import pytest
from logly import Logger, logger

from tests.context.variables import REQUEST, USER, User, seen
from tests.support.threads import together


def test_value_is_a_field_and_none_is_none(records):
    logger.configure(context={"request_id": REQUEST})

    logger.info("unset")
    for value in ("r-1", "r-2", 7, 2.5, True, None):
        REQUEST.set(value)
        logger.info("m")

    assert seen(records) == [
        {},
        {"request_id": "r-1"},
        {"request_id": "r-2"},
        {"request_id": 7},
        {"request_id": 2.5},
        {"request_id": True},
        {},
    ]


def test_default_of_a_variable_is_a_value(records):
    logger.configure(context={"tenant": contextvars.ContextVar("tenant", default="main")})

    logger.info("m")

    assert seen(records) == [{"tenant": "main"}]


def test_order_of_precedence(records):
    REQUEST.set("variable")
    logger.configure(context={"a": REQUEST}, extra={"a": "extra", "b": "extra"})

    logger.bind(a="bound").info("m")
    with logger.contextualize(a="block"):
        logger.info("m")
        logger.info("m", a="call")
    logger.bind_context(a="bound to the context")
    logger.info("m")

    values = [record["a"] for record in seen(records)]
    assert values == ["variable", "block", "call", "bound to the context"]
    assert {record["b"] for record in seen(records)} == {"extra"}


def test_lines_of_all_kinds_have_the_fields(text, json_file):
    REQUEST.set("r-1")
    logger.configure(context={"request_id": REQUEST, "user": logly.from_var(USER, lambda user: user.name)})
    USER.set(User("ada"))

    logger.info("hello {user}", number=1)

    assert text.lines == ["hello ada request_id=r-1 number=1"]
    assert json_file.read()[0]["fields"] == {"request_id": "r-1", "user": "ada", "number": 1}


def test_messages_and_patterns_reach_into_the_fields(text):
    REQUEST.set("r-1")
    logger.configure(context={"request_id": REQUEST})
    text.sink = logger.add(text, format="{extra[request_id]}|{message}")

    logger.info("{request_id!r:>7}", number=1)

    assert text.lines[-1] == "r-1|  'r-1'"


def test_function_makes_one_field_or_several_and_is_called_once_for_a_value(records):
    called = []

    def fields(user):
        called.append(user.name)
        return {"user": user.name, "length": len(user.name), "nothing": None}

    logger.configure(context={"user": logly.from_var(USER, fields)})
    ada, bob = User("ada"), User("grace")
    for user in (ada, bob, ada, None, bob):
        USER.set(user)
        logger.info("m")
        logger.info("m")

    assert called == ["ada", "grace"]
    both = [{"user": "ada", "length": 3}, {"user": "grace", "length": 5}]
    assert seen(records)[::2] == [both[0], both[1], both[0], {}, both[1]]
    assert seen(records)[::2] == seen(records)[1::2]


def test_result_none_is_no_field(records):
    logger.configure(context={"user": logly.from_var(USER, lambda _: None)})
    USER.set("ada")

    logger.info("m")

    assert seen(records) == [{}]


def test_many_values_take_turns_and_each_is_asked_once(records):
    called = []
    logger.configure(context={"n": logly.from_var(USER, lambda user: called.append(user.name) or user.name)})

    async def request(number):
        USER.set(User(number))
        for _ in range(4):
            logger.info("{n}")
            await asyncio.sleep(0)

    async def serve():
        await asyncio.gather(*(request(number) for number in range(300)))

    asyncio.run(serve())

    assert called == list(range(300))
    assert [record["n"] for record in seen(records)] == list(range(300)) * 4


def test_address_that_another_value_had_is_no_match(text):
    logger.configure(context={"n": logly.from_var(USER, lambda user: user.name)})

    addresses = set()
    for number in range(2_000):
        user = User(number)
        addresses.add(id(user))
        USER.set(user)
        del user
        logger.info("m")
        USER.set(None)

    assert len(addresses) < 2_000
    assert text.lines == [f"m n={number}" for number in range(2_000)]


def test_new_texts_at_old_addresses_are_no_match(records):
    logger.configure(context={"request_id": REQUEST})

    for number in range(5_000):
        REQUEST.set(f"request {number}")
        logger.info("m")

    assert [record["request_id"] for record in seen(records)] == [f"request {number}" for number in range(5_000)]


def test_values_end_with_the_program_s_last_reference(no_console):
    logger.add(print, level="ERROR")
    logger.set_level("DEBUG")
    logger.configure(context={"n": logly.from_var(USER, lambda user: user.name)})
    user = User("ada")
    alive = weakref.ref(user)
    USER.set(user)
    logger.error("m")

    USER.set(None)
    del user
    gc.collect()

    assert alive() is None


def test_values_that_change_are_taken_at_each_call(records):
    value = {"step": 1}
    REQUEST.set(value)
    logger.configure(context={"state": REQUEST})

    logger.info("m")
    value["step"] = 2
    logger.info("m")

    assert [record["state"] for record in seen(records)] == [{"step": 1}, {"step": 2}]


def test_values_that_change_are_encoded_at_each_call(json_file):
    value = {"step": 1}
    REQUEST.set(value)
    logger.configure(context={"state": REQUEST})

    logger.info("m")
    value["step"] = 2
    logger.info("m")

    assert [line["fields"]["state"] for line in json_file.read()] == [{"step": 1}, {"step": 2}]


def test_uuid_and_huge_values(json_file):
    one = uuid.uuid4()
    logger.configure(context={"id": REQUEST})

    for value in (one, one, 2**100, "x" * 100_000, "\ud800"):
        REQUEST.set(value)
        logger.info("m")

    found = [line["fields"]["id"] for line in json_file.read()]
    assert found[:4] == [str(one), str(one), 2**100, "x" * 100_000]


def test_later_sources_win_and_a_dict_replaces_the_earlier_one(records):
    REQUEST.set("r-1")
    logger.configure(context={"a": REQUEST, "made": logly.from_var(REQUEST, lambda value: {"a": value + "!"})})
    logger.info("m")
    logger.configure(context={"made": logly.from_var(REQUEST, lambda value: {"a": value + "!"}), "a": REQUEST})
    logger.info("m")
    logger.configure(context={})
    logger.info("m")

    assert seen(records) == [{"a": "r-1!"}, {"a": "r-1"}, {}]


def test_threads_tasks_and_copied_contexts(records):
    logger.configure(context={"request_id": REQUEST})
    REQUEST.set("main")

    def work(number):
        logger.info("before")
        REQUEST.set(number)
        for _ in range(50):
            logger.info("m")

    together(*(partial(work, number) for number in range(4)))
    contextvars.copy_context().run(logger.info, "copied")

    fields = seen(records)
    assert [record for record in fields if record == {}] == [{}] * 4
    assert sorted(record["request_id"] for record in fields[:-1] if record) == sorted([*range(4)] * 50)
    assert fields[-1] == {"request_id": "main"}


def test_independent_loggers_have_their_own(records):
    other = Logger()
    REQUEST.set("r-1")
    with logly.testing.capture(logger=other) as others:
        logger.configure(context={"request_id": REQUEST})
        other.configure(context={"rid": REQUEST})
        for _ in range(3):
            logger.info("m")
            other.info("m")

    assert seen(records) == [{"request_id": "r-1"}] * 3
    assert seen(others) == [{"rid": "r-1"}] * 3


def test_records_of_logging_have_the_fields(records):
    import logging

    REQUEST.set("r-1")
    logger.configure(context={"request_id": REQUEST})
    with logly.intercept_logging("INFO"):
        logging.getLogger("library").info("m", extra={"shelf": "A"})
        logging.getLogger("library").info("m", extra={"request_id": "own"})

    assert seen(records) == [{"request_id": "r-1", "shelf": "A"}, {"request_id": "own"}]


def test_filters_patchers_and_callbacks_see_the_fields(no_console):
    REQUEST.set("r-1")
    given = []
    logger.configure(context={"request_id": REQUEST}, patcher=lambda record: given.append(record["request_id"]))
    logger.add(print, filter=lambda record: given.append(record["extra"]["request_id"]))
    logger.add_callback(lambda record: given.append(record["request_id"]))

    logger.info("m")
    logger.complete()

    assert given == ["r-1"] * 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")
def test_forked_children_have_the_fields(tmp_path):
    path = tmp_path / "app.log"
    logger.configure(console=False, context={"request_id": REQUEST, "n": logly.from_var(USER, lambda user: user.name)})
    logger.add(path, json=True)
    REQUEST.set("parent")
    USER.set(User(1))
    logger.info("parent")
    child = os.fork()
    if child == 0:
        logger.info("inherited")
        REQUEST.set("child")
        USER.set(User(2))
        logger.info("child")
        logger.complete()
        os._exit(0)
    os.waitpid(child, 0)
    logger.info("parent")
    logger.complete()

    found = [json.loads(line) for line in path.read_text().splitlines()]
    assert sorted((line["message"], line["fields"]["request_id"], line["fields"]["n"]) for line in found) == [
        ("child", "child", 2),
        ("inherited", "parent", 1),
        ("parent", "parent", 1),
        ("parent", "parent", 1),
    ]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (["a"], "context: expected a dict of name to contextvars.ContextVar or logly.from_var"),
        ({1: REQUEST}, "context: expected a dict of name to contextvars.ContextVar or logly.from_var"),
        ({"a": "b"}, "context: a: expected a contextvars.ContextVar or logly.from_var"),
        ({"a": lambda: 1}, "context: a: expected a contextvars.ContextVar or logly.from_var"),
        ({"a": contextvars.ContextVar}, "context: a: expected a contextvars.ContextVar or logly.from_var"),
    ],
)
def test_wrong_context_is_refused_and_changes_nothing(records, given, error):
    REQUEST.set("r-1")
    logger.configure(context={"request_id": REQUEST})

    with pytest.raises(TypeError, match=error):
        logger.configure(context=given)
    logger.info("m")

    assert seen(records) == [{"request_id": "r-1"}]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (("a", str), "var: expected a contextvars.ContextVar, got 'a'"),
        ((REQUEST, "a"), "function: expected a function that takes the value of the variable, got 'a'"),
    ],
)
def test_wrong_from_var_is_refused(given, error):
    with pytest.raises(TypeError, match=error):
        logly.from_var(*given)


def test_reset_forgets_the_variables(records):
    REQUEST.set("r-1")
    logger.configure(context={"request_id": REQUEST})

    logger.reset()
    with logly.testing.capture() as after:
        logger.info("m")

    assert seen(after) == [{}]

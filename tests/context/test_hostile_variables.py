"""Context variables as fields, against functions and values that fail, and changes in the middle of calls."""

from __future__ import annotations

import contextvars
import gc
import threading
import weakref

import logly
import pytest
from logly import logger

from tests.context.variables import REQUEST, USER, User, seen


def test_function_that_raises_is_told_once_and_counts_as_no_field(records, capfd):
    def broken(user):
        raise LookupError(user.name)

    logger.configure(context={"user": logly.from_var(USER, broken), "request_id": REQUEST})
    REQUEST.set("r-1")
    for name in ("ada", "bob"):
        USER.set(User(name))
        logger.info("m")
        logger.info("m")

    assert seen(records) == [{"request_id": "r-1"}] * 4
    told = capfd.readouterr().err.splitlines()
    assert len(told) == 1
    assert "broken" in told[0]
    assert "raised LookupError: ada" in told[0]


def test_names_that_are_no_text_are_told_and_left_out(records, capfd):
    logger.configure(context={"user": logly.from_var(USER, lambda _: {1: 2, "ok": True})})
    USER.set("ada")

    logger.info("m")
    logger.info("m")

    assert seen(records) == [{"ok": True}] * 2
    assert capfd.readouterr().err == (
        'logly: the function for "user" in context= named a field by a value of type int, which is left out: '
        "expected str\n"
    )


def test_function_that_logs_does_not_call_itself(records):
    def fields(user):
        logger.info("inside")
        return {"user": user.name}

    logger.configure(context={"user": logly.from_var(USER, fields)})
    USER.set(User("ada"))
    logger.info("m")

    assert [(record["message"], record["extra"]) for record in records] == [("inside", {}), ("m", {"user": "ada"})]


def test_interrupt_of_a_function_reaches_the_caller(records):
    def stop(user):
        raise KeyboardInterrupt

    logger.configure(context={"user": logly.from_var(USER, stop)})
    USER.set(User("ada"))

    with pytest.raises(KeyboardInterrupt):
        logger.info("m")
    assert [record["message"] for record in records] == ["m"]


def test_function_that_reconfigures_in_the_middle_of_a_call(records):
    def fields(user):
        logger.configure(context={})
        return {"user": user.name}

    logger.configure(context={"user": logly.from_var(USER, fields)})
    USER.set(User("ada"))
    logger.info("m")
    logger.info("m")

    assert len(records) == 2
    assert seen(records)[1] == {}


def test_value_whose_text_raises_is_a_marker(text, capfd):
    class Broken:
        def __str__(self):
            raise ValueError("no text")

    logger.configure(context={"state": REQUEST})
    REQUEST.set(Broken())

    logger.info("m")

    assert text.lines == ['m state="<unprintable Broken: ValueError>"']


def test_configuring_while_other_threads_log(text):
    logger.configure(context={"request_id": REQUEST})
    stop = threading.Event()

    def work():
        REQUEST.set("r-1")
        while not stop.is_set():
            logger.info("m")

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(300):
        context = {"made": logly.from_var(REQUEST, str)} if number % 2 else {"request_id": REQUEST}
        logger.configure(context=context)
    stop.set()
    for thread in threads:
        thread.join()

    assert set(text.lines) <= {"m request_id=r-1", "m made=r-1"}


def test_sets_that_were_replaced_are_freed(no_console):
    logger.add(lambda _: None)
    alive = []
    for _ in range(20):
        variable = contextvars.ContextVar("v")
        function = lambda value: value  # noqa: E731 - a new one each time
        alive.append(weakref.ref(function))
        logger.configure(context={"v": logly.from_var(variable, function)})
        variable.set("x")
        logger.info("m")
    del function
    logger.configure(context={})
    logger.info("m")
    logger.configure(context={"request_id": REQUEST})
    logger.info("m")
    logger.configure(context={})
    gc.collect()

    assert [one() for one in alive] == [None] * 20

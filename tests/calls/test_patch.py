"""Patchers: functions that change records before sinks and callbacks see them."""

from __future__ import annotations

import datetime as dt
import json
import threading

import logly.testing
import pytest
from logly import Logger, logger

from tests.support.threads import together


def changing(**changes):
    """Return a patcher that sets keys of the record."""
    return lambda record: record.update(changes)


def setting(**fields):
    """Return a patcher that sets fields."""
    return lambda record: record["extra"].update(fields)


def test_all_sinks_and_callbacks_get_what_the_patcher_made(tmp_path, no_console):
    lines, called = [], []
    logger.add(tmp_path / "text", format="{message}{fields}")
    logger.add(tmp_path / "json", json=True)
    logger.add(lambda line: lines.append(line.record), format="{message}")
    logger.add_callback(called.append)

    logger.patch(lambda record: record.update(message="changed") or record["extra"].update(n=2)).info("x", n=1)

    assert logger.complete(timeout=30)
    assert (tmp_path / "text").read_text() == "changed n=2\n"
    assert json.loads((tmp_path / "json").read_text())["fields"] == {"n": 2}
    assert lines[0]["message"] == called[0]["message"] == "changed"
    assert lines[0]["n"] == called[0]["n"] == 2


def test_fields_with_names_that_no_encoding_has_are_patched(text):
    logger.patch(setting(card="****")).info("paid", **{"a\udc80": 1, "card": "4111"})

    assert text.lines == ['paid "a\\udc80"=1 card=****']


def test_original_logger_is_not_patched(records):
    logger.patch(changing(message="changed"))

    logger.info("as it is")

    assert records[0]["message"] == "as it is"


def test_patchers_run_in_order_and_configured_ones_first(records):
    def adding(letter):
        return lambda record: record.update(message=record["message"] + letter)

    logger.configure(patcher=adding("a"))

    logger.patch(adding("b")).bind(x=1).patch(adding("c")).info("-")

    assert records[0]["message"] == "-abc"


def test_configured_patcher_is_taken_back_by_false_and_reset(records):
    logger.configure(patcher=changing(message="changed"))
    logger.info("first")

    logger.configure(patcher=False)
    logger.info("second")

    assert [record["message"] for record in records] == ["changed", "second"]


def test_configured_patcher_is_the_loggers_own(records):
    other = Logger()
    other.configure(console=False, patcher=changing(message="changed"))

    logger.info("as it is")

    assert records[0]["message"] == "as it is"


def test_patcher_sees_the_record_that_sinks_see(records):
    seen = []

    logger.patch(lambda record: seen.append(dict(record))).bind(user="ada").info("paid {n}", n=12)

    assert seen == records
    assert seen[0]["message"] == "paid 12"


def test_record_that_is_left_alone_is_as_without_a_patcher(tmp_path, no_console):
    logger.add(tmp_path / "log", format="{message}{fields} {function} {level}")

    for one in (logger, logger.patch(lambda _: None)):
        one.bind(user="ada").warning("paid {n}", n=12, tags=["a"], at=dt.date(2025, 1, 2))

    assert logger.complete(timeout=30)
    first, second = (tmp_path / "log").read_text().splitlines()
    assert first == second


def test_patcher_is_not_called_for_records_below_every_level(text):
    called = []
    logger.set_level("INFO", text.sink)

    logger.patch(called.append).debug("x")

    assert called == []


# Allowed changes


def test_fields_are_added_changed_and_removed(text, records):
    def patcher(record):
        extra = record["extra"]
        extra["added"] = extra.pop("old")
        extra["n"] += 1

    logger.bind(old=1).patch(patcher).info("x", n=1)

    assert records[0]["extra"] == {"n": 2, "added": 1}


def test_fields_may_be_changed_at_the_top_level_too(records):
    def patcher(record):
        record["n"] += 1
        del record["secret"]
        record["added"] = True

    logger.patch(patcher).info("x", n=1, secret="s")

    assert records[0]["extra"] == {"n": 2, "added": True}


def test_configured_fields_can_be_removed(json_file):
    logger.configure(extra={"host": "a"})

    logger.patch(lambda record: record["extra"].clear()).info("x")

    assert json_file.fields() == {}


def test_values_changed_within_are_taken_anew(json_file):
    user = {"name": "ada", "password": "s"}

    logger.patch(lambda record: record["extra"]["user"].update(password="***")).info("x", user=user)

    assert json_file.fields() == {"user": {"name": "ada", "password": "***"}}
    assert user["password"] == "s"


def test_fields_the_message_shows_are_not_shown_again(text):
    logger.patch(changing(message="PAID 12")).info("paid {n}", n=12, user="ada")

    assert text.lines == ["PAID 12 user=ada"]


@pytest.mark.parametrize("level", ["error", 40])
def test_level_may_be_changed(no_console, level):
    stream = []
    logger.add(stream.append, level="ERROR", format="{level}")
    logger.add(lambda _: None, level="INFO")

    logger.patch(changing(level=level)).info("x")

    assert stream == ["ERROR\n"]


def test_place_may_be_changed(records):
    logger.patch(changing(name="shop", function="sell", file="/srv/shop.py", line=7)).info("x")

    record = records[0]
    assert (record["name"], record["function"], record["filename"], record["lineno"]) == (
        "shop",
        "sell",
        "/srv/shop.py",
        "7",
    )


def test_place_that_was_changed_is_what_callbacks_see(no_console):
    seen = []
    logger.add_callback(seen.append)

    for line in (1, 2):
        logger.patch(changing(line=line)).info("x")

    assert logger.complete(timeout=30)
    assert [record["lineno"] for record in seen] == ["1", "2"]


def test_time_may_be_changed(records):
    when = dt.datetime(2025, 1, 15, 10, 30, tzinfo=dt.timezone.utc)

    logger.patch(changing(time=when)).info("x")

    assert records[0]["timestamp"] == "2025-01-15T10:30:00.000Z"


def test_exception_may_be_taken_away_and_put_in(text):
    logger.opt(exception=ValueError("a")).patch(changing(exception=None)).info("without")
    logger.patch(changing(exception=KeyError("b"))).info("with")

    assert text.lines == ["without", "with", "KeyError: 'b'"]


# Trouble


@pytest.mark.parametrize(
    "patcher",
    [
        lambda record: record["extra"].update(n=2) or 1 / 0,
        lambda record: record["missing"],
        lambda: None,
    ],
)
def test_record_goes_on_as_it_was_when_a_patcher_fails(records, patcher, capfd):
    logger.patch(patcher).patch(lambda record: record["extra"].update(after=True)).info("x", n=1)

    assert records[0]["message"] == "x"
    assert records[0]["extra"] == {"n": 1, "after": True}
    assert "a patcher raised" in capfd.readouterr().err


def test_keys_that_a_patcher_removes_are_as_they_were_and_fields_are_gone(records):
    logger.patch(lambda record: record.clear()).info("x", n=1)

    assert (records[0]["message"], records[0]["extra"]) == ("x", {})


def test_failing_patcher_is_told_once(text, capfd):
    patched = logger.patch(lambda _: 1 / 0)

    for _ in range(3):
        patched.info("x")

    assert capfd.readouterr().err.count("a patcher raised ZeroDivisionError") == 1
    assert text.lines == ["x"] * 3


def test_interrupt_of_a_patcher_reaches_the_caller_after_the_record(text):
    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        logger.patch(stop).info("x")

    assert text.lines == ["x"]


def test_what_a_patcher_logs_is_not_patched(text):
    logger.configure(patcher=lambda record: logger.info("inner") or record.update(message="outer"))

    logger.info("x")

    assert text.lines == ["inner", "outer"]


def test_threads_patch_at_once(records):
    patched = logger.patch(lambda record: record["extra"].update(thread=threading.get_ident()))
    both = threading.Barrier(4)

    def log():
        both.wait(30)
        for _ in range(100):
            patched.info("x", own=threading.get_ident())

    together(*[log] * 4)

    assert len(records) == 400
    assert all(record["own"] == record["thread"] for record in (record["extra"] for record in records))


def test_captures_see_patched_records():
    logger.configure(patcher=setting(app="shop"))

    with logly.testing.capture() as records:
        logger.info("x")

    assert records[0]["app"] == "shop"


@pytest.mark.parametrize("patcher", [1, "x"])
def test_what_cannot_be_called_is_refused(patcher):
    with pytest.raises(TypeError, match="patcher: expected a function"):
        logger.patch(patcher)
    with pytest.raises(TypeError, match="patcher: expected"):
        logger.configure(patcher=patcher)

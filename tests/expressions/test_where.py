"""`where=` on sinks, callbacks and searches: the records that an expression chooses."""

from __future__ import annotations

import json
import logging
import threading

import pytest
from logly import logger

REQUESTS = [("/health", 3, True), ("/pay", 300, True), ("/pay", 20, False), ("/health", 900, False)]
SLOW_OR_FAILED = "level >= INFO and path != '/health' and (ms > 250 or not ok)"


@pytest.fixture(autouse=True)
def _no_console():
    logger.remove_all()


@pytest.fixture
def chosen(tmp_path):
    """Return a function that logs with a file that has this expression, and returns the messages in the file."""

    def chosen(where, log, **options):
        sink = logger.add(tmp_path / "chosen.log", where=where, format="{message}", mode="w", **options)
        log()
        assert logger.complete(timeout=30)
        logger.remove(sink)
        return (tmp_path / "chosen.log").read_text().splitlines()

    return chosen


def log_requests():
    """Log the requests, each with its number as the message."""
    for number, (path, ms, ok) in enumerate(REQUESTS):
        logger.info(str(number), path=path, ms=ms, ok=ok)
    logger.debug("4", path="/pay", ms=999, ok=False)


KINDS = {
    "file": {},
    "file with a queue": {"buffer_size": 100_000},
    "file of the caller": {"async_write": False},
    "file with a filter": {"filter": lambda record: True},
    "file with a format": {"format": lambda record: record["message"] + "\n"},
}


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_files_get_the_records_that_meet_it(tmp_path, options):
    logger.add(tmp_path / "all.log", where=SLOW_OR_FAILED, **{"format": "{message}", **options})

    log_requests()

    assert logger.complete(timeout=30)
    assert (tmp_path / "all.log").read_text() == "1\n2\n"


@pytest.mark.parametrize("async_write", [True, False])
def test_functions_streams_and_handlers_get_the_records_that_meet_it(async_write):
    lines, records = [], []
    written = type("Stream", (), {"write": lambda self, text: lines.append(text)})()
    handler = logging.Handler()
    handler.emit = lambda record: records.append(record.getMessage())
    logger.add(lines.append, where=SLOW_OR_FAILED, format="{message}", async_write=async_write)
    logger.add(written, where=SLOW_OR_FAILED, format="{message}", async_write=async_write)
    logger.add(handler, where=SLOW_OR_FAILED, async_write=async_write)

    log_requests()

    assert logger.complete(timeout=30)
    assert sorted(lines) == ["1\n", "1\n", "2\n", "2\n"]
    assert records == ["1", "2"]


def test_callbacks_get_the_records_that_meet_it():
    messages = []
    logger.add_callback(lambda record: messages.append(record["message"]), where=SLOW_OR_FAILED)

    log_requests()

    assert logger.complete(timeout=30)
    assert messages == ["1", "2"]


@pytest.mark.parametrize("form", [{"json": True}, {"json": "flat"}], ids=str)
def test_searches_find_the_lines_that_meet_it(tmp_path, form):
    sink = logger.add(tmp_path / "all.log", level="DEBUG", **form)
    log_requests()

    found = logger.search_log(sink, "", where=SLOW_OR_FAILED)

    assert [json.loads(match["content"])["message"] for match in found] == ["1", "2"]


ODD = {"surrogate": "\udc80", "long integer": 10**400, "deep list": eval("[" * 90 + "]" * 90), "inf": float("inf")}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_odd_values_hide_no_others(tmp_path, odd):
    sink = logger.add(tmp_path / "all.log", json=True, where="ms > 250 and member.ms == 300")
    logger.info("kept", ms=300, odd=odd, member={"ms": 300, "odd": odd})
    logger.info("other", ms=300, odd=odd, member={"ms": 1, "odd": odd})

    found = logger.search_log(sink, "", where="ms > 250 and member.ms == 300")

    assert logger.complete(timeout=30)
    assert len((tmp_path / "all.log").read_text().splitlines()) == 1
    assert [match["line"] for match in found] == [1]


def test_exceptions_are_found(tmp_path):
    sink = logger.add(tmp_path / "all.log", json=True)
    logger.opt(exception=ValueError("bad")).error("1")
    logger.error("2")

    assert [match["line"] for match in logger.search_log(sink, "", where="exception contains 'ValueError: bad'")] == [1]
    assert [match["line"] for match in logger.search_log(sink, "", where="not exception")] == [2]


def test_lines_of_text_have_a_level_and_a_message(tmp_path):
    sink = logger.add(tmp_path / "text.log", format="{level} | {message}")
    logger.info("paid 12")
    logger.warning("paid 13")
    logger.error("not paid")

    found = logger.search_log(sink, "paid", where=r"level >= WARNING and message ~ 'paid \d'")

    assert [match["content"] for match in found] == ["WARNING | paid 13"]


def test_other_records_count_as_filtered(tmp_path):
    sink = logger.add(tmp_path / "all.log", where=SLOW_OR_FAILED)

    log_requests()

    assert logger.complete(timeout=30)
    counts = logger.sink_info(sink)
    assert (counts["written"], counts["filtered"]) == (2, 2)
    assert counts["where"] == SLOW_OR_FAILED


def test_it_is_met_in_addition_to_level_and_filters(chosen):
    def log():
        logger.info("1", ms=300)
        logger.warning("2", ms=300)
        logger.warning("3", ms=1)

    assert chosen("ms > 250", log, level="WARNING") == ["2"]
    assert chosen("ms > 250", log, filter="elsewhere") == []


def test_keys_of_the_record_are_known(chosen):
    def log():
        logger.opt(exception=ValueError("bad")).error("failed: {}", "x")
        worker = threading.Thread(target=lambda: logger.info("in a worker"), name="worker-7")
        worker.start()
        worker.join()

    every = (
        f"name == '{__name__}' and module == name and function in ('log', '<lambda>') and file == 'test_where.py'"
        " and file.path endswith '/test_where.py' and line > 10 and process > 1 and process.name == 'MainProcess'"
        " and thread != 0 and elapsed >= 0 and time > '2020-01-01' and not exists task"
    )
    assert chosen(every, log) == ["failed: x", "ValueError: bad", "in a worker"]
    assert chosen("exception contains 'ValueError: bad'", log)[0] == "failed: x"
    assert chosen("thread.name startswith 'worker-' and not exists exception", log) == ["in a worker"]
    assert chosen("message == 'failed: x' and level.name == 'ERROR' and level.no == 40", log)[0] == "failed: x"


def test_fields_come_from_every_layer(chosen):
    def log():
        logger.configure(extra={"app": "shop", "who": "extra"})
        bound = logger.bind(who="bound")
        bound.info("1")
        with logger.contextualize(who="context"):
            bound.info("2")
            bound.info("3", who="call", user={"name": "ada", "tags": ["x"]})

    assert chosen("app == 'shop' and who in ('bound', 'context')", log) == ["1", "2"]
    assert chosen("user.name == 'ada' and 'x' in user.tags", log) == ["3"]
    assert chosen("not exists user", log) == ["1", "2"]


def test_fields_with_the_name_of_a_key_are_reached_by_extra(chosen):
    def log():
        logger.info("1", name="field", line="a", **{"http.status-code": 500})
        logger.info("2")

    assert chosen("extra.name == 'field' and name != 'field' and extra['line'] == 'a'", log) == ["1"]
    assert chosen("extra['http.status-code'] >= 500", log) == ["1"]


def test_names_of_own_levels_are_known(chosen):
    logger.level("AUDIT", no=45)

    def log():
        logger.log("AUDIT", "1")
        logger.error("2")
        logger.log(46, "3")

    assert chosen("level >= audit", log) == ["1", "3"]
    assert chosen("level in ('AUDIT', ERROR)", log) == ["1", "2"]


def test_filters_that_change_a_record_come_first_for_later_sinks(chosen):
    def mark(record):
        record["extra"]["seen"] = True
        return False

    logger.add(lambda line: None, filter=mark)

    assert chosen("seen", lambda: logger.info("1")) == ["1"]


def test_values_of_any_class_do_not_fail(chosen):
    class Odd:
        def __str__(self):
            return "odd"

        def __bool__(self):
            raise RuntimeError

    cyclic = []
    cyclic.append(cyclic)

    def log():
        for number, value in enumerate((Odd(), cyclic, 1j, b"odd", float("nan"), {1: 2}, 2**200)):
            logger.info(str(number), value=value)

    assert chosen("value == 'odd'", log) == ["0", "3"]
    assert chosen("value > 1 and value.missing == None", log) == ["6"]


MISTAKES = {
    "level >= WARNNG": (
        "where: expected one of the levels TRACE, DEBUG, INFO, NOTICE, SUCCESS, WARNING, ERROR, FAIL, CRITICAL, "
        'got "WARNNG" (did you mean "WARNING"?)\n  level >= WARNNG\n           ^'
    ),
    "ms = 1": 'where: expected "==", got "="\n  ms = 1\n     ^',
    "a ≥ 1": 'where: expected a name, a value or an operator, got "≥"\n  a ≥ 1\n    ^',
    "": 'where: expected a name, a number, a text, True, False, None, a list or "(", got the end\n  \n  ^',
}


MISTAKES["city == '東京' ?"] = (
    'where: expected a name, a value or an operator, got "?"\n' + "  city == '東京' ?\n" + " " * 17 + "^"
)
MISTAKES["a == 1 or " * 100 + "b = 2" + " or a == 1" * 100] = (
    'where: expected "==", got "="\n  ...'
    + ("a == 1 or " * 10)[-58:]
    + "b = 2 or a == 1 or a == 1 or a == 1 or a =...\n"
    + " " * 65
    + "^"
)


@pytest.mark.parametrize("source", MISTAKES)
def test_mistake_is_raised_with_a_caret_under_it(tmp_path, source):
    sink = logger.add(tmp_path / "a.log", json=True)
    wrong = [
        lambda: logger.add(tmp_path / "b.log", where=source),
        lambda: logger.add_callback(print, where=source),
        lambda: logger.search_log(sink, "", where=source),
    ]

    for call in wrong:
        with pytest.raises(ValueError, match="where") as raised:
            call()
        assert str(raised.value) == MISTAKES[source]
    assert not (tmp_path / "b.log").exists()


SENSELESS = {
    "time startswith '2026'": "since a time is no text",
    "time > start": "expected a time such as",
    "time in ('2026-01-01', 'noon')": "expected a time such as",
    " or ".join(["a ~ 'x'"] * 21): "at most 20 regular expressions",
}


@pytest.mark.parametrize("source", SENSELESS)
def test_expression_that_could_never_hold_is_refused(source):
    with pytest.raises(ValueError, match="where: ") as raised:
        logger.add("stderr", where=source)

    assert SENSELESS[source] in str(raised.value)


def test_level_is_compared_with_a_field(chosen):
    def log():
        logger.error("1", least=30)
        logger.error("2", least=50)

    assert chosen("level >= extra.least and time not in ('2001-01-01', '2002-01-01')", log) == ["1"]


def test_anything_but_text_is_refused(tmp_path):
    with pytest.raises(TypeError, match=r"where: expected .*, got 5"):
        logger.add(tmp_path / "a.log", where=5)

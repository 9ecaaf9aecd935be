"""Filters and format functions that change records: each sink gets the record as the sinks before it left it."""

from __future__ import annotations

import json
import logging

import pytest
from logly import logger

pytestmark = pytest.mark.usefixtures("no_console")


def redact(record):
    """Change the message and a field, and accept the record."""
    record["message"] = record["message"].replace("hunter2", "***")
    record["extra"].setdefault("id", "SYS")
    return True


class Collector(logging.Handler):
    """A handler that keeps messages and fields."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def emit(self, record):
        """Keep the message and the fields."""
        self.seen.append((record.getMessage(), getattr(record, "id", None)))


# All kinds of sinks


@pytest.mark.parametrize("options", [{}, {"async_write": False}, {"buffer_size": 100_000}], ids=str)
@pytest.mark.parametrize("has_own_filter", [True, False])
def test_files_write_what_a_filter_made(tmp_path, options, has_own_filter):
    own = {"filter": redact} if has_own_filter else {}
    if not has_own_filter:
        logger.add(lambda _: None, filter=redact)
    logger.add(tmp_path / "text", format="{extra[id]} {message}{fields}", **own, **options)
    logger.add(tmp_path / "json", json=True, **own, **options)

    logger.info("pw hunter2", n=1)

    assert logger.complete(timeout=30)
    assert (tmp_path / "text").read_text() == "SYS pw *** n=1 id=SYS\n"
    record = json.loads((tmp_path / "json").read_text())
    assert (record["message"], record["fields"]) == ("pw ***", {"n": 1, "id": "SYS"})


def test_functions_handlers_and_their_records_get_what_a_filter_made():
    lines, handler = [], Collector()
    logger.add(lines.append, format="{extra[id]} {message}", filter=redact)
    logger.add(handler, filter=redact)

    logger.info("pw hunter2")

    assert lines == ["SYS pw ***\n"]
    assert (lines[0].record["message"], lines[0].record["id"]) == ("pw ***", "SYS")
    assert handler.seen == [("pw ***", "SYS")]


def test_sinks_in_the_background_and_callbacks_get_what_an_earlier_filter_made():
    lines, called = [], []
    logger.add(lambda _: None, filter=redact)
    logger.add(lines.append, format="{extra[id]} {message}", async_write=True)
    logger.add_callback(called.append)

    logger.info("pw hunter2")

    assert logger.complete(timeout=30)
    assert lines == ["SYS pw ***\n"]
    assert (called[0]["message"], called[0]["id"]) == ("pw ***", "SYS")


def test_sinks_before_the_filter_get_the_record_as_it_was(tmp_path):
    lines, called = [], []
    logger.add(tmp_path / "file", format="{message}")
    logger.add(lines.append, format="{message}")
    logger.add_callback(called.append)
    logger.add(lines.append, format="{message}", filter=redact)

    logger.info("pw hunter2")

    assert logger.complete(timeout=30)
    assert (tmp_path / "file").read_text() == "pw hunter2\n"
    assert lines == ["pw hunter2\n", "pw ***\n"]
    assert called[0]["message"] == "pw hunter2"


def test_each_filter_goes_on_from_the_one_before(tmp_path):
    def adding(letter):
        return lambda record: record.update(message=record["message"] + letter) or True

    for name in "abc":
        logger.add(lambda _: None, filter=adding(name))
        logger.add(tmp_path / name, format="{message}")

    logger.info("-")

    assert logger.complete(timeout=30)
    assert [(tmp_path / name).read_text() for name in "abc"] == ["-a\n", "-ab\n", "-abc\n"]


def test_filter_that_refuses_a_record_changes_it_for_later_sinks():
    lines = []
    logger.add(lines.append, filter=lambda record: redact(record) and False)
    logger.add(lines.append, format="{message}")

    logger.info("pw hunter2")

    assert lines == ["pw ***\n"]


def test_changes_of_a_filter_that_raises_hold(capfd):
    lines = []
    logger.add(lines.append, format="{message}", filter=lambda record: redact(record) and 1 / 0)

    logger.info("pw hunter2")

    assert lines == ["pw ***\n"]
    assert "a filter raised ZeroDivisionError" in capfd.readouterr().err


def test_format_function_changes_the_record_too():
    def shout(record):
        record["message"] = record["message"].upper()
        return "shouted"

    lines = []
    logger.add(lines.append, format=shout)
    logger.add(lines.append, format="{message}")

    logger.info("hello")

    assert lines == ["shouted\n", "HELLO\n"]
    assert lines[0].record["message"] == "HELLO"


# All parts of a record


def by_filter(change, pattern, log=lambda: logger.bind(user={"pw": "s"}).info("hello {n}", n=1)):
    """Return the line of a sink with that pattern, whose filter makes a change."""
    lines = []
    logger.add(lines.append, format=pattern, filter=lambda record: change(record) or True)
    log()
    return lines[0].removesuffix("\n")


@pytest.mark.parametrize(
    ("change", "pattern", "expected"),
    [
        (lambda record: record.update(request_id=7), "{extra[request_id]} {request_id}", "7 7"),
        (lambda record: record.update(n=2), "{n} {message}", "2 hello 1"),
        (lambda record: record.pop("n"), "{extra}", "{'user': {'pw': 's'}}"),
        (lambda record: record["extra"].clear(), "{extra}", "{}"),
        (lambda record: record.update(extra={"a": 1}), "{extra}", "{'a': 1}"),
        (lambda record: record["extra"]["user"].update(pw="***"), "{extra[user]}", "{'pw': '***'}"),
        (lambda record: record.update(level="ERROR"), "{level} {level.no}", "ERROR 40"),
        (lambda record: setattr(record["level"], "name", "LOUD"), "{level} {level.no}", "LOUD 20"),
        (lambda record: record.update(line=7, function="sell"), "{function}:{line} {message}", "sell:7 hello 1"),
        (lambda record: setattr(record["thread"], "name", "worker"), "{thread.name}", "worker"),
    ],
)
def test_part_that_a_filter_changed_is_written(change, pattern, expected):
    assert by_filter(change, pattern) == expected


def test_exception_that_a_filter_takes_away_is_not_written():
    line = by_filter(
        lambda record: record.update(exception=None), "{message}", lambda: logger.error("x", exc_info=ValueError("s"))
    )

    assert line == "x"


def test_level_that_a_filter_raised_counts_for_later_sinks():
    lines = []
    logger.add(lambda _: None, filter=lambda record: record.update(level="ERROR") or True)
    logger.add(lines.append, level="ERROR", format="{level}")

    logger.info("x")

    assert lines == ["ERROR\n"]


def test_value_of_the_program_is_not_changed_by_a_filter():
    user = {"pw": "s"}

    by_filter(lambda record: record["extra"]["user"].clear(), "{message}", lambda: logger.info("x", user=user))

    assert user == {"pw": "s"}


def test_colours_of_a_message_stay_where_a_field_is_changed():
    lines = []
    logger.add(lines.append, format="{message}", colorize=True, filter=lambda record: record.update(n=2) or True)

    logger.opt(colors=True).info("<red>x</red>")

    assert lines == ["\x1b[31mx\x1b[0m\n"]


# Records that stay unchanged


def test_filter_that_only_looks_changes_nothing():
    class Odd:
        shown = 0

        def __str__(self):
            Odd.shown += 1
            return f"odd {Odd.shown}"

    lines = []
    for _ in range(2):
        logger.add(lines.append, format="{extra[odd]} {extra[tags]}", filter=lambda record: "odd" in record["extra"])

    logger.bind(tags=[{"a": 1}]).info("x", odd=Odd())

    assert lines == ["odd 1 [{'a': 1}]\n"] * 2


def test_counts_are_right_where_records_were_changed(tmp_path):
    logger.add(lambda _: None, filter=lambda record: record.update(level="DEBUG") or True)
    files = [logger.add(tmp_path / "all", level=0), logger.add(tmp_path / "none", level="INFO")]
    logger.add(tmp_path / "late", level=0, overflow="drop_new")

    for _ in range(100):
        logger.info("x")

    assert logger.complete(timeout=30)
    found = logger.stats()["sinks"]
    assert [(found[sink]["accepted"], found[sink]["written"], found[sink]["filtered"]) for sink in files] == [
        (100, 100, 0),
        (100, 0, 100),
    ]
    assert (tmp_path / "all").read_text().count("DEBUG") == 100

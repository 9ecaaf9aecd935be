"""The dict of a record, which is made from that of an earlier record of its place."""

from __future__ import annotations

import threading

import pytest
from logly import logger

pytestmark = pytest.mark.usefixtures("no_console")

KEYS = [
    *("timestamp", "level", "message", "filename", "lineno", "function", "module", "extra"),
    *("time", "name", "line", "file", "process", "thread", "elapsed", "exception"),
]

FIELDS = [
    {},
    {"a": 1},
    {"a": 2},
    {"a": 3, "b": None},
    {"b": 4, "a": 5},
    {"name": "ada", "a": 6},
    {"extra": 7, "level": 8},
    {"a": [1, {"x": 2}]},
]


@pytest.fixture
def dicts():
    """Collect the dicts that a filter gets."""
    found = []
    logger.add(lambda _: None, filter=lambda record: found.append(record) or True)
    return found


def log(fields):
    logger.info("m", **fields)


@pytest.mark.parametrize(
    "order", [FIELDS * 4, [each for each in FIELDS for _ in range(5)]], ids=["in turns", "in rows"]
)
def test_records_of_one_place_have_their_own_fields(dicts, order):
    for fields in order:
        log(fields)

    for fields, found in zip(order, dicts):
        assert found["extra"] == fields
        assert list(found) == [*fields, *(key for key in KEYS if key not in fields)]
        assert {name: found[name] for name in fields if name not in KEYS} == {
            name: value for name, value in fields.items() if name not in KEYS
        }
        assert (found["function"], found["message"], found["exception"]) == ("log", "m", None)


def test_records_of_one_place_share_no_dict(dicts):
    for number in range(5):
        log({"a": number})
        dicts[-1]["a"] = dicts[-1]["new"] = "changed"
        dicts[-1]["extra"].clear()

    log({"a": 5})

    assert (dicts[-1]["a"], dicts[-1]["extra"], "new" in dicts[-1]) == (5, {"a": 5}, False)


def test_change_that_is_taken_back_is_none(dicts):
    def change(record):
        record["a"] = 9
        record["a"] = record["extra"]["a"]
        record["extra"]["b"] = 1
        del record["extra"]["b"]

    lines = []
    logger.add(lines.append, format="{message}{fields}", filter=lambda record: change(record) or True)

    log({"a": 1})

    assert lines == ["m a=1\n"]


def test_patcher_may_change_each_field_and_add_others(dicts):
    def patch(record):
        record["extra"].update(a="changed", new=1)
        record["top"] = 2
        del record["extra"]["gone"]

    lines = []
    logger.add(lines.append, format="{message}{fields}")
    for number in range(4):
        logger.patch(patch).info("m", a=number, kept=[number], gone=3)

    assert lines == [f"m a=changed kept=[{number}] new=1 top=2\n" for number in range(4)]


def test_name_of_a_thread_is_that_of_the_moment(dicts, monkeypatch):
    thread = threading.current_thread()
    before = thread.name
    names = []

    def note():
        log({})
        names.append(dicts[-1]["thread"].name)

    note()
    thread.name = "renamed"
    note()
    thread.name = before
    other = threading.Thread(name="patched")
    monkeypatch.setattr(threading, "current_thread", lambda: other)
    note()
    monkeypatch.undo()
    note()
    worker = threading.Thread(target=note, name="worker")
    worker.start()
    worker.join()

    assert names == [before, "renamed", "patched", before, "worker"]


class Named(threading.Thread):
    """A thread whose name is computed."""

    @property
    def name(self):
        """The name."""
        return "computed"

    @name.setter
    def name(self, value):
        """Leave the name as it is."""


def test_name_of_a_thread_may_be_computed(dicts):
    worker = Named(target=lambda: [log({}) for _ in range(3)])
    worker.start()
    worker.join()

    assert [found["thread"].name for found in dicts] == ["computed"] * 3

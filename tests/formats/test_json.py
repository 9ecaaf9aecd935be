"""JSON lines: their structure, their types, and their validity in every case."""

from __future__ import annotations

import io
import json
import math
import os
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import PurePosixPath
from uuid import UUID

import logly.testing
import pytest
from hypothesis import given, strategies as st
from logly import logger

WHEN = "2025-01-15T10:30:45.123456Z"


def raw(log=lambda: logger.info("hello"), **options):
    """The output of *log* in a JSON sink."""
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, **{"json": True, **options})
    with logly.testing.freeze(WHEN):
        log()
    return stream.getvalue()


def strict(text):
    """Read JSON as RFC 8259 defines it, without NaN."""

    def refuse(constant):
        raise AssertionError(constant)

    return json.loads(text, parse_constant=refuse)


def unique(pairs):
    """Return the object, and assert that no key occurs twice."""
    assert len({key for key, _ in pairs}) == len(pairs)
    return dict(pairs)


def value_of(value, **options):
    """A field's value after JSON."""
    return strict(raw(lambda: logger.info("m", x=value), **options))["fields"]["x"]


def test_object_has_four_keys_in_order():
    got = raw(lambda: logger.info("User {user} logged in", user="alice", ip="192.168.1.1"))

    assert got == (
        '{"timestamp": "2025-01-15T10:30:45.123Z", "level": "INFO", "message": "User alice logged in", '
        '"fields": {"user": "alice", "ip": "192.168.1.1"}}\n'
    )


def test_record_is_one_line():
    assert raw(lambda: logger.info("a\nb\r\u2028c", x="d\ne")).count("\n") == 1


@pytest.mark.parametrize("given", [True, "line"])
def test_line_is_what_true_means(given):
    assert raw(json=given) == raw(json=True)


def test_serialize_means_json():
    assert strict(raw(json=None, serialize=True))["message"] == "hello"


def test_files_get_json_too(tmp_path):
    logger.add(tmp_path / "app.jsonl", json=True)

    logger.info("hello", n=1)
    logger.complete()

    assert strict((tmp_path / "app.jsonl").read_text())["fields"] == {"n": 1}


def test_pretty_is_the_same_object_indented():
    def log():
        logger.info("hello", a=[1, {"b": "x, {y}"}], c={}, d=[])

    pretty = raw(log, json="pretty")

    assert strict(pretty) == strict(raw(log))
    assert pretty.startswith('{\n  "timestamp": "2025-01-15T10:30:45.123Z",\n')
    assert '      "b": "x, {y}"\n' in pretty.replace("        ", "      ")


def test_flat_lifts_fields_to_the_top():
    got = strict(raw(lambda: logger.info("hello", user="ada", n=1), json="flat"))

    assert got == {"timestamp": "2025-01-15T10:30:45.123Z", "level": "INFO", "message": "hello", "user": "ada", "n": 1}


def test_flat_leaves_reserved_names_to_the_record():
    reserved = {"level": "x", "message": "y", "timestamp": "z", "fields": 1, "module": 2, "exception": 3}

    got = strict(raw(lambda: logger.info("hello", n=1, **reserved), json="flat"))

    assert (got["level"], got["message"], got["timestamp"]) == ("INFO", "hello", "2025-01-15T10:30:45.123Z")
    assert got["fields"] == reserved
    assert got["n"] == 1


def test_fields_named_like_record_keys_overwrite_nothing():
    names = {"level": 1, "message": 2, "timestamp": 3, "name": 4, "msg": 5, "self": 6}

    got = strict(raw(lambda: logger.info("hello", **names)))

    assert (got["level"], got["message"]) == ("INFO", "hello")
    assert got["fields"] == names


def test_location_keys_are_there_when_shown():
    logger.configure(show_module=True, show_function=True, show_filename=True, show_lineno=True)

    def log():
        logger.info("hello")

    got = strict(raw(log))

    assert list(got)[4:] == ["module", "function", "filename", "lineno"]
    assert (got["module"], got["function"], got["filename"]) == (__name__, "log", "test_json.py")
    assert got["lineno"] == log.__code__.co_firstlineno + 1


def test_format_names_the_location_keys_of_one_sink():
    got = strict(raw(format="{process} {thread} {function}"))

    assert list(got)[4:] == ["function", "process", "thread"]
    assert (got["process"], got["thread"]) == (os.getpid(), threading.get_ident())


@pytest.mark.parametrize(
    ("style", "stamp"),
    [
        ("utc", "2025-01-15T10:30:45.123Z"),
        ("rfc3339", "2025-01-15T10:30:45.123Z"),
        ("HH:mm!UTC", "10:30"),
        ('"%H"!UTC', '"10"'),
    ],
)
def test_date_style_is_the_timestamps(style, stamp):
    assert strict(raw(date_style=style))["timestamp"] == stamp


def test_local_date_style_is_the_same_instant():
    stamp = strict(raw(date_style="local"))["timestamp"]

    assert datetime.fromisoformat(stamp) == datetime(2025, 1, 15, 10, 30, 45, 123456, timezone.utc)


def test_level_names_are_escaped():
    logger.level('Q"\\', no=33)

    assert strict(raw(lambda: logger.log('Q"\\', "hello")))["level"] == 'Q"\\'


def test_all_sources_of_fields_are_in():
    logger.configure(extra={"a": 1, "x": 0})

    def log():
        with logger.contextualize(c=3, x=2):
            logger.bind(b=2, x=1).info("hello", d=4, x=3)

    got = json.loads(raw(log), object_pairs_hook=unique)
    assert got["fields"] == {"a": 1, "b": 2, "c": 3, "d": 4, "x": 3}


class Color(Enum):
    RED = "red"


@dataclass
class Point:
    x: int
    y: object


class Odd:
    def __str__(self):
        return 'odd "one"'


class Broken:
    def __str__(self):
        raise ValueError("secret")

    __repr__ = __str__


class Text(str):
    pass


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), None),
        (float("inf"), None),
        (-math.inf, None),
        ([1.5, float("nan")], [1.5, None]),
        (10**400, 10**400),
        (-(2**63), -(2**63)),
        (2**63, 2**63),
        (-0.0, -0.0),
        (b"bytes\xff\n", "bytes\\xff\n"),
        (bytearray(b"ab"), "ab"),
        (datetime(2025, 1, 15, tzinfo=timezone.utc), "2025-01-15T00:00:00+00:00"),
        (date(2025, 1, 15), "2025-01-15"),
        (time(10, 30), "10:30:00"),
        (timedelta(seconds=90, milliseconds=500), 90.5),
        (Decimal("1.10"), "1.10"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (PurePosixPath("/a/b"), "/a/b"),
        (Color.RED, "red"),
        (Point(1, [Color.RED]), {"x": 1, "y": ["red"]}),
        (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (deque([1, 2]), [1, 2]),
        ((1, (2,)), [1, [2]]),
        (frozenset([1]), [1]),
        (range(3), "range(0, 3)"),
        (Odd(), 'odd "one"'),
        ([Odd()], ['odd "one"']),
        (Text("a"), "a"),
        (
            {2: "int", None: "none", True: "bool", 1.5: "float"},
            {"2": "int", "null": "none", "true": "bool", "1.5": "float"},
        ),
        ("\ud800", "\ud800"),
        ("nul\0 del\x7f esc\x1b", "nul\0 del\x7f esc\x1b"),
        ("😀\u202e\u2028", "😀\u202e\u2028"),
    ],
    ids=lambda value: repr(value)[:30] if not isinstance(value, (Odd, Broken)) else "odd",
)
def test_value_has_its_documented_form(value, expected):
    assert value_of(value) == expected


def test_value_that_cannot_be_shown_is_a_marker(capfd):
    assert value_of(Broken()) == "<unprintable Broken: ValueError>"
    assert value_of([1, Broken()]) == [1, "<unprintable Broken: ValueError>"]
    told = capfd.readouterr().err
    assert told.count("\n") == 1
    assert "ValueError: secret" in told


def test_cycle_is_cut():
    cycle = [1]
    cycle.append(cycle)

    assert value_of(cycle)[0] == 1


def test_deep_nesting_is_valid():
    deep = []
    for _ in range(1_000):
        deep = [deep]

    got = raw(lambda: logger.info("hello", deep=deep))

    assert json.loads(got)["message"] == "hello"
    assert "list nested too deep" in got


def test_last_of_the_keys_that_become_one_text_wins():
    assert value_of({1: "a", "1": "b"}) == {"1": "b"}


def test_ten_thousand_fields_are_all_there():
    fields = {f"field_{number}": number for number in range(10_000)}

    assert strict(raw(lambda: logger.info("hello", **fields)))["fields"] == fields


def test_value_beyond_the_bound_leaves_valid_json():
    logger.configure(max_message_bytes=1_000)

    got = strict(raw(lambda: logger.info("hello", text="x" * 10_000, items=list(range(10_000)))))

    assert len(got["fields"]["text"]) < 2_000
    assert got["fields"]["items"][:3] == [0, 1, 2]


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers() | st.booleans() | st.none(), inner),
    max_leaves=20,
)


@given(PLAIN)
def test_values_equal_what_the_standard_library_says(value):
    assert value_of(value) == json.loads(json.dumps(value))


@given(
    st.text(st.characters()),
    st.dictionaries(st.text(st.characters()), st.text(st.characters()) | st.binary() | st.floats()),
    st.sampled_from(["line", "pretty", "flat"]),
)
def test_every_record_is_a_valid_object(message, fields, style):
    logged = {f"f{key}": value for key, value in fields.items()}

    line = raw(lambda: logger.info(message, **logged), json=style)
    got = strict(line)

    assert json.loads(line, object_pairs_hook=unique) == got
    assert (got["level"], got["timestamp"]) == ("INFO", "2025-01-15T10:30:45.123Z")
    assert (got if style == "flat" else got["fields"]).keys() >= logged.keys()


@given(st.text(st.characters()))
def test_message_without_arguments_is_read_back(message):
    assert strict(raw(lambda: logger.info(message)))["message"] == message

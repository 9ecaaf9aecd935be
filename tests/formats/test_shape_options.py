"""`keys`, `static`, `include` and `exception` for logly's own JSON, and what all shapes have in common."""

from __future__ import annotations

import io
import json
import os
import socket
import threading
from pathlib import Path

import logly
import pytest
from hypothesis import given, strategies as st
from logly import logger

from tests.formats.shaping import FIELDS, TRACE, failing, line, text, unique

SHAPES = ["line", "flat", "ecs", "gcp", "datadog", "gelf", "otel"]
PARTS = [
    "logger", "module", "function", "file", "path", "line", "process", "process_name", "thread", "thread_name", "task",
    "host",
]  # fmt: skip


def hello():
    logger.info("hello", a=1)


def test_keys_are_renamed_and_left_out():
    got = line(hello, json=True, keys={"message": "msg", "timestamp": None, "fields": "data"})

    assert got == {"level": "INFO", "msg": "hello", "data": {"a": 1}}


def test_order_of_keys_stays():
    got = line(hello, json=True, keys={"message": "msg"}, static={"service": "shop"})

    assert list(got) == ["timestamp", "level", "msg", "service", "fields"]


def test_everything_can_be_left_out():
    nothing = dict.fromkeys(["timestamp", "level", "message", "fields"])

    assert text(hello, json=True, keys=nothing) == "{}\n"
    assert text(hello, json="flat", keys=nothing) == '{"a": 1}\n'


def test_flat_fields_may_have_a_name_that_became_free():
    got = line(lambda: logger.info("hello", message="mine", msg="other"), json="flat", keys={"message": "msg"})

    assert (got["msg"], got["message"], got["fields"]) == ("hello", "mine", {"msg": "other"})


@pytest.mark.parametrize("shape", SHAPES)
def test_fields_do_not_overwrite_keys_of_the_shape(shape):
    def with_fields(**fields):
        return line(lambda: logger.error("m", **fields), json=shape, include=PARTS)

    plain = with_fields()
    own = [*plain, *(entry["key"] for entry in plain.get("attributes", []))]
    forged = {key.lstrip("_"): "forged" for key in own}

    got = with_fields(**forged)

    kept = {key: value for key, value in plain.items() if key not in ("attributes", "fields")}
    assert {key: got[key] for key in kept} == kept
    assert str(got).count("forged") == len(forged)


def test_static_members_are_captured_once():
    value = {"names": ["a"]}
    stream = io.StringIO()
    logger.add(stream, json="flat", static={"tags": value, "n": float("nan"), "path": None})

    value["names"].append("b")
    logger.info("m", tags=1)

    got = json.loads(stream.getvalue(), object_pairs_hook=unique)
    assert (got["tags"], got["n"], got["path"], got["fields"]) == ({"names": ["a"]}, None, None, {"tags": 1})


def test_include_shows_parts_of_the_record():
    def log():
        logger.info("m")

    got = line(log, json=True, include=PARTS)

    del got["timestamp"], got["level"], got["message"], got["fields"]
    assert got == {
        "logger": __name__, "module": __name__, "function": "log", "filename": Path(__file__).name,
        "path": __file__, "lineno": log.__code__.co_firstlineno + 1, "process": os.getpid(),
        "process_name": "MainProcess", "thread": threading.get_ident(), "thread_name": "MainThread",
        "host": socket.gethostname(),
    }  # fmt: skip


def test_include_replaces_what_the_shape_shows_and_adds_to_what_configure_shows():
    assert "log.logger" in line(hello, json="ecs")
    assert "log.logger" not in line(hello, json="ecs", include=[])

    logger.configure(show_function=True)
    got = line(hello, json="ecs", include=["line"])
    assert {"log.origin.function", "log.origin.file.line"} < set(got)


@pytest.mark.parametrize(
    ("form", "keys"),
    [
        ("frames", ["type", "module", "message", "frames", "cause", "fingerprint"]),
        ("text", ["type", "module", "message", "traceback"]),
        ("both", ["type", "module", "message", "frames", "cause", "fingerprint", "traceback"]),
    ],
)
def test_exceptions_have_frames_or_text_or_both(form, keys):
    exception = line(failing, json=True, exception=form)["exception"]

    assert list(exception) == keys
    if form != "frames":
        assert exception["traceback"].startswith("Traceback (most recent call last):\n")
        assert exception["traceback"].endswith("RuntimeError: no settings\n")


def test_default_lines_and_shaped_ones_are_the_same():
    def log():
        logger.info("hello {name}", **FIELDS, level="mine", **TRACE)
        failing()

    for style in ("line", "flat", "pretty"):
        assert text(log, json=style) == text(log, json=style, include=[])


def test_configure_gives_the_shape_of_all_sinks():
    stream, other = io.StringIO(), io.StringIO()
    logger.configure(json="ecs", static={"service.name": "shop"}, keys={"@timestamp": None, "timestamp": None})
    logger.add(stream)
    logger.add(other, json=True, static={})

    hello()

    assert list(json.loads(stream.getvalue()))[:4] == ["log.level", "message", "ecs.version", "service.name"]
    assert json.loads(other.getvalue()) == {"level": "INFO", "message": "hello", "fields": {"a": 1}}


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({"json": "ecs", "keys": {"timestamp": "t"}}, ['"@timestamp", "log.level"', '"timestamp"', '"@timestamp"']),
        ({"json": True, "keys": {"level": "message"}}, ["no other key has", '"message"']),
        ({"json": True, "keys": {"level": ""}}, ["not empty", '"level"']),
        ({"json": True, "static": {"level": 1}}, ["static", "no key of the shape has", '"level"']),
        ({"json": "gelf", "static": {"host": "a"}}, ["static", '"host"']),
        ({"keys": {"level": None}}, ["keys", "a sink with json=", "a sink of text"]),
        ({"include": []}, ["include", "a sink with json=", "a sink of text"]),
    ],
)
def test_options_that_do_not_fit_the_shape_are_refused(options, parts, tmp_path):
    with pytest.raises(ValueError) as caught:
        logger.add(tmp_path / "app.log", **options)

    assert all(part in str(caught.value) for part in parts), caught.value
    assert list(tmp_path.iterdir()) == []


def test_configure_that_does_not_fit_a_sink_changes_nothing():
    stream = io.StringIO()
    logger.add(stream, json=True, static={"host": "a"})

    with pytest.raises(ValueError, match="static"):
        logger.configure(keys={"level": "host"})
    hello()

    assert json.loads(stream.getvalue())["level"] == "INFO"


def test_configured_shape_holds_in_a_file_and_in_a_document(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logly.json").write_text(
        json.dumps(
            {"console": False, "sinks": [{"sink": "app.json", "json": "gcp", "include": [], "static": {"b": 1}}]}
        )
    )
    logly.load(tmp_path / "logly.json")
    hello()
    logger.complete()

    got = json.loads((tmp_path / "app.json").read_text())
    assert {key: got[key] for key in got if key != "time"} == {"severity": "INFO", "message": "hello", "b": 1, "a": 1}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.text() | st.sampled_from([*TRACE, "labels", "httpRequest", "error", "stack", "id", "fields", "fields.id"])


@given(st.sampled_from(SHAPES), st.text(), st.dictionaries(NAMES, VALUES, max_size=6))
def test_every_line_is_json_without_duplicates(shape, message, fields):
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, json=shape)
    # The characters that GELF lacks are replaced, so that two names may become one.
    names = {key.encode("ascii", "replace").decode() for key in fields}
    if shape == "gelf" and not all(name.replace("_", "").isalnum() for name in names):
        fields = {}

    logger.bind(**fields).info(message)

    assert isinstance(json.loads(stream.getvalue(), object_pairs_hook=unique, parse_constant=pytest.fail), dict)

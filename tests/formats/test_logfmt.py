"""`format="logfmt"`, read back by a parser that is compatible with go-logfmt."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given, strategies as st
from logly import logger

from tests.formats.shaping import FIELDS, PLACE, TRACE, failing, text

logfmtkv = pytest.importorskip("logfmtkv")


def pairs(log, **options):
    output = text(log, format="logfmt", **options)
    assert output.count("\n") == 1
    found = logfmtkv.parse_pairs(output)
    assert len({pair.key for pair in found}) == len(found)
    return {pair.key: pair.value for pair in found}


def test_line_is_as_documented():
    got = text(lambda: logger.warning("hello {name}", **FIELDS, none=None, **TRACE), format="logfmt")

    assert got == (
        'time=2025-01-15T10:30:45.123Z level=warning msg="hello ada" n=1 ratio=0.5 ok=true name=ada '
        r'order="{\"id\": 7, \"tags\": [\"a\", \"b\"]}" none=null trace_id=4bf92f3577b34da6a3ce929d0e0e4736 '
        "span_id=00f067aa0ba902b7 trace_flags=01\n"
    )


def test_fields_do_not_overwrite_keys():
    got = pairs(lambda: logger.info("hello", level="mine", msg=1, **{"fields.msg": 2, "a b": 3, "x=": 4}))

    assert (got["level"], got["msg"]) == ("info", "hello")
    assert (got["fields.level"], got["fields.msg"], got["fields.fields.msg"]) == ("mine", "1", "2")
    assert (got["a_b"], got["x_"]) == ("3", "4")


def test_traceback_is_on_the_line():
    got = pairs(failing)["exception"]

    assert got.startswith("Traceback (most recent call last):\n")
    assert got.endswith("\nRuntimeError: no settings\n")


def test_shape_has_the_options_of_json():
    def log():
        failing()

    got = pairs(
        log,
        include=PLACE,
        static={"service": "shop a", "n": [1]},
        keys={"time": None, "msg": "message"},
        exception="both",
    )

    assert list(got)[:9] == ["level", "message", "service", "n", "logger", "function", "file", "path", "line"]
    assert (got["service"], got["n"], got["function"]) == ("shop a", "[1]", "failing")
    assert json.loads(got["exception_frames"])["cause"]["type"] == "KeyError"


def test_json_and_logfmt_exclude_each_other():
    for function in (logger.add, logger.configure):
        with pytest.raises(TypeError, match='got format="logfmt" and "json"'):
            function(format="logfmt", json=True)


def test_later_one_of_json_and_logfmt_holds():
    stream = io.StringIO()
    logger.add(stream)
    for settings in ({"json": True}, {"format": "logfmt"}, {"json": "flat"}, {"format": False}):
        logger.configure(**settings)
        logger.info("m")

    forms = [line.partition("m")[0][:5] for line in stream.getvalue().splitlines()]
    assert forms == ['{"ti', "ti", '{"ti', '{"ti']


def test_own_logfmt_wins_over_the_json_of_all_sinks():
    logger.configure(json=True)

    assert text(lambda: logger.info("m"), format="logfmt").startswith("time=")


@given(st.text(), st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_texts_are_read_back(message, value):
    stream = io.StringIO()
    logger.remove_all()
    logger.add(stream, format="logfmt")

    logger.bind(value=value).info(message)

    got = logfmtkv.parse(stream.getvalue())
    assert (got["msg"], got["value"]) == (message, value)
    assert stream.getvalue().count("\n") == 1

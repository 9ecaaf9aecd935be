"""Changes of a record's fields are found natively, and are those that the Python code for all other changes finds."""

from __future__ import annotations

from copy import deepcopy

import logly.testing
from hypothesis import given, strategies as st
from logly import logger
from logly._logly import _touch_record

NAMES = st.sampled_from(["a", "b", "c", "new", "message", "name", "extra", "stack", "level", "line"])
VALUES = st.sampled_from([1, "text", None, [1, 2]])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set field"), NAMES, VALUES),
        st.tuples(st.just("set key"), NAMES, VALUES),
        st.tuples(st.just("remove field"), NAMES),
        st.tuples(st.just("remove key"), NAMES),
        st.tuples(st.just("same field"), NAMES),
        st.tuples(st.just("other extra"), st.dictionaries(NAMES, VALUES, max_size=3)),
        st.tuples(
            st.just("within"),
        ),
    ),
    max_size=5,
)


def apply(record, step) -> None:
    """Change the dict of a record."""
    kind, *arguments = step
    extra = record.get("extra")
    if kind == "set key":
        record[arguments[0]] = arguments[1]
    elif kind == "remove key":
        record.pop(arguments[0], None)
    elif kind == "other extra":
        record["extra"] = deepcopy(arguments[0])
    elif not isinstance(extra, dict):
        return
    elif kind == "set field":
        extra[arguments[0]] = arguments[1]
    elif kind == "remove field":
        extra.pop(arguments[0], None)
    elif kind == "same field" and arguments[0] in extra:
        extra[arguments[0]] = extra.pop(arguments[0])
    elif kind == "within" and isinstance(extra.get("c"), list):
        extra["c"].append(3)


def outcome(steps, fields, *, by_python: bool) -> dict[str, object]:
    """Log one record through a patcher that takes the steps, and return the record."""

    def patcher(record):
        if by_python:
            _touch_record()
        for step in steps:
            apply(record, step)

    with logly.testing.capture() as records:
        logger.patch(patcher).bind(b=2).info("message", c=[1], **fields)
    record = records[0]
    return {key: value for key, value in record.items() if key not in {"time", "timestamp", "elapsed"}}


@given(steps=STEPS, fields=st.dictionaries(st.sampled_from(["a", "name", "stack"]), VALUES))
def test_changes_of_fields_are_the_same_natively(steps, fields):
    natively = outcome(steps, fields, by_python=False)

    assert list(natively.items()) == list(outcome(steps, fields, by_python=True).items())


def test_a_patcher_that_raises_after_a_change_leaves_the_record(records, capfd):
    def patcher(record):
        record["extra"]["x"] = 1
        raise ValueError("mine")

    logger.patch(patcher).info("m")

    assert (records[0]["message"], records[0]["extra"]) == ("m", {})
    assert "a patcher raised ValueError: mine" in capfd.readouterr().err

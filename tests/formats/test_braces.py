"""The split of messages and patterns at braces, against `string.Formatter().parse`."""

from __future__ import annotations

import string

import logly.testing
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from logly import logger

# Each part is accepted by Python and by logly alike. Markup and `%` have rules of their own.
LITERALS = st.one_of(st.text(st.sampled_from("ab :!.,[]é"), max_size=5), st.sampled_from(["{{", "}}"]))
FIELDS = st.sampled_from(["{x}", "{y}", "{name_of}", "{x:>7}", "{y:*^9}"])
NESTED = st.sampled_from(["{x!r}", "{y!s:>7}", "{x:>{width}}", "{y:{width}}"])
VALUES = {"x": "one", "y": "zwei", "name_of": "é", "width": 8}


def filled(template: str) -> str:
    """Return the text that Python's own split gives, with the fields filled in."""
    parts = []
    for literal, name, spec, conversion in string.Formatter().parse(template):
        parts.append(literal)
        if name is not None:
            value = string.Formatter().convert_field(VALUES[name], conversion)
            parts.append(format(value, spec.format(**VALUES)))
    return "".join(parts)


@settings(max_examples=300, deadline=None)
@given(parts=st.lists(st.one_of(LITERALS, FIELDS, NESTED), max_size=10))
def test_messages_split_as_python_splits_them(parts):
    template = "".join(parts)

    with logly.testing.capture() as records:
        logger.info(template, **VALUES)

    assert records[0]["message"] == filled(template)


@pytest.mark.usefixtures("text")
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.one_of(LITERALS, FIELDS), max_size=10))
def test_patterns_split_as_python_splits_them(parts):
    pattern = "|".join(["", *parts, ""])
    lines = []
    sink = logger.add(lambda line: lines.append(str(line)), format=pattern + "{message}")

    logger.bind(**VALUES).info("end")
    logger.remove(sink)

    assert lines == [filled(pattern) + "end\n"]

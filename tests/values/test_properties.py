"""Properties that hold for every message and every value."""

from __future__ import annotations

import json
import string
import unicodedata

import logly.testing
import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st
from logly import logger

settings.register_profile(
    "logly", max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("logly")

# Any text Python can hold, lone surrogates included.
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
HOSTILE = st.text(st.sampled_from("{}%!:[].sdrxy0129* \n\r\x1b\0\u202e\u2028\x85\ud800é"), max_size=30)
MESSAGES = st.one_of(ANY_TEXT, HOSTILE)
NAMES = st.one_of(st.sampled_from(["x", "y", "level", "message"]), ANY_TEXT)
NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.integers(-(10**60), 10**60))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, ANY_TEXT),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.one_of(ANY_TEXT, st.integers(), st.booleans(), st.none(), st.floats()), inner, max_size=5),
    ),
    max_leaves=20,
)


def message_of(*args, **kwargs) -> str:
    """Return the rendered message of one call."""
    with logly.testing.capture() as records:
        logger.info(*args, **kwargs)
    return records[0]["message"]


@given(value=JSON)
def test_json_value_is_that_of_json_dumps(json_file, value):
    logger.info("m", value=value)

    expected = json.loads(json.dumps(value))
    assert json_file.fields()["value"] == expected


@given(value=JSON)
def test_json_numbers_keep_their_type(json_file, value):
    logger.info("m", value=[value])

    assert repr(json_file.fields()["value"]) == repr(json.loads(json.dumps([value])))


@given(message=MESSAGES)
def test_message_without_arguments_is_itself(message):
    assert message_of(message) == message


@given(
    message=MESSAGES,
    args=st.lists(st.one_of(NUMBERS, ANY_TEXT, st.none()), max_size=4),
    fields=st.dictionaries(NAMES, JSON, max_size=4),
)
def test_no_message_and_no_field_raises(text, json_file, message, args, fields):
    count = len(text.lines)

    logger.info(message, *args, **fields)

    assert len(text.lines) == count + 1
    assert {name: json_file.fields()[name] for name in fields} == json.loads(json.dumps(fields))


@given(message=MESSAGES, fields=st.dictionaries(NAMES, st.one_of(MESSAGES, JSON), max_size=4))
@example(message="a\nb", fields={"c\r": "d\x1b[2J", "e": ["\n"]})
def test_record_is_one_line_without_control_characters(tmp_path_factory, message, fields):
    path = tmp_path_factory.mktemp("line") / "log.txt"
    sink = logger.add(path)

    logger.info(message, **fields)
    logger.remove(sink)

    line = path.read_bytes().decode()
    assert line.endswith("\n")
    assert len(line.splitlines()) == 1
    assert not [c for c in line[:-1] if unicodedata.category(c) == "Cc" or c in "\u2028\u2029\u202e\u2066"]


LITERALS = st.text(st.characters(exclude_categories=(), exclude_characters="{}"), max_size=8)
SPECS = st.sampled_from(["", ":>8", ":<4", ":^9", "!r", "!s", "!a", "!r:>12", ":*^7"])
PLACES = st.tuples(st.sampled_from(["a", "b", "c"]), SPECS).map("{{{0[0]}{0[1]}}}".format)
TEMPLATES = st.lists(st.one_of(LITERALS, PLACES, st.sampled_from(["{{", "}}"])), min_size=1, max_size=6).map("".join)


@given(template=TEMPLATES, a=ANY_TEXT, b=ANY_TEXT, c=st.integers())
def test_template_is_that_of_str_format(template, a, b, c):
    assert message_of(template, a=a, b=b, c=c) == template.format(a=a, b=b, c=c)


@given(template=TEMPLATES, a=ANY_TEXT, b=st.text(string.printable), c=st.integers())
def test_template_that_varies_is_rendered_the_same_by_files(tmp_path_factory, template, a, b, c):
    path = tmp_path_factory.mktemp("template") / "log.json"
    sink = logger.add(path, json=True)

    logger.info(template, a=a, b=b, c=c)
    logger.remove(sink)

    written = json.loads(path.read_text("utf-8"))["message"]
    assert written == json.loads(json.dumps(template.format(a=a, b=b, c=c)))


@given(
    template=st.lists(st.one_of(LITERALS, SPECS.map("{{{0}}}".format)), min_size=1, max_size=5),
    args=st.lists(ANY_TEXT, min_size=5, max_size=5),
)
def test_automatic_numbers_are_those_of_str_format(template, args):
    template = "".join(template).replace("%", "")

    assert message_of(template, *args) == template.format(*args)


NUMERIC = st.tuples(
    st.sampled_from(["", "0", "-", "+", "#"]), st.sampled_from(["", "1", "7"]), st.sampled_from("dixXo")
).map("%{0[0]}{0[1]}{0[2]}".format)
REAL = st.tuples(
    st.sampled_from(["", "0", "-", "+"]), st.sampled_from(["", "9", ".3", "9.0"]), st.sampled_from("eEfFgG")
).map("%{0[0]}{0[1]}{0[2]}".format)
TEXTUAL = st.tuples(st.sampled_from(["", "-"]), st.sampled_from(["", "5", ".2", "6.1"]), st.sampled_from("sra")).map(
    "%{0[0]}{0[1]}{0[2]}".format
)
CONVERSIONS = st.one_of(
    st.tuples(NUMERIC, st.integers()),
    st.tuples(REAL, st.floats()),
    st.tuples(TEXTUAL, st.one_of(ANY_TEXT, st.integers(), st.none(), st.lists(st.integers()))),
)


@given(
    parts=st.lists(
        st.tuples(st.text(st.characters(exclude_characters="%"), max_size=6), CONVERSIONS), min_size=1, max_size=4
    )
)
def test_percent_message_is_that_of_percent(parts):
    template = "".join(literal + conversion for literal, (conversion, _) in parts) + "%%"
    args = tuple(argument for _, (_, argument) in parts)

    assert message_of(template, *args) == template % args


@given(name=st.sampled_from(["x.y", "x[0]", "x.__class__", "x[a].b", "0.y", ".y", "[0]"]), spec=SPECS)
def test_access_into_objects_is_literal(name, spec):
    template = f"{{{name}{spec}}}"

    assert message_of(template, x=[1], unused=0) == template


@pytest.mark.parametrize("kind", [str, bytes, int, float])
def test_every_scalar_survives_a_capture(kind):
    @given(value=st.from_type(kind))
    def check(value):
        with logly.testing.capture() as records:
            logger.info("m", value=value)
        assert repr(records[0]["value"]) == repr(value)

    check()

"""Plain values in messages, rendered without Python: digit by digit as Python renders them."""

from __future__ import annotations

import math

import logly.testing
import pytest
from hypothesis import example, given, strategies as st
from logly import logger
from logly._logly import _percent


class Text(str):
    """A subclass, whose text is its own."""

    __slots__ = ()

    def __str__(self):
        return "own"

    def __format__(self, spec):
        return f"<{spec}>"


class Number(int):
    """A subclass, whose text is its own."""

    def __str__(self):
        return "number"

    def __format__(self, spec):
        return f"#{spec}"


TIES = st.builds(lambda whole, halves: (whole * 2 + 1) / 2**halves, st.integers(-(2**40), 2**40), st.integers(1, 20))
FLOATS = st.one_of(
    st.floats(), TIES, st.integers(-(10**18), 10**18).map(lambda n: n / 1000), st.sampled_from([0.0, -0.0, 0.5, 9e15])
)
INTS = st.one_of(st.integers(), st.integers(-(2**70), 2**70), st.sampled_from([2**63 - 1, -(2**63), 2**63, 0]))
TEXTS = st.text(st.characters(exclude_categories=()), max_size=12)
PLAIN = st.one_of(FLOATS, INTS, TEXTS, st.booleans(), st.none())
VALUES = st.one_of(PLAIN, TEXTS.map(Text), INTS.map(Number), st.just([1]))


def _spec(*parts: str) -> str:
    return "".join(parts)


WIDTHS = st.sampled_from(["", "", "1", "5", "12", "30", "05", "012"])
PRECISIONS = st.sampled_from(["", "", ".0", ".1", ".2", ".3", ".7", ".15", ".16", ".40"])
SPECS = st.builds(
    _spec,
    st.sampled_from(["", "", "", "<", ">", "^", "=", "*<", "é^", "0>", "x="]),
    st.sampled_from(["", "", "+", "-", " "]),
    st.sampled_from(["", "", "", "#"]),
    WIDTHS,
    st.sampled_from(["", "", ",", "_"]),
    PRECISIONS,
    st.sampled_from(["", "", *"sdxXobeEfFgG%cn"]),
)
CONVERSIONS = st.builds(
    _spec, st.just("%"), st.text("-0+ #", max_size=2), WIDTHS, PRECISIONS, st.sampled_from("sdiuxXofFeEgGrac")
)


def logged(*args: object, **fields: object) -> str:
    """Log one record and return its message."""
    with logly.testing.capture() as records:
        logger.info(*args, **fields)
    return records[0]["message"]


def formatted(value: object, spec: str) -> str:
    """Return what a message shows: a spec that does not fit a plain value shows the value as it is."""
    try:
        return format(value, spec)
    except (ValueError, TypeError, OverflowError):
        if type(value) is list:
            return "<unprintable list: TypeError>"
        return str(value)


@given(value=VALUES)
def test_braces_show_the_text_of_a_value(value):
    assert logged("{}", value) == format(value, "")
    assert logged("{a!s}{0}", value, a=value) == str(value) + format(value, "")


@given(value=VALUES, spec=SPECS)
@example(value=2.675, spec=".2f")
@example(value=0.125, spec=".2f")
@example(value=5e-324, spec=".15f")
@example(value=1.7976931348623157e308, spec=".2f")
@example(value=1e307, spec="%")
@example(value=True, spec="5")
def test_specs_show_values_as_format_does(value, spec):
    expected = formatted(value, spec)

    assert logged(f"{{:{spec}}}", value) == expected
    assert logged(f"{{a:{spec}}}|{{0:{spec}}}", value, a=value) == f"{expected if spec else value!s}|{expected}"


@given(conversions=st.lists(st.tuples(CONVERSIONS, VALUES), min_size=1, max_size=3), between=TEXTS)
def test_conversions_show_values_as_percent_does(conversions, between):
    message = between.replace("%", "%%").join(conversion for conversion, _value in conversions)
    values = tuple(value for _conversion, value in conversions)
    try:
        expected = message % values
    except (ValueError, TypeError, OverflowError):
        expected = None

    assert _percent(message, values) in (expected, None)
    if expected is not None and " " not in message and "{" not in message and "}" not in message:
        assert logged(message, *values) == expected


@given(value=PLAIN, kind=st.sampled_from("sdf"))
def test_a_plain_conversion_of_a_value_that_fits_is_native(value, kind):
    try:
        expected = f"a %{kind} b%%" % (value,)
    except (ValueError, TypeError, OverflowError):
        expected = None

    is_native = (
        expected is not None
        and not (type(value) is str and any("\ud800" <= letter <= "\udfff" for letter in value))
        and not (type(value) is int and not -(2**63) <= value < 2**63)
        and not (type(value) is float and (kind == "d" or (kind == "f" and not math.isfinite(value))))
    )
    assert _percent(f"a %{kind} b%%", (value,)) == (expected if is_native else None)


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("%s", {"a": 1}),
        ("%(a)s", ({"a": 1},)),
        ("%s", ()),
        ("%s", (1, 2)),
        ("%s %", (1,)),
        ("%y", (1,)),
        ("%*d", (3, 1)),
        ("%r", ("a",)),
        ("%s", (Text("a"),)),
        ("%s", ("\ud800",)),
        (Text("%s"), (1,)),
        ("\ud800%s", (1,)),
        (b"%s", (1,)),
        ("%s", [1]),
        ("%s", ("x" * 2_000_000,)),
    ],
)
def test_what_python_renders_or_refuses_is_left_to_it(message, arguments):
    assert _percent(message, arguments) is None


@pytest.mark.parametrize(
    ("message", "arguments", "expected"),
    [("", (), ""), ("100%%", (), "100%"), ("%s%s", ("a", 1), "a1"), ("é%-4dü", (7,), "é7   ü"), ("{%s}", (1,), "{1}")],
)
def test_messages_of_plain_values_need_no_python(message, arguments, expected):
    assert _percent(message, arguments) == expected == message % arguments


def test_a_conversion_that_refuses_its_value_leaves_the_message_to_its_braces(records):
    for value in (1, "x", 2):
        logger.info("%d {}", value)

    assert [record["message"] for record in records] == ["1 {}", "%d x", "2 {}"]


def test_messages_of_one_place_each_have_their_own_template(records):
    def wrapper(message, *args, **fields):
        logger.info(message, *args, **fields)

    for _ in range(2):
        wrapper("%s a", 1)
        wrapper("{} b", 2)
        wrapper("{x} {}", 3, x=4)
        wrapper("{x}", x=5)
        wrapper("{} {}", 6)
        wrapper("{} {}", 7, 8)
        wrapper("{}")

    expected = ["1 a", "2 b", "4 3", "5", "6 {}", "7 8", "{}"]
    assert [record["message"] for record in records] == expected * 2


def test_one_message_at_one_place_may_come_with_and_without_arguments(records):
    message = "{} %s {x}"
    calls = [((), {}), ((1,), {}), ((1,), {"x": 2}), ((), {"x": 3}), ((4, 5), {}), ((6,), {"x": 7})]

    for args, fields in calls * 2:
        logger.info(message, *args, **fields)

    expected = ["{} %s {x}", "{} 1 {x}", "1 1 2", "{} %s 3", "4 %s {x}", "6 6 7"]
    assert [record["message"] for record in records] == expected * 2


def test_more_messages_than_are_kept_at_one_place(records):
    messages = [f"{{}} number {number}" for number in range(1000)]

    for message in messages * 2:
        logger.info(message, "x")

    assert [record["message"] for record in records] == [message.replace("{}", "x") for message in messages] * 2


def test_a_field_that_the_message_shows_in_a_form_is_still_a_field(records):
    logger.info("{seconds:.2f} {who:>5} {missing:d}", seconds=1.005, who="ada")

    assert records[0]["message"] == "1.00   ada {missing:d}"
    assert (records[0]["seconds"], records[0]["who"]) == (1.005, "ada")


def test_values_of_bound_fields_and_context_take_a_form(records):
    with logger.contextualize(load=0.25):
        logger.bind(ms=12.345).info("{ms:.1f} {load:.0%}")
        logger.bind(ms=12.345).info("{ms:.1f} {load:.0%} {n:03d}", n=7)

    assert [record["message"] for record in records] == ["{ms:.1f} {load:.0%}", "12.3 25% 007"]


def test_a_message_cut_by_configuration_is_cut_as_before(records):
    logger.configure(max_message_bytes=100)
    text = "x" * 150

    logger.info("{}", text)
    logger.info("{:150}", "y")  # wider than a message may be
    logger.info("%s", text)

    shown = [record["message"] for record in records]
    assert shown == ["x" * 100 + "...<cut 50 bytes>", "{:150}", "x" * 100 + "...<cut 50 bytes>"]

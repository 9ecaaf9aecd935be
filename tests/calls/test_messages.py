"""Messages: templates, `%`, and messages that cannot be rendered."""

from __future__ import annotations

import threading

import pytest
from logly import logger


def logged(text, *args, **kwargs) -> str:
    """Log one record and return its line."""
    logger.info(*args, **kwargs)
    (line,) = text.lines
    return line


@pytest.mark.parametrize("message", ["{", "}", "{}", "{{}}", "{user}", "100%", "%s", "%d %", "{0}", "a\\b", ""])
def test_message_without_arguments_is_verbatim(text, message):
    assert logged(text, message) == message


def test_message_is_verbatim_when_only_bound_fields_are_there(text):
    logger.bind(user="ada").info("{user} {{x}}")

    assert text.lines == ["{user} {{x}} user=ada"]


def test_same_place_is_verbatim_without_and_filled_with_keywords(text):
    for fields in ({"x": 1}, {}, {"x": 2}):
        logger.info("{x} {{y}}", **fields)

    assert text.lines == ["1 {y}", "{x} {{y}}", "2 {y}"]


@pytest.mark.parametrize(
    ("message", "args", "expected"),
    [
        ("%s paid %d", ("ada", 12), "ada paid 12"),
        ("%5.2f|%-4s|%04d", (1.234, "a", 7), " 1.23|a   |0007"),
        ("%r %a", ("é", "é"), "'é' '\\xe9'"),
        ("%*d|%.*f", (5, 42, 2, 1.239), "   42|1.24"),
        ("%x %o %e %c", (255, 8, 1.0, "z"), "ff 10 1.000000e+00 z"),
        ("100%% of %s", ("it",), "100% of it"),
        ("{braces} %s", ("x",), "{braces} x"),
        ("%s", ((1, 2),), "(1, 2)"),
        ("%s", ([1],), "[1]"),
        ("%s", ({"a": 1},), "{'a': 1}"),
    ],
)
def test_conversions_that_fit_are_percent_formatted(text, message, args, expected):
    assert logged(text, message, *args) == expected


@pytest.mark.parametrize(
    ("message", "args", "expected"),
    [
        ("{} and {}", (1, 2), "1 and 2"),
        ("{1} {0}", ("a", "b"), "b a"),
        ("{:>4}|{!r}", (7, "x"), "   7|'x'"),
        ("100% {}", (5,), "100% 5"),
        ("{:{}}|", ("a", 3), "a  |"),
        ("{:{}}|", ("a", "b"), "a|"),
        ("{:>{}} {:{}.{}f} {}", ("a", 3, 2.5, 6, 2, "b"), "  a   2.50 b"),
        ("{0:{1}}|", ("a", 3), "a  |"),
        ("{{}} {}", (1,), "{} 1"),
        ("%s {}", (1, 2), "%s 1 args=[2]"),
        ("50% done {}", ("soon",), "50% done soon"),
        ("50% done, {} left", (7,), "50% done, 7 left"),
        ("cpu 93% free, {} GB", (2.5,), "cpu 93% free, 2.5 GB"),
        ("sent 100% reliably to {}", ("x",), "sent 100% reliably to x"),
    ],
)
def test_positional_arguments_fill_braces_otherwise(text, message, args, expected):
    assert logged(text, message, *args) == expected


@pytest.mark.parametrize(
    ("message", "args"),
    [("%s %s", (1,)), ("%s", (1, 2)), ("%d", ("x",)), ("{5}", (1,)), ("plain", (1, 2)), ("%y", (1,))],
)
def test_conversions_that_do_not_fit_stay_literal(records, message, args):
    logger.info(message, *args)

    assert (records[0]["message"], records[0]["args"]) == (message, list(args))


def test_missing_position_stays_literal_beside_one_that_is_there(text):
    assert logged(text, "{} {}", 1) == "1 {}"


def test_mapping_fills_named_conversions(text):
    assert logged(text, "%(user)s paid %(n)03d", {"user": "ada", "n": 7}) == "ada paid 007"


def test_name_missing_from_the_mapping_stays_literal(text):
    assert logged(text, "%(user)s %(gone)s", {"user": "ada"}) == "ada %(gone)s"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("{user}", "ada"),
        ("{user!r}", "'ada'"),
        ("{user!s:>5}", "  ada"),
        ("{amount:>10.2f}", "     12.50"),
        ("{amount:{width}}", "    12.5"),
        ("{user}{user}", "adaada"),
        ("{{user}}", "{user}"),
    ],
)
def test_keywords_fill_names(records, message, expected):
    logger.info(message, user="ada", amount=12.5, width=8)

    assert records[0]["message"] == expected


def test_percent_and_names_fill_one_message(text):
    assert logged(text, "%s paid {amount}", "ada", amount=12) == "ada paid 12"


def test_missing_name_stays_literal(text):
    assert logged(text, "{user!r:>5} {n}", n=1) == "{user!r:>5} 1"


def test_names_are_looked_up_in_context_bound_and_configured_fields(text):
    logger.configure(extra={"c": 3, "w": 4})
    with logger.contextualize(a=1):
        logger.bind(b=2).info("{a} {b!r} {c} {d:{w}}|", d=5)

    assert text.lines == ["1 2 3    5| w=4"]


@pytest.mark.parametrize(
    "message", ["{user.secret}", "{user[0]}", "{user.__class__}", "{user.__init__.__globals__[D]}"]
)
def test_attribute_and_index_access_stays_literal(text, message):
    class User:
        secret = "hidden"

        def __str__(self):
            return "someone"

    assert logged(text, message, user=User()) == f"{message} user=someone"


@pytest.mark.parametrize("message", ["{", "}", "a { b", "{x!z}", "{x", "{!}", "{:", "{x!r", "{a{b}", "}{"])
def test_lone_braces_stay_literal(text, message):
    assert logged(text, message, field=1) == f"{message} field=1"


@pytest.mark.parametrize(
    ("message", "expected"),
    [(5, "5"), (None, "None"), (b"a", "b'a'"), ([1, "x"], "[1, 'x']"), (1.5, "1.5"), (ValueError("no"), "no")],
)
def test_message_of_any_type_is_its_text(text, message, expected):
    assert logged(text, message) == expected


def test_text_of_a_non_string_message_is_no_template(text):
    class Odd:
        def __str__(self):
            return "{x} %s"

    assert logged(text, Odd(), 1, x=2) == "{x} %s x=2 args=[1]"


def test_message_of_a_string_subclass_is_its_characters(text):
    class Name(str):
        __slots__ = ()

    assert logged(text, Name("hi {x}"), x=1) == "hi 1"


@pytest.mark.parametrize("method", ["__str__", "__repr__", "__format__"])
def test_broken_method_leaves_a_marker(text, method):
    def broken(*_):
        raise ValueError

    kind = type("Broken", (), {method: broken})

    line = logged(text, "a {x} {x!r} {x:>5} b", x=kind())

    assert line.startswith("a ")
    assert line.endswith(" b")
    assert "<unprintable Broken: ValueError>" in line


@pytest.mark.parametrize("method", ["__str__", "__format__"])
def test_method_that_returns_no_string_leaves_a_marker(text, method):
    kind = type("Broken", (), {method: lambda *_: 5})

    assert "<unprintable Broken: TypeError>" in logged(text, "{x} {x:>5}", x=kind())


def test_message_with_broken_str_becomes_a_marker(text):
    class Broken:
        def __str__(self):
            return 5

    assert logged(text, Broken()) == "<unprintable Broken: TypeError>"


def test_positional_argument_with_broken_str_becomes_a_marker(text):
    class Broken:
        def __str__(self):
            raise ValueError

    assert logged(text, "a %s %s", Broken(), 1) == "a <unprintable Broken: ValueError> 1"


@pytest.mark.parametrize(
    ("message", "value", "expected"), [("{x:>5d}|", "text", "text|"), ("{x:.2f} s", None, "None s")]
)
def test_spec_that_does_not_fit_shows_a_plain_value_as_it_is(text, message, value, expected):
    assert logged(text, message, x=value) == expected


def test_value_whose_format_fails_becomes_a_marker(text):
    class Broken:
        def __format__(self, spec):
            raise ValueError

    assert logged(text, "{x:>5}|", x=Broken()) == "<unprintable Broken: ValueError>|"


@pytest.mark.parametrize("message", ["{x:>9999999999}", "{x:>99999999999999999999999}", "{x:.9999999}"])
def test_width_beyond_any_message_stays_literal(text, message):
    assert logged(text, message, x=1.5) == message


@pytest.mark.parametrize(("message", "args"), [("%9999999999d", (1,)), ("%.9999999f", (1.0,)), ("%*d", (10**9, 1))])
def test_conversion_beyond_any_message_stays_literal(records, message, args):
    logger.info(message, *args)

    assert (records[0]["message"], records[0]["args"]) == (message, list(args))


def test_lone_surrogate_in_message_is_escaped(text, json_file):
    logger.info("a\ud800b {x}", x="\udfff")

    assert text.lines == ["a\\ud800b \\udfff"]
    assert json_file.read()[0]["message"] == "a\ud800b \udfff"


def test_nul_and_escape_in_message_are_escaped(text):
    assert logged(text, "a\0b\x1b[31m\r\nc") == r"a\x00b\x1b[31m\r\nc"


def test_long_message_is_cut_with_a_marker(text):
    line = logged(text, "x" * 10_000_000)

    assert line == "x" * 2**20 + f"...<cut {10_000_000 - 2**20} bytes>"


def test_cut_splits_no_character(text):
    logger.configure(max_message_bytes=1024)

    assert logged(text, "€" * 1000).startswith("€" * 341 + "...<cut ")


def test_long_value_in_a_template_is_cut(text):
    logger.configure(max_message_bytes=1024)

    assert logged(text, "{x!s:>5} {x}", x="y" * 5000).count("...<cut 3976 bytes>") == 2


def test_message_with_ten_thousand_placeholders_is_filled(text):
    names = [f"k{number}" for number in range(10_000)]

    line = logged(text, " ".join(f"{{{name}!r}}" for name in names), **dict.fromkeys(names, 1))

    assert line == " ".join("1" * 10_000)


def test_template_may_change_at_one_place(text):
    for message in ("a {x}", "b {x}", "{y} c {x:>2}"):
        logger.info(message, x=1, y=2)

    assert text.lines == ["a 1 y=2", "b 1 y=2", "2 c  1"]


def test_value_of_a_huge_number_is_rendered_on_any_thread(text):
    thread = threading.Thread(target=lambda: logger.info("{x} {y}", x=10**400, y=10**5000))
    thread.start()
    thread.join()

    (line,) = text.lines
    assert line.startswith("1" + "0" * 400 + " 0x")

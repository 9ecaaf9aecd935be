"""Template strings (`t"..."`) as messages: fields by their expressions, conversions and specs, and one template."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import logly
import pytest
from logly import logger

pytestmark = pytest.mark.skipif(sys.version_info < (3, 14), reason="template strings begin with Python 3.14")


def t(source, **names):
    """Return `t"..."`, which older versions cannot read in this file."""
    return eval(f"t{source!r}", names)


@pytest.fixture
def callback():
    """Give the records that a callback gets."""
    got = []
    logger.add_callback(got.append)
    return got


@pytest.mark.parametrize(
    ("source", "names", "line"),
    [
        ("paid {amount} EUR", {"amount": 12}, "paid 12 EUR"),
        ("paid {amount:.2f}", {"amount": 12}, "paid 12.00"),
        ("{a!r} {a!s} {a!a}", {"a": "é"}, "'é' é '\\xe9'"),
        ("{a!r:>6}|", {"a": "x"}, "   'x'|"),
        ("{ a }", {"a": 1}, "1"),
        ("{a=}", {"a": "x"}, "a='x'"),
        ("{a = :>3}", {"a": 1}, "a =   1"),
        ("{a:{width}}|", {"a": "x", "width": 3}, "x  |"),
        ("{a:{spec}}", {"a": 1, "spec": "{a}"}, "1"),
        ("{{a}} 100% {a} %s", {"a": 1}, "{a} 100% 1 %s"),
        ("{a.b} {c['d']}", {"a": SimpleNamespace(b=1), "c": {"d": 2}}, "1 2"),
        ("{a + b}", {"a": 1, "b": 2}, "3"),
        ("{a}{a}", {"a": 1}, "11"),
        ("{a:.2f}", {"a": None}, "None"),
        ("nothing", {}, "nothing"),
        ("", {}, ""),
    ],
)
def test_message_is_that_of_the_f_string(text, source, names, line):
    logger.info(t(source, **names))

    assert text.lines == [line]


def test_values_are_fields_named_by_their_expressions(json_file, callback):
    user = SimpleNamespace(id=7)

    logger.info(t("{user.id} paid {amount:.2f} {'x' + 'y'}", user=user, amount=12.5))
    logger.complete()

    fields = {"user.id": 7, "amount": 12.5, "'x' + 'y'": "xy"}
    assert json_file.fields() == fields
    assert callback[0]["extra"] == fields
    assert callback[0]["message"] == "7 paid 12.50 xy"


def test_keywords_are_fields_beside_them(text, json_file):
    logger.bind(bound=1).info(t("{a}", a=1), b=2)

    assert text.lines == ["1 bound=1 b=2"]
    assert list(json_file.fields()) == ["bound", "a", "b"]


def test_field_wins_over_the_bound_and_the_contextual_one(text, json_file):
    with logger.contextualize(a="context"):
        logger.bind(a="bound").info(t("{a}", a="own"))

    assert text.lines == ["own"]
    assert json_file.fields() == {"a": "own"}


def test_names_that_are_no_interpolations_are_never_looked_up(text):
    logger.bind(a=1).info(t("{{a}} {b}", b="{a}"), c=1)

    assert text.lines == ["{a} {a} a=1 c=1"]


def test_message_shows_its_own_value_beside_a_keyword_of_that_name(text, json_file):
    logger.info(t("{a}", a="own"), a="keyword")

    assert text.lines == ["own a=keyword"]
    assert json_file.fields() == {"a_2": "own", "a": "keyword"}


def test_same_value_as_a_keyword_is_one_field(json_file):
    value = [1]

    logger.info(t("{a} {a!r}", a=value), a=value)

    assert json_file.fields() == {"a": [1]}


def test_expression_with_two_values_is_two_fields(text, json_file):
    logger.info(t("{next(n)} {next(n)}", n=iter("ab")))

    assert text.lines == ["a b"]
    assert json_file.fields() == {"next(n)": "a", "next(n)_2": "b"}


def test_expression_exc_info_attaches_no_exception(json_file):
    logger.info(t("{exc_info}", exc_info=True))

    (record,) = json_file.read()
    assert record["fields"] == {"exc_info_2": True}
    assert "exception" not in record


def test_keyword_exc_info_attaches_an_exception(json_file):
    logger.info(t("{a}", a=1), exc_info=ValueError("x"))

    (record,) = json_file.read()
    assert record["exception"]["message"] == "x"
    assert record["fields"] == {"a": 1}


def test_positional_arguments_are_kept(text):
    logger.info(t("{a} %s {{}}", a=1), 2)

    assert text.lines == ["1 %s {} args=[2]"]


def test_templates_within_templates_are_parts_of_the_message(text, json_file):
    inner = t("<{name!r}>", name="ada")

    logger.info(t("{a}{inner}{inner}", a=1, inner=inner))

    assert text.lines == ["1<'ada'><'ada'>"]
    assert json_file.fields() == {"a": 1, "name": "ada"}


def test_template_with_a_conversion_is_a_value(text):
    logger.info(t("{inner!s}", inner=t("x")))

    assert text.lines == ["Template(strings=('x',), interpolations=())"]


def test_templates_nested_without_end_are_shown_as_values(text):
    template = t("x")
    for _ in range(100):
        template = t("{inner}", inner=template)

    logger.info(template)

    assert text.lines[0].startswith("Template(")


def test_template_made_without_expressions_has_fields(text, json_file):
    from string.templatelib import Interpolation, Template

    logger.info(Template("a ", Interpolation(1), Interpolation(2), " b ", Interpolation(3, "  ")))

    assert text.lines == ["a 12 b 3"]
    assert json_file.fields() == {"value": 1, "value_2": 2, "value_3": 3}


def test_expression_of_a_class_of_the_program_runs_no_code_of_it(text, json_file):
    from string.templatelib import Interpolation, Template

    class Odd(str):
        __slots__ = ()

        def strip(self, *_):
            raise ValueError

        __add__ = __eq__ = __hash__ = strip

    logger.info(Template(Interpolation(1, Odd(" a ")), "-", Interpolation(2, Odd("a"))))
    logger.complete()

    assert text.lines == ["1-2"]
    assert json_file.fields() == {"a": 1, "a_2": 2}


def test_long_texts_are_cut():
    from string.templatelib import Template

    logger.configure(max_message_bytes=1000, console=False)
    lines = []
    logger.add(lines.append, format="{message}")

    logger.info(Template("x" * 5000))

    assert lines == ["x" * 1000 + "...<cut 4000 bytes>\n"]


def test_value_that_raises_is_a_marker(text, capsys):
    class Broken:
        def __format__(self, spec):
            raise ValueError(spec)

    logger.info(t("{a:%Y} {b}", a=Broken(), b=1))

    assert text.lines == ["<unprintable Broken: ValueError> 1"]
    assert "ValueError" in capsys.readouterr().err


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_interrupt_of_a_value_passes_on_after_the_record_was_taken(text, error):
    class Interrupting:
        def __str__(self):
            raise error

    with pytest.raises(error):
        logger.info(t("{a} b", a=Interrupting()))

    assert len(text.lines) == 1


def test_values_are_taken_now(text):
    value = [1]

    logger.info(t("{a} {a!r:>5}", a=value))
    value.append(2)

    assert text.lines == ["[1]   [1]"]


def test_value_is_converted_only_for_records_that_are_wanted(no_console):
    converted = []

    class Value:
        def __str__(self):
            converted.append(1)
            return "value"

    logger.add(lambda line: None, level="INFO")
    logger.debug(t("{a}", a=Value()))
    before = converted[:]
    logger.info(t("{a}", a=Value()))

    assert (before, converted) == ([], [1])


def test_lazy_values_are_computed_once(text):
    calls = []

    logger.info(t("{a} {a!r}", a=logly.lazy(lambda: calls.append(1) or "x")))
    logger.opt(lazy=True).info(t("{a}", a=lambda: calls.append(2) or "y"))

    assert text.lines == ["x 'x'", "y"]
    assert calls == [1, 2]


def test_options_of_calls(no_console, json_file):
    lines = []
    logger.add(lines.append, format="{message}{fields}", color=True)

    logger.opt(colors=True).info(t("<red>{a}</red>", a="<b>"))
    logger.opt(record=True).info(t("{{record}} {a}", a="{record}"))
    logger.opt(capture=False).info(t("{a}", a=1))
    logger.opt(raw=True).info(t("{a}\n", a=1))

    assert lines == ["\x1b[31m<b>\x1b[0m\n", "{record} {record}\n", "1\n", "1\n"]
    assert [record["fields"] for record in json_file.read()] == [{"a": "<b>"}, {"a": "{record}"}, {}, {"a": 1}]


def test_patchers_and_filters_see_message_and_fields(text):
    seen = []

    def patch(record):
        seen.append((record["message"], dict(record["extra"])))
        record["extra"]["b"] = 2

    logger.patch(patch).info(t("{a}", a=1))

    assert seen == [("1", {"a": 1})]
    assert text.lines == ["1 b=2"]


@pytest.mark.parametrize("keys", [["default"], ["password"], ["pass*"]])
@pytest.mark.parametrize("source", ["{password}", "{password!r}", "{user.password}", "{row['password']:>20}"])
def test_secrets_are_masked_in_message_and_fields(no_console, keys, source):
    lines = []
    logger.add(lines.append, json=True, redact={"keys": keys})
    logger.add(lines.append, format="{message}{fields}", redact={"keys": keys})
    names = {"password": "hunter2", "user": SimpleNamespace(password="hunter2"), "row": {"password": "hunter2"}}

    logger.info(t(f"x {source} y", **names))

    assert len(lines) == 2
    assert "hunter2" not in "".join(lines)
    assert json.loads(lines[0])["message"].startswith("x ")


def test_level_method_and_log_take_them(text):
    logger.log("WARNING", t("{a}", a=1))
    logger.exception(t("{a}", a=2))

    assert text.lines == ["1", "2"]


def test_other_objects_of_that_name_are_ordinary_messages(text):
    class Template:
        strings = ("x",)

        def __str__(self):
            return "mine"

    logger.info(Template())

    assert text.lines == ["mine"]


def test_place_that_logs_both_kinds_of_messages(text):
    for message in ("{a}", t("{a}", a=1), "{a}", t("{b} {{a}}", b=2)):
        logger.info(message, a=3)

    assert text.lines == ["3", "1 a=3", "3", "2 {a} a=3"]


def test_disabled_modules_and_limits_hold(text):
    logger.disable(__name__)
    logger.info(t("{a}", a=1))
    logger.enable(__name__)
    for number in range(3):
        logger.once().info(t("{number}", number=number))

    assert text.lines == ["0"]

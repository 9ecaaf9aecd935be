"""Fields: their sources, their order and their precedence."""

from __future__ import annotations

import pytest
from logly import logger


def test_every_keyword_is_a_field_in_call_order(json_file):
    logger.info("m", b=1, a=2, c=3)

    assert list(json_file.fields().items()) == [("b", 1), ("a", 2), ("c", 3)]


def test_text_shows_what_the_template_did_not_use(text):
    logger.info("paid {amount}", amount=12, user="ada")

    assert text.lines == ["paid 12 user=ada"]


def test_json_and_records_have_used_fields_too(json_file):
    logger.info("paid {amount}", amount=12)

    assert json_file.fields() == {"amount": 12}


def test_order_of_names_may_change_at_one_place(json_file):
    for fields in ({"a": 1, "b": 2}, {"b": 3, "a": 4}, {"c": 5}):
        logger.info("m", **fields)

    assert [list(line["fields"].items()) for line in json_file.read()] == [
        [("a", 1), ("b", 2)],
        [("b", 3), ("a", 4)],
        [("c", 5)],
    ]


def test_call_wins_over_context_bound_and_configured(json_file):
    logger.configure(extra={"a": "extra", "b": "extra", "c": "extra", "d": "extra"})
    bound = logger.bind(a="bound", b="bound", c="bound")

    with logger.contextualize(a="context", b="context"):
        bound.info("m", a="call")

    assert json_file.fields() == {"a": "call", "b": "context", "c": "bound", "d": "extra"}


def test_precedence_is_the_same_in_text_and_records(text, records):
    with logger.contextualize(a="context"):
        logger.bind(a="bound", b="bound").info("{a} {b}", b="call")

    assert (records[0]["message"], records[0]["extra"]) == ("context call", {"a": "context", "b": "call"})


@pytest.mark.parametrize("value", ["a b", 'a"b', "a=b", "a\tb", "a\x1b", ""])
def test_text_quotes_what_needs_it(text, value):
    logger.info("m", field=value)

    assert text.lines[0].startswith('m field="')
    assert text.lines[0].endswith('"')


@pytest.mark.parametrize("value", ["ab", "a-b", "é", "C:\\x", "{x}", "a|b"])
def test_text_leaves_other_values_bare(text, value):
    logger.info("m", field=value)

    assert text.lines == [f"m field={value}"]


def test_quotes_within_quotes_are_escaped(text):
    logger.info("m", field='say "hi" \\')

    assert text.lines == [r'm field="say \"hi\" \\"']


NAMES = [
    "level",
    "message",
    "timestamp",
    "name",
    "msg",
    "self",
    "extra",
    "fields",
    "exception",
    "time",
    "args",
    "format",
]


@pytest.mark.parametrize("name", NAMES)
def test_field_named_like_a_record_key_is_an_ordinary_field(json_file, name):
    logger.info(f"m {{{name}}}", **{name: "forged"})

    record = json_file.read()[0]
    assert (record["level"], record["message"], record["fields"]) == ("INFO", "m forged", {name: "forged"})


@pytest.mark.parametrize("name", ["level", "message", "timestamp", "filename", "lineno", "function", "module", "extra"])
def test_record_keys_win_over_fields(records, name):
    logger.info("m")
    logger.info("m", **{name: "forged"})

    assert records[1][name] != "forged"
    assert records[1]["extra"] == {name: "forged"}


@pytest.mark.parametrize("name", NAMES)
def test_any_name_may_be_bound_and_contextualized(records, name):
    with logger.contextualize(**{name: "context"}):
        logger.bind(**{name: "bound"}).info("m")

    assert records[0]["extra"] == {name: "context"}


@pytest.mark.parametrize("name", ["", "a b", "é", "a\nb", "{", "\ud800", "x" * 5000])
def test_any_text_may_be_a_name(text, json_file, name):
    logger.info("m", **{name: 1})

    assert len(text.lines) == 1
    assert json_file.fields() == {name: 1}


def test_ten_thousand_fields_are_all_there(text, json_file):
    fields = {f"k{number}": number for number in range(10_000)}

    logger.info("m", **fields)

    assert json_file.fields() == fields
    assert text.lines[0].count("=") == 10_000


def test_later_mutation_changes_nothing(text, json_file, tmp_path):
    values = [1, {"inner": [2]}]

    logger.info("{values}", values=values)
    values[1]["inner"].append(3)
    values.append(4)

    assert text.lines == ["[1, {'inner': [2]}]"]
    assert json_file.fields() == {"values": [1, {"inner": [2]}]}


def test_later_mutation_changes_no_captured_record(records):
    values = {"list": [1, (2, [3])], "set": {4}}

    logger.info("m", values=values)
    values["list"][1][1].append(0)
    values["set"].add(0)
    values["new"] = 0

    assert records[0]["values"] == {"list": [1, (2, [3])], "set": {4}}


def test_captured_fields_keep_their_types(records):
    fields = {"s": "a", "i": 1, "f": 1.5, "b": True, "n": None, "y": b"x", "t": (1,), "e": {2}}

    logger.info("m", **fields)

    assert records[0]["extra"] == fields
    assert [type(value) for value in records[0]["extra"].values()] == [type(value) for value in fields.values()]


def test_captured_cycles_stay_cycles(records):
    cycle = [1]
    cycle += [cycle, cycle]

    logger.info("m", cycle=cycle)

    copy = records[0]["cycle"]
    assert copy is not cycle
    assert copy[1] is copy
    assert copy[2] is copy


def test_containers_shared_many_times_are_captured_once(records):
    shared = []
    for _ in range(10):
        shared = [shared, shared]

    logger.info("m", shared=shared)

    assert records[0]["shared"][0] is records[0]["shared"][1]


def test_bound_values_are_taken_when_bound(records, json_file):
    values = [1]
    bound = logger.bind(values=values)
    values.append(2)

    bound.info("{values} {values!r}", x=1)

    assert (records[0]["message"], records[0]["values"]) == ("[1] [1]", [1])


def test_context_values_are_taken_on_entering(records):
    values = [1]

    with logger.contextualize(values=values):
        values.append(2)
        logger.info("{values!s}", x=1)

    assert (records[0]["message"], records[0]["values"]) == ("[1]", [1])


def test_configured_values_are_taken_at_once(records):
    values = [1]
    logger.configure(extra={"values": values})
    values.append(2)

    logger.info("{values!s}", x=1)

    assert (records[0]["message"], records[0]["values"]) == ("[1]", [1])

"""Values as text: the same text as in Python, cut at the limit, for any content."""

from __future__ import annotations

import array
import collections
import dataclasses
import types
import typing

import pytest
from hypothesis import given, settings, strategies as st
from logly import logger


class Pair(typing.NamedTuple):
    left: object
    right: object


@dataclasses.dataclass
class Node:
    left: object
    right: object
    hidden: int = dataclasses.field(default=1, repr=False)


@dataclasses.dataclass(repr=False)
class Unshown:
    a: int


class Row(list):
    pass


class Table(dict):
    def __repr__(self):
        return "a table"


class Tags(set):
    pass


class Shown(tuple):
    __slots__ = ()

    def __str__(self):
        return "shown"


class Own:
    def __repr__(self):
        return "own\n'é'"


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(exclude_categories=())),
    st.sampled_from(["it's", 'say "x"', "both '\"", "back\\slash", "a\nb", "é", "\x7f", "\u200b", "日本", ""]),
    st.binary(max_size=20).flatmap(lambda data: st.sampled_from([data, bytearray(data)])),
    st.builds(complex),
    st.sampled_from([int, Own(), ..., range(3), ValueError("x"), KeyError(), OSError(2, "no"), TimeoutError()]),
)


def containers(inner):
    return st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.lists(inner, max_size=4).map(Row),
        st.lists(inner, max_size=4).map(collections.deque),
        st.lists(inner, max_size=4).map(lambda items: collections.deque(items, maxlen=3)),
        st.lists(inner, max_size=3).map(lambda items: ValueError(*items)),
        st.dictionaries(st.one_of(st.text(), st.integers(), st.tuples(st.integers())), inner, max_size=4),
        st.dictionaries(st.text(), inner, max_size=3).map(collections.OrderedDict),
        st.dictionaries(st.text(), inner, max_size=3).map(lambda items: collections.defaultdict(list, items)),
        st.dictionaries(st.text(), inner, max_size=3).map(lambda items: items.items()),
        st.dictionaries(st.text(), inner, max_size=3).map(lambda items: items.values()),
        st.dictionaries(st.text(), inner, max_size=3).map(lambda items: items.keys()),
        st.dictionaries(st.text(), inner, max_size=3).map(Table),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3).map(lambda items: types.SimpleNamespace(**items)),
        st.sets(st.one_of(st.integers(), st.text())),
        st.sets(st.integers()).map(Tags),
        st.frozensets(st.frozensets(st.integers(), max_size=2), max_size=3),
        st.builds(Pair, inner, inner),
        st.builds(Node, inner, inner),
        st.lists(inner, max_size=2).map(Shown),
        st.builds(Unshown, st.integers()).map(lambda _: (1,)),
    )


@settings(deadline=None)
@given(st.recursive(LEAVES, containers, max_leaves=20))
def test_text_of_a_value_is_pythons(value):
    lines = []
    logger.remove_all()
    logger.add(lines.append, format="{message}", multiline="raw")

    logger.info("{value}", value=[value])
    logger.info("%r", value)
    logger.info("{!r}|{!s}", value, value)

    assert lines == [
        escaped(f"{[value]}\n"),
        escaped(f"{value!r}\n"),
        escaped(f"{value!r}|{said(value)}\n"),
    ]


def said(value):
    """Return the result of `str()`, or the `repr` of an exception whose text is empty."""
    return str(value) or (repr(value) if isinstance(value, Exception) else "")


def escaped(text):
    """Return a line as a text sink writes it: lone surrogates cannot be encoded, and are escaped."""
    return text.encode("utf-8", "backslashreplace").decode()


def cycles():
    items = [1]
    items.append(items)
    table = {}
    table["a"] = table
    through = ([],)
    through[0].append(through)
    queue = collections.deque([1])
    queue.append(queue)
    space = types.SimpleNamespace()
    space.a = space
    node = Node(1, 2)
    node.left = node
    default = collections.defaultdict(list)
    default["a"] = default
    ordered = collections.OrderedDict()
    ordered["a"] = ordered
    back = []
    back.append(Back(back))
    error = ValueError([])
    error.args[0].append(error.args)
    return [items, table, through, queue, space, node, default, ordered, back, error]


class Back:
    """Its `repr` shows the container around it."""

    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return f"Back({self.value!r})"


@pytest.mark.parametrize("value", cycles(), ids=lambda value: type(value).__name__)
def test_cycle_is_written_as_python_does(text, value):
    logger.info("{value}", value=value)

    assert text.lines == [str(value)]


def test_text_is_not_made_for_sinks_that_want_json(json_file):
    asked = []

    class Asked:
        def __str__(self):
            asked.append("str")
            return "asked"

    logger.info("m", value=[Asked()])

    assert json_file.fields()["value"] == ["asked"]
    assert asked == ["str"]


@pytest.mark.parametrize("call", ["field", "argument", "percent"])
def test_text_of_an_array_of_numbers_is_cut_at_the_limit(text, call):
    value = array.array("d", [0.5]) * 3_000_000

    if call == "field":
        logger.info("m", value=value)
    else:
        logger.info("{}" if call == "argument" else "%s", value)

    assert "array('d', [0.5, 0.5, " in text.lines[0]
    assert len(text.lines[0]) < 1_100_000


def test_failing_item_costs_itself_alone_in_text(text):
    class Broken:
        def __repr__(self):
            raise ValueError

    logger.info("{value}", value=[1, Broken(), {"a": Broken()}])

    assert text.lines == ["[1, <unprintable Broken: ValueError>, {'a': <unprintable Broken: ValueError>}]"]


def test_text_of_a_long_list_is_cut_at_the_limit(text):
    logger.configure(max_message_bytes=1000)

    logger.info("{value}", value=list(range(1_000_000)))

    assert text.lines == [str(list(range(1000)))[:1000] + "...<cut>"]


def test_text_nested_beyond_python_recursion_is_written(text):
    value = "core"
    for _ in range(100_000):
        value = [value]

    logger.info("{value}", value=value)

    assert text.lines == ["[" * 500 + "<list nested too deep>" + "]" * 500]

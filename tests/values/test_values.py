"""Values: every kind in text and in JSON, and values that cannot be rendered."""

from __future__ import annotations

import array
import collections
import dataclasses
import datetime
import decimal
import enum
import io
import json
import pathlib
import threading
import types
import typing
import uuid

import pytest
from logly import logger

from tests.support import child


class Color(enum.Enum):
    RED = "red"


class Size(enum.IntEnum):
    BIG = 3


class Point(typing.NamedTuple):
    x: int
    y: int


@dataclasses.dataclass
class User:
    name: str
    tags: list[str]
    kind: typing.ClassVar[str] = "user"


class Text(str):
    __slots__ = ()


class Number(int):
    pass


class Real(float):
    pass


class Table(dict):
    pass


class Row(list):
    pass


ZONE = datetime.timezone(datetime.timedelta(hours=2))
KINDS = [
    ("text", "text", "text"),
    (7, "7", 7),
    (-(2**63), str(-(2**63)), -(2**63)),
    (2**64, str(2**64), 2**64),
    (10**400, str(10**400), 10**400),
    (1.5, "1.5", 1.5),
    (1e300, "1e+300", 1e300),
    (-0.0, "-0.0", -0.0),
    (True, "True", True),
    (None, "None", None),
    (float("nan"), "nan", None),
    (float("-inf"), "-inf", None),
    (b"a\xff", r"b'a\xff'", "a\\xff"),
    (bytearray(b"ab"), "bytearray(b'ab')", "ab"),
    (
        datetime.datetime(2025, 1, 15, 10, 30, 45, 5, ZONE),
        "2025-01-15 10:30:45.000005+02:00",
        "2025-01-15T10:30:45.000005+02:00",
    ),
    (datetime.date(2025, 1, 15), "2025-01-15", "2025-01-15"),
    (datetime.time(10, 30), "10:30:00", "10:30:00"),
    (datetime.timedelta(minutes=1, milliseconds=500), "0:01:00.500000", 60.5),
    (decimal.Decimal("1.10"), "1.10", "1.10"),
    (uuid.UUID(int=1), str(uuid.UUID(int=1)), str(uuid.UUID(int=1))),
    (pathlib.PurePosixPath("/a/b"), "/a/b", "/a/b"),
    (Color.RED, "Color.RED", "red"),
    (Size.BIG, str(Size.BIG), 3),
    (Point(1, 2), "Point(x=1, y=2)", [1, 2]),
    (User("ada", ["x"]), "User(name='ada', tags=['x'])", {"name": "ada", "tags": ["x"]}),
    ((1, "a"), "(1, 'a')", [1, "a"]),
    ([1, [2.5, None]], "[1, [2.5, None]]", [1, [2.5, None]]),
    ({"a": {"b": 1}}, "{'a': {'b': 1}}", {"a": {"b": 1}}),
    ({1}, "{1}", [1]),
    (frozenset({"a"}), "frozenset({'a'})", ["a"]),
    ({1: 2}.keys(), "dict_keys([1])", [1]),
    (range(3), "range(0, 3)", "range(0, 3)"),
    ({1: 2}.values(), "dict_values([2])", [2]),
    ({1: 2}.items(), "dict_items([(1, 2)])", [[1, 2]]),
    (collections.OrderedDict(a=1).values(), "odict_values([1])", [1]),
    (collections.UserDict(a=1).values(), str(collections.UserDict(a=1).values()), [1]),
    (collections.deque([1, 2]), "deque([1, 2])", [1, 2]),
    (collections.OrderedDict(b=1), str(collections.OrderedDict(b=1)), {"b": 1}),
    (types.MappingProxyType({"a": 1}), "{'a': 1}", {"a": 1}),
    (collections.UserDict({"a": 1}), "{'a': 1}", {"a": 1}),
    (collections.UserString("abc"), "abc", "abc"),
    (Text("sub"), "sub", "sub"),
    (Number(5), "5", 5),
    (Real(2.5), "2.5", 2.5),
    (Table(a=1), "{'a': 1}", {"a": 1}),
    (Row([1]), "[1]", [1]),
    (1 + 2j, "(1+2j)", "(1+2j)"),
    (int, "<class 'int'>", "<class 'int'>"),
]


@pytest.mark.parametrize(("value", "expected"), [(value, text) for value, text, _ in KINDS])
def test_text_form_is_str(text, value, expected):
    logger.info("{value}", value=value)

    assert text.lines == [expected]


@pytest.mark.parametrize(("value", "expected"), [(value, form) for value, _, form in KINDS])
def test_json_form_keeps_the_type(json_file, value, expected):
    logger.info("m", value=value, nested=[value])

    fields = json_file.fields()
    assert fields == {"value": expected, "nested": [expected]}
    assert type(fields["value"]) is type(expected)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("a", "a"),
        (1, "1"),
        (True, "true"),
        (None, "null"),
        (1.5, "1.5"),
        (float("nan"), "NaN"),
        (Size.BIG, "3"),
        (10**30, str(10**30)),
    ],
)
def test_mapping_keys_are_those_of_json_dumps(json_file, key, expected):
    logger.info("m", value={key: 0})

    assert json_file.fields()["value"] == {expected: 0} == json.loads(json.dumps({key: 0}))


@pytest.mark.parametrize(("key", "expected"), [((1, 2), "(1, 2)"), (b"a", "b'a'"), (Color.RED, "Color.RED")])
def test_other_mapping_keys_are_text(json_file, key, expected):
    logger.info("m", value={key: 0})

    assert json_file.fields()["value"] == {expected: 0}


def test_mapping_key_whose_text_begins_with_a_quote_is_escaped(json_file):
    class Key:
        def __str__(self):
            return '"}'

    logger.info("m", value={Key(): 0})

    assert json_file.fields()["value"] == {'"}': 0}


def test_order_of_an_ordered_dict_is_kept(json_file):
    value = collections.OrderedDict(a=1, b=2)
    value.move_to_end("a")

    logger.info("m", value=value)

    assert list(json_file.fields()["value"]) == ["b", "a"]


def test_numpy_scalars_are_numbers(json_file, text):
    numpy = pytest.importorskip("numpy")

    logger.info(
        "{f}", i=numpy.int64(5), f=numpy.float32(0.5), b=numpy.bool_(True), s=numpy.str_("x"), l=numpy.longdouble(1.5)
    )

    assert json_file.fields() == {"i": 5, "f": 0.5, "b": True, "s": "x", "l": 1.5}
    assert text.lines[0].startswith("0.5 i=5")


def test_numpy_array_is_text(json_file):
    numpy = pytest.importorskip("numpy")

    logger.info("m", value=numpy.array([1, 2]))

    assert json_file.fields() == {"value": "[1 2]"}


def test_array_is_a_sequence(json_file):
    logger.info("m", value=array.array("i", [1, 2]))

    assert json_file.fields()["value"] in ([1, 2], "array('i', [1, 2])")


@pytest.mark.parametrize("value", [threading.Lock(), (n for n in range(3)), io.BytesIO(b"x"), object(), lambda: 0])
def test_any_other_object_is_its_str(text, json_file, value):
    logger.info("{value}", value=value)

    assert (text.lines, json_file.fields()) == ([str(value)], {"value": str(value)})


def test_generator_is_not_consumed(json_file):
    generator = (number for number in range(3))

    logger.info("m {g} %s", generator, g=generator)

    assert list(generator) == [0, 1, 2]


def test_cycle_ends_with_a_marker(text, json_file):
    value = {"a": [1]}
    value["a"].append(value)

    logger.info("{value}", value=value)

    assert text.lines == ["{'a': [1, {...}]}"]
    assert json_file.fields() == {"value": {"a": [1, "<cycle>"]}}


def test_same_object_twice_is_no_cycle(json_file):
    shared = [1]

    logger.info("m", value=[shared, shared, {"a": shared}])

    assert json_file.fields()["value"] == [[1], [1], {"a": [1]}]


def nested(depth, wrap):
    """Return a value nested *depth* containers deep."""
    value = "core"
    for _ in range(depth):
        value = wrap(value)
    return value


@pytest.mark.parametrize("wrap", [lambda inner: [inner], lambda inner: {"a": inner}, lambda inner: (inner,)])
@pytest.mark.parametrize("depth", [100, 1000, 100_000])
def test_deep_nesting_keeps_the_record(json_file, wrap, depth):
    value = nested(depth, wrap)

    logger.info("message", value=value)

    assert logger.complete(timeout=30)
    line = json_file.path.read_text()
    assert '"message": "message"' in line
    assert line.count("[") + line.count("{") == 2 + min(depth, 500)
    assert json.loads(line)["message"] == "message"


def test_deep_nesting_on_a_small_stack_keeps_the_record(json_file):
    value = nested(900, lambda inner: [inner])
    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=logger.info, args=("message",), kwargs={"value": value})
        thread.start()
    finally:
        threading.stack_size(before)

    thread.join()

    assert logger.complete(timeout=30)
    assert json_file.path.read_text().count("[") == 500


def test_number_beyond_the_digits_python_converts_is_hexadecimal(text, json_file):
    logger.info("m", value=10**5000, nested={"a": 10**5000})

    assert text.lines[0].startswith("m value=0x")
    assert json_file.fields()["value"] == json_file.fields()["nested"]["a"] == hex(10**5000)


def test_long_text_is_cut_with_a_marker(text, json_file):
    logger.info("m", value="x" * 10_000_000)

    cut = "x" * 2**20 + f"...<cut {10_000_000 - 2**20} bytes>"
    assert json_file.fields() == {"value": cut}
    assert text.lines == [f'm value="{cut}"']


def test_long_bytes_are_cut_before_they_are_read(text, json_file):
    logger.configure(max_message_bytes=1000)

    logger.info("{value}", value=b"x" * 1500, nested=[bytearray(b"\xff" * 1500)])

    fields = json_file.fields()
    assert fields["value"] == "x" * 1000 + "...<cut 500 bytes>"
    assert fields["nested"] == ["\\xff" * 250 + "...<cut 500 bytes>"]
    assert text.lines[0].startswith("b'" + "x" * 998 + "...<cut> nested=")


def test_long_container_is_cut_and_stays_json(json_file):
    logger.configure(max_message_bytes=1024)

    logger.info("m", numbers=list(range(10_000)), table={n: n for n in range(10_000)})

    fields = json_file.fields()
    assert fields["numbers"][-1] == "<cut>"
    assert fields["table"]["<cut>"] is True


def test_range_without_end_is_its_text(json_file, text):
    logger.info("m", value=range(10**12), nested=[range(10**12)])

    assert json_file.fields() == {"value": "range(0, 1000000000000)", "nested": ["range(0, 1000000000000)"]}
    assert text.lines == ['m value="range(0, 1000000000000)" nested="[range(0, 1000000000000)]"']


def test_sequence_of_lazy_items_is_cut(json_file):
    class Rows(collections.abc.Sequence):
        asked = 0

        def __len__(self):
            return 10**12

        def __getitem__(self, index):
            Rows.asked += 1
            return index

    logger.info("m", value=Rows())

    assert json_file.fields()["value"][-1] == "<cut>"
    assert Rows.asked <= 10_002


def test_long_deque_is_cut_at_the_limit_of_bytes_alone(json_file):
    logger.info("m", value=collections.deque(range(20_000)), keys=dict.fromkeys(range(20_000)).keys())

    fields = json_file.fields()
    assert fields["value"] == fields["keys"] == list(range(20_000))


def test_mapping_without_end_is_cut(json_file):
    class Endless(collections.abc.Mapping):
        __getitem__ = __len__ = lambda *_: 1

        def __iter__(self):
            return iter(int, 1)

        def __str__(self):
            return "endless"

    logger.info("m", value=Endless())

    assert json_file.fields()["value"]["<cut>"] is True


def test_dict_changed_by_its_own_values_is_recorded(json_file):
    table = {}

    class Growing:
        def __str__(self):
            table[len(table)] = "more"
            return "grown"

    table["first"] = Growing()
    table["second"] = 2

    logger.info("m", value=table)

    assert json_file.fields()["value"]["second"] == 2


def test_broken_value_within_a_container_becomes_a_marker(json_file):
    class Broken:
        def __str__(self):
            raise ValueError

        __repr__ = __str__

    logger.info("m", value={"a": [1, Broken(), 2]})

    assert json_file.fields()["value"] == {"a": [1, "<unprintable Broken: ValueError>", 2]}


def test_sequence_that_fails_midway_keeps_what_came_before(json_file):
    class Failing(collections.abc.Sequence):
        def __len__(self):
            return 3

        def __getitem__(self, index):
            return [10, 20][index] if index < 2 else 1 / 0

    logger.info("m", value=Failing())

    assert json_file.fields()["value"] == [10, 20, "<unprintable rest>"]


@pytest.mark.parametrize("base", [list, dict, tuple, set])
def test_container_with_broken_iteration_keeps_the_record(json_file, base):
    def broken(_):
        raise ValueError

    kind = type("Broken", (base,), {"__iter__": broken, "items": broken})

    logger.info("m", value=kind())

    assert json_file.fields() == {"value": "<unprintable Broken: ValueError>"}


def test_dataclass_with_a_missing_attribute_loses_that_alone(json_file, text):
    user = User("ada", [])
    del user.name

    logger.info("{value}", value=user, n=1)

    marker = "<unprintable User: AttributeError>"
    assert json_file.fields() == {"value": {"name": marker, "tags": []}, "n": 1}
    assert text.lines == [f"User(name={marker}, tags=[]) n=1"]


def test_class_that_lies_about_its_class_keeps_the_record(json_file):
    class Liar:
        @property
        def __class__(self):
            raise ValueError

    logger.info("m", value=Liar(), n=1)

    assert json_file.fields()["n"] == 1


def test_surrogates_and_nul_in_values_survive_json(json_file):
    logger.info("m", value="a\ud800\0b", nested=["\udfff", {"\ud800": 1}])

    assert json_file.fields() == {"value": "a\ud800\0b", "nested": ["\udfff", {"\ud800": 1}]}


def test_values_nested_deep_reach_a_callback(capfd):
    deep = nested(10_000, lambda inner: [inner])
    called = []
    callback = logger.add_callback(called.append)

    logger.info("deep", deep=deep)
    logger.complete()

    assert [record["message"] for record in called] == ["deep"]
    assert logger.stats()["callbacks"][callback]["written"] == 1
    assert "callback" not in capfd.readouterr().err


_SCARCE = """
import logly, resource, sys
from logly import logger
logger.warning("first")
text = "x" * 100_000_000
pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
logger.warning(text)
logger.warning("{}", text)
logger.warning("field", text=text)
"""


def test_text_that_is_cut_is_not_copied_as_a_whole():
    finished = child.run(_SCARCE, 50_000_000)

    finished.check()
    assert finished.stdout.count("...<cut 98951424 bytes>") == 3


def test_text_that_there_is_no_memory_for_is_left_out():
    finished = child.run(_SCARCE, 3_000_000)

    finished.check()
    assert finished.stdout.count("...<cut 100000000 bytes>") == 3

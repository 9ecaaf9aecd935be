"""The values of diagnosing tracebacks: how each kind is written, without code of the program."""

from __future__ import annotations

import collections
import datetime as dt
import enum
import gc
import io
import sys
import typing
import weakref

import pytest
from logly import logger
from logly.loguru import logger as the_logger

groups = pytest.mark.skipif(sys.version_info < (3, 11), reason="exception groups came with Python 3.11")


class Point(typing.NamedTuple):
    """A tuple whose items have names."""

    x: int
    token: str


class Colour(enum.Enum):
    """An enumeration whose members must not be asked for their text."""

    RED = 1

    def __repr__(self):
        raise AssertionError


class Slotted:
    """An object with slots: one is empty, and one has a secret name."""

    __slots__ = ("empty", "name", "token")

    def __init__(self):
        self.name = "ada"
        self.token = "hunter2"

    def __repr__(self):
        raise AssertionError


class Both(Slotted):
    """An object with slots and other attributes, one of which has the name of a slot."""

    def __init__(self):
        super().__init__()
        self.more = [1]
        self.__dict__["name"] = "grace"


class Listed(Slotted):
    """An object whose `__slots__` was replaced by a value that has no names."""

    __slots__ = ()


Listed.__slots__ = 5


class Unusual:
    """An object with attributes whose names are no texts."""

    def __init__(self):
        self.__dict__.update({1: 2, None: 3})

    def __repr__(self):
        raise AssertionError


class Comparing(type):
    """A class of classes that must not be compared, hashed or read."""

    def __eq__(cls, other):
        raise AssertionError

    def __hash__(cls):
        raise AssertionError

    def __getattribute__(cls, name):
        raise AssertionError


class Compared(metaclass=Comparing):
    """An object of such a class."""

    def __init__(self):
        self.x = 1

    def __repr__(self):
        raise AssertionError


class Items(list):
    """A list whose methods must not be called."""

    def __iter__(self):
        raise AssertionError

    def __len__(self):
        raise AssertionError


class Members(set):
    """A set whose methods must not be called."""

    __iter__ = Items.__iter__
    __len__ = Items.__len__


class Names(dict):
    """A dict whose methods must not be called."""

    __iter__ = items = Items.__iter__
    __len__ = Items.__len__


class Ambiguous:
    """An object that is neither true nor false, and as long as an array."""

    def __init__(self):
        self.shape = (2, 3)

    def __bool__(self):
        raise ValueError

    def __len__(self):
        return 2

    def __eq__(self, other):
        return self

    __hash__ = None

    def __repr__(self):
        raise AssertionError


def attributes_of(name):
    """Return an object of a class with a name that no source code could give it."""
    return type(name, (), {"__init__": lambda self: setattr(self, "x", 1), "__repr__": None})()


VALUES = [
    (Point(1, "t"), "Point(x=1, token='***')"),
    (Colour.RED, "<Colour.RED>"),
    (Slotted(), "Slotted(name='ada', token='***')"),
    (Both(), "Both(name='grace', token='***', more=[1])"),
    (Listed(), "<Listed>"),
    (Unusual(), "Unusual(1=2, None=3)"),
    (Compared(), "Compared(x=1)"),
    (Ambiguous(), "Ambiguous(shape=(2, 3))"),
    (Items([1, "a"]), "Items([1, 'a'])"),
    (Members({1}), "Members({1})"),
    (Names(a=1, token=2), "Names({'a': 1, 'token': '***'})"),
    (collections.OrderedDict(b=1, a=2), "OrderedDict({'b': 1, 'a': 2})"),
    (collections.defaultdict(list, a=[1]), "defaultdict({'a': [1]})"),
    (attributes_of("a\nb\r\nc\u2028d"), "a b c d(x=1)"),
    (attributes_of("N" * 200), "N" * 125 + "..."),
    (attributes_of("\r\n" * 900), " " * 125 + "..."),
    ({"名前": "値" * 200}, "{'名前': '" + "値" * 117 + "..."),
    ("a\ud800b", "'a\\ud800b'"),
    (bytearray(b"raw"), "bytearray(b'raw')"),
    (b"token=abc \xff", "b'token=*** \\xff'"),
    (b"x" * 300, "b'" + "x" * 123 + "..."),
    (dt.date(2025, 1, 2), "datetime.date(2025, 1, 2)"),
    (dt.time(1, 2, tzinfo=dt.timezone.utc), "datetime.time(1, 2, tzinfo=datetime.timezone.utc)"),
    ({("db", "password"): 1, ("a", ("password",)): 2}, "{('db', 'password'): '***', ('a', ('password')): 2}"),
    ({"x" * 92 + "password": 1}, "{'" + "x" * 92 + "password': '***'}"),
    ({"x" * 93 + "password": 1}, "{'" + "x" * 93 + "password': 1}"),
    ({"dbPass": 1, "DBPass": 2, "MY_OTP": 3}, "{'dbPass': '***', 'DBPass': '***', 'MY_OTP': '***'}"),
    ({"compass": 1, "Passing": 2, "pins": 3}, "{'compass': 1, 'Passing': 2, 'pins': 3}"),
    ({"to\u212aen": 1, "p\u0130n": 2}, "{'to\u212aen': '***', 'p\u0130n': '***'}"),
    ({"\ud800token": 1}, "{'\\ud800token': '***'}"),
    ("to\u212aen=abc", "'to\u212aen=***'"),
    ("ein Schlüssel", "'ein Schlüssel'"),
    (["-v", "k", "--password", "k"], "['-v', 'k', '--password', '***']"),
    (["--password=", "k", "b"], "['--password=', 'k', 'b']"),
]  # fmt: skip


def fail(value):
    """Raise an exception on a line that names one value."""
    raise ValueError(id(value))


def text_of(value, dialect=False):
    """Return the text that a logger shows of a value."""
    stream = io.StringIO()
    chosen = the_logger if dialect else logger
    options = {"backtrace": False} if dialect else {}
    sink = chosen.add(stream, format="{message}", diagnose=True, **options)
    try:
        fail(value)
    except ValueError:
        chosen.exception("failed")
    chosen.remove(sink)
    return stream.getvalue().rpartition("└ ")[2].partition("\n")[0]


@pytest.mark.parametrize("dialect", [False, True], ids=["logly", "loguru"])
@pytest.mark.parametrize(("value", "text"), VALUES, ids=[ascii(text[:30]) for _, text in VALUES])
def test_each_kind_of_value_has_its_text(no_console, value, text, dialect):
    assert text_of(value, dialect) == text


def test_class_that_changed_is_shown_as_it_is_now(no_console):
    class Pair(tuple):
        __slots__ = ()

    class Holder:
        def __init__(self):
            self.x = 1

        def __repr__(self):
            raise AssertionError

    texts = [text_of(Pair((1, 2))), text_of(Holder())]

    Pair._fields = ("a", "b")
    Holder.__name__ = "Renamed"

    assert texts == ["Pair((1, 2))", "Holder(x=1)"]
    assert [text_of(Pair((1, 2))), text_of(Holder())] == ["Pair(a=1, b=2)", "Renamed(x=1)"]


def test_classes_of_shown_values_are_released(no_console):
    class Holder:
        __slots__ = ("__weakref__", "x")

        def __init__(self):
            self.x = 1

        def __repr__(self):
            raise AssertionError

    class Free:
        def __init__(self):
            self.x = 1

        def __repr__(self):
            raise AssertionError

    ends = [weakref.ref(Holder), weakref.ref(Free)]
    texts = [text_of(Holder()), text_of(Free()), text_of(Free())]

    del Holder, Free
    gc.collect()

    assert texts == ["Holder(x=1)", "Free(x=1)", "Free(x=1)"]
    assert [end() for end in ends] == [None, None]


@groups
def test_values_are_shown_if_a_member_of_a_group_was_never_raised(no_console):
    stream, name = io.StringIO(), "several"
    sink = logger.add(stream, format="{message}", diagnose=True)

    try:
        raise ExceptionGroup(name, [ValueError("never raised")])  # noqa: F821 - from 3.11 on
    except ExceptionGroup:  # noqa: F821
        logger.exception("failed")
    logger.remove(sink)

    assert "└ 'several'\n" in stream.getvalue()
    assert "| ValueError: never raised\n" in stream.getvalue()

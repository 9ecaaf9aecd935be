"""Values that contain the same objects many times: a call takes no longer than its limits allow."""

from __future__ import annotations

import json
import sys

import pytest
from logly import logger

from tests.support import child

new = pytest.mark.skipif(sys.version_info < (3, 11), reason="notes and groups came with Python 3.11")

_PROGRAM = """
import collections, dataclasses, functools, sys, types, typing
from logly import logger

def shared(kind=tuple):
    value = 1
    for _ in range(60):
        value = kind((value, value))
    return value

def shared_dict():
    value = 1
    for _ in range(60):
        value = {"a": value, "b": value}
    return value

class Pair(typing.NamedTuple):
    left: object
    right: object

@dataclasses.dataclass
class Node:
    left: object
    right: object

class Own:
    def __init__(self, value):
        self.value = value
    def __repr__(self):
        return f"Own({self.value!r})"

class Slotted:
    __slots__ = ("value",)
    def __init__(self, value):
        self.value = value
    def __str__(self):
        return str(self.value)

class Outer:
    def __init__(self, value):
        self.inner = Own(value)
    def __repr__(self):
        return f"Outer({self.inner})"

class Row(list):
    pass

class Shouting(list):
    def __repr__(self):
        return super().__repr__().upper()

def nodes(kind):
    value = 1
    for _ in range(60):
        value = kind(value, value)
    return value

values = {
    "tuple": shared(),
    "list": shared(list),
    "dict": shared_dict(),
    "deque": shared(collections.deque),
    "named tuple": nodes(Pair),
    "dataclass": nodes(Node),
    "set": {Own(shared())},
    "values": {"a": shared()}.values(),
    "items": {"a": shared(list)}.items(),
    "ordered": collections.OrderedDict(a=shared()),
    "default": collections.defaultdict(list, a=shared()),
    "namespace": types.SimpleNamespace(a=shared()),
    "proxy": types.MappingProxyType({"a": shared()}),
    "user dict": collections.UserDict(a=shared()),
    "user list": collections.UserList(shared(list)),
    "chain map": collections.ChainMap({"a": shared()}),
    "subclass": shared(Row),
    "own repr of a subclass": shared(Shouting),
    "own repr": Own(shared()),
    "own str": Slotted(shared()),
    "within another": Outer(shared()),
    "among others": [Own(shared()), 1],
    "exception": ValueError(shared()),
    "exceptions": ValueError(1, shared()),
    "key error": KeyError(shared()),
    "chain maps": nodes(lambda one, other: collections.ChainMap({"a": one}, {"b": other})),
    "user dicts": nodes(lambda one, other: collections.UserDict(a=one, b=other)),
    "user lists": nodes(lambda one, other: collections.UserList([one, other])),
    "proxies": nodes(lambda one, other: types.MappingProxyType({"a": one, "b": other})),
    "slices": nodes(slice),
    "partials": nodes(lambda one, other: functools.partial(print, one, other)),
    "aliases": nodes(lambda one, other: list[one, other]),
    "behind others": collections.UserDict(a=shared(), b=[[number] for number in range(500)]),
}
value = values.get(sys.argv[1])
logger.configure(console=False)
lines = []
logger.add(lines.append, format="{message}{fields}")
if sys.argv[2] == "json":
    logger.add(lines.append, json=True)
WAY
assert lines and all(len(line) < 20_000_000 for line in lines), [len(line) for line in lines]
print(len(lines[-1]), lines[-1][:200])
"""

VALUES = [
    "tuple", "list", "dict", "deque", "named tuple", "dataclass", "set", "values", "items", "ordered", "default",
    "namespace", "proxy", "user dict", "user list", "chain map", "subclass", "own repr of a subclass", "own repr",
    "own str", "within another", "among others", "exception", "exceptions", "key error",
    "chain maps", "user dicts", "user lists", "proxies", "slices", "partials", "aliases", "behind others",
]  # fmt: skip

WAYS = {
    "field": 'logger.info("m", value=value)',
    "message": "logger.info(value)",
    "argument": 'logger.info("{} %", value)',
    "indexed": 'logger.info("{0!r} {0!s}", value)',
    "percent": 'logger.info("%s %r", value, value)',
    "mapping": 'logger.info("%(v)s", {"v": value})',
    "named": 'logger.info("{value!r}", value=value)',
    "aligned": 'logger.info("{value!s:>10}", value=value)',
    "bound": 'logger.bind(value=value).info("m")',
    "lazy": 'logger.opt(lazy=True).info("{}", lambda: value)',
    "record": 'logger.opt(record=True).info("{} {value!r}", value, value=value)',
    "surplus": 'logger.info("m", value, value)',
    "configured": 'logger.configure(extra={"value": value}); logger.info("m")',
}


def run(way, value, shape="json"):
    return child.run(_PROGRAM.replace("WAY", way), value, shape)


@pytest.mark.parametrize("value", VALUES)
def test_field_that_shares_without_end_is_logged(value):
    finished = run(WAYS["field"], value)

    finished.check()


@pytest.mark.parametrize("value", ["tuple", "own repr", "exception"])
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_value_that_shares_without_end_is_logged_in_any_place(way, value):
    finished = run(way, value)

    finished.check()


RAISED = {
    "alone": "raise ValueError(shared())",
    "key": "raise KeyError(shared())",
    "own": "raise type('Loud', (Exception,), {'__str__': lambda self: repr(self.args)})(shared())",
    "cause": "raise LookupError from ValueError(shared())",
    "syntax": "raise SyntaxError(shared())",
    "misspelt": "raise AttributeError(shared(), name='a', obj=1)"
    if sys.version_info >= (3, 10)
    else "raise AttributeError(shared())",
    "note": "error = ValueError('x'); error.__notes__ = [Own(shared())]; raise error",
}


@pytest.mark.parametrize("options", ["", "diagnose=True", "backtrace=True", "json=True"])
@pytest.mark.parametrize("raised", RAISED.values(), ids=RAISED)
def test_exception_that_shares_without_end_is_logged(raised, options):
    way = f"""
logger.add(lines.append, {options})
try:
    {raised}
except Exception:
    logger.exception("failed")
"""
    finished = run(way, "tuple", "text")

    finished.check()
    assert "failed" in finished.stdout


@new
def test_group_that_shares_without_end_is_logged():
    finished = run('logger.opt(exception=ExceptionGroup("g", [ValueError(shared())])).error("failed")', "tuple")

    finished.check()


def test_object_that_shares_without_end_is_a_marker(text, capfd):
    class Holder:
        def __init__(self):
            self.value = nested(40)

        def __repr__(self):
            return f"Holder({self.value!r})"

    logger.info("m", value=Holder())

    assert text.lines == ['m value="<unprintable Holder: shared references>"']
    assert "a value of type Holder cannot be rendered" in capfd.readouterr().err


@pytest.mark.parametrize("library", ["msgspec", "pydantic"])
def test_models_that_share_without_end_are_a_marker(text, json_file, library):
    module = pytest.importorskip(library)
    base = module.Struct if library == "msgspec" else module.BaseModel
    annotations = {"left": object, "right": object}
    model = type(base)("Pair", (base,), {"__annotations__": annotations, "__module__": __name__})
    value = 1
    for _ in range(60):
        build = model.model_construct if library == "pydantic" else model
        value = build(left=value, right=value)

    logger.info("m", value=value)

    assert text.lines == ['m value="<unprintable Pair: shared references>"']
    assert json_file.fields()["value"]


def test_object_with_the_text_of_all_objects_is_shown(text):
    class Holder:
        def __init__(self):
            self.value = nested(40)

    holder = Holder()
    generator = (item for item in holder.value)

    logger.info("{} {}", holder, generator)

    assert text.lines == [f"{object.__repr__(holder)} {generator}"]


def test_no_value_stops_other_threads():
    # Without a GIL, CPython stops all threads for `gc.get_referents`. Those that fork or end meanwhile would hang.
    program = """
import sys
from logly import logger
class Own:
    def __init__(self, *value):
        self.value = value
    def __str__(self):
        return "own"
class Slotted(Own):
    __slots__ = ("other",)
class Failure(Exception):
    pass
logger.remove_all()
logger.add("/dev/null", json=True)
events = []
sys.addaudithook(lambda event, arguments: events.append(event) if event.startswith("gc.") else None)
for value in (Own(1), Slotted([Own(2)]), Failure(Own(3)), {"a": [Own(4)]}, Own(5).__str__):
    logger.info("m", value=value)
    logger.info("{!r}", value)
    logger.opt(exception=Failure(value)).error("failed")
assert not events, events
"""
    child.run(program).check()


def test_object_that_holds_much_is_asked_for_its_text(text):
    class Holder:
        def __init__(self):
            self.rows = [[[number]] for number in range(100_000)]

        def __repr__(self):
            return "Holder"

    logger.info("m", value=Holder())

    assert text.lines == ["m value=Holder"]


def nested(depth):
    """Return nested pairs, each with the same object twice."""
    value = 1
    for _ in range(depth):
        value = (value, value)
    return value


def test_sharing_value_is_cut_with_a_marker(text, json_file):
    logger.info("m", value=nested(40))

    assert text.lines[0].startswith('m value="((((')
    assert text.lines[0].endswith('...<cut>"')
    assert '"<cut>"' in json.dumps(json_file.fields()["value"])


def test_value_that_shares_a_little_is_whole(text, json_file):
    value = nested(10)

    logger.info("{value}", value=value)

    assert text.lines == [str(value)]
    assert json_file.fields()["value"] == json.loads(json.dumps(value))


def test_row_that_many_lists_share_is_whole(json_file):
    row = {"tags": ["a", "b"]}

    logger.info("m", value=[row] * 5_000)

    assert json_file.fields()["value"] == [row] * 5_000

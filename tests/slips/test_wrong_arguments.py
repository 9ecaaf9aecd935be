"""Wrong arguments of all public methods: errors name method, argument, allowed values and the nearest name."""

from __future__ import annotations

import inspect
import re

import pytest
from logly import Logger

POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)

# Parameters that accept any value.
ANYTHING = {
    ("remove_callback", "callback_id"),
    ("every", "key"),
    ("limit", "key"),
    ("once", "key"),
    ("catch", "default"),
}

# Valid values for the required arguments that are not under test.
GIVEN = {
    "callback": print,
    "callback_id": 1,
    "file": __file__,
    "interval": 2,
    "level": "INFO",
    "name": "INFO",
    "patcher": print,
    "pattern": "(?P<line>.)",
    "rate": "1/s",
    "sink_id": 1,
}


class Odd:
    """A value that no method accepts."""

    def __repr__(self):
        return "<odd>"


def parameters(method):
    return [one for one in inspect.signature(method).parameters.values() if one.name != "self"]


def python_methods():
    for name in sorted(vars(Logger) | {key: None for base in Logger.__mro__ for key in vars(base)}):
        if not name.startswith("_") and inspect.isfunction(getattr(Logger, name)):
            yield name


METHODS = list(python_methods())
# A coroutine function has no wrapper. Methods that accept any keyword, or have a table of their parameters, check their
# arguments themselves.
CLOSED = [
    name
    for name in METHODS
    if name not in {"complete_async", "add", "configure", "add_callback"}
    and not any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters(getattr(Logger, name)))
]
ANY_NUMBER = [
    name
    for name in METHODS
    if any(one.kind is inspect.Parameter.VAR_POSITIONAL for one in parameters(getattr(Logger, name)))
]
ARGUMENTS = [
    (name, one.name)
    for name in CLOSED
    for one in parameters(getattr(Logger, name))
    if one.kind in NAMED and (name, one.name) not in ANYTHING
]


@pytest.fixture
def log(tmp_path):
    own = Logger()
    own.configure(console=False)
    own.add(tmp_path / "app.log")
    yield own
    own.remove_all()


def needed(name, but=None):
    needs = [one.name for one in parameters(getattr(Logger, name)) if one.default is one.empty and one.kind in NAMED]
    return {one: GIVEN[one] for one in needs if one != but}


def test_the_walk_has_all_methods():
    assert {"add", "catch", "opt", "parse", "read", "remove", "set_level"} <= set(METHODS)
    assert len(ARGUMENTS) > 60


@pytest.mark.parametrize("name", CLOSED)
def test_unknown_keyword_names_the_method_and_those_it_takes(log, name):
    with pytest.raises(TypeError) as caught:
        getattr(log, name)(**needed(name), zzqq=1)

    assert str(caught.value).startswith(f"Logger.{name}() got an unexpected keyword argument 'zzqq' (it takes ")


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS)
def test_misspelt_keyword_names_the_nearest(log, name, argument):
    with pytest.raises(TypeError) as caught:
        getattr(log, name)(**needed(name), **{f"{argument}{argument[-1]}": 1})

    assert f"Logger.{name}() got an unexpected keyword argument" in str(caught.value)
    assert f"did you mean '{argument}'?" in str(caught.value)


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS)
def test_value_of_a_wrong_type_names_argument_value_and_what_is_allowed(log, name, argument):
    with pytest.raises(TypeError) as caught:
        getattr(log, name)(**needed(name, but=argument), **{argument: Odd()})

    assert re.match(f"{argument}: expected .+, got <odd>", str(caught.value))


@pytest.mark.parametrize("name", [name for name in METHODS if name not in ANY_NUMBER])
def test_too_many_arguments_name_the_method(log, name):
    method = getattr(log, name)
    most = sum(one.kind in POSITIONAL for one in parameters(method))

    with pytest.raises(TypeError, match=rf"Logger\.{name}\(\) takes "):
        method(*[1] * (most + 1))


def test_one_method_of_python_takes_any_number_of_arguments():
    assert ANY_NUMBER == ["unbind_context"]


@pytest.mark.parametrize("name", [name for name in METHODS if needed(name) and name != "complete_async"])
def test_too_few_arguments_name_the_method_and_the_missing(log, name):
    first = next(iter(needed(name)))

    with pytest.raises(TypeError, match=rf"Logger\.{name}\(\) missing .*'{first}'"):
        getattr(log, name)()


def test_number_of_sinks_that_is_called_with_an_argument_names_its_method(log):
    with pytest.raises(TypeError, match=r"Logger\.sink_count\(\) takes 1"):
        log.sink_count(1)


def test_another_name_of_an_argument_is_the_one_in_the_error(log):
    with pytest.raises(TypeError, match=r"handler_id: expected a sink's id \(int\), got '1'"):
        log.remove(handler_id="1")


def test_value_that_shares_without_end_is_refused_by_methods_of_python_too(log):
    value = 1
    for _ in range(60):
        value = [value, value]

    with pytest.raises(TypeError, match="onerror: expected a function of the exception, got ") as caught:
        log.catch(onerror=value)
    with pytest.raises(TypeError, match=r"Logger\(\) takes no arguments, got "):
        Logger(value)

    assert len(str(caught.value)) < 200

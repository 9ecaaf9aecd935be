"""Wrong calls of public functions, classes and native methods: errors use public names and suggest the nearest keyword.

`test_wrong_arguments.py` covers the logger methods that are written in Python.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import logly.integrations
import logly.testing
import pytest
from logly import Logger, logger
from logly._stdlib.undoing import Undoable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)

OF_OTHERS = {"logly.Logger", "logly.integrations.gunicorn.Logger"}
"""`Logger` has an error that says where its arguments belong; gunicorn creates the other class."""

GIVEN: dict[str, Any] = {
    "app": print,
    "file": __file__,
    "function": print,
    "get_response": print,
    "level": "INFO",
    "paths": __file__,
    "pattern": "(?P<line>.)",
    "var": ContextVar("var"),
    "when": "2025-01-15T10:30:45",
}
"""Valid values for required parameters."""

UNCHECKED = {("logly.integrations.django.LoglyMiddleware", "get_response")}
"""Parameters that a framework fills in."""


class Odd:
    """A value that no function accepts."""

    def __repr__(self) -> str:
        return "<odd>"


def modules() -> Iterator[Any]:
    yield logly
    yield logly.testing
    for found in pkgutil.iter_modules(logly.integrations.__path__, "logly.integrations."):
        if not found.name.rpartition(".")[2].startswith("_"):
            try:
                yield importlib.import_module(found.name)
            except ImportError:
                continue


def public(module: Any) -> Iterator[tuple[str, Any]]:
    """Yield the public callables of a module."""
    names = getattr(module, "__all__", None)
    for name in names or [name for name in vars(module) if not name.startswith("_")]:
        member = getattr(module, name)
        is_own = names is not None or getattr(member, "__module__", None) == module.__name__
        is_made_elsewhere = isinstance(member, type) and issubclass(member, Undoable)
        full = f"{module.__name__}.{name}"
        is_to_be_called = callable(member) and not isinstance(member, Logger) and not is_made_elsewhere
        if is_to_be_called and is_own and full not in OF_OTHERS:
            yield full, member


def natives() -> Iterator[tuple[str, Any]]:
    """Yield the native methods that take no message."""
    for name in dir(Logger):
        member = inspect.getattr_static(Logger, name)
        is_native = inspect.ismethoddescriptor(member) and not isinstance(member, staticmethod)
        if is_native and not name.startswith("_") and "message" not in inspect.signature(member).parameters:
            yield f"logly.logger.{name}", getattr(logger, name)


def methods() -> Iterator[tuple[str, Any]]:
    with logly.testing.freeze("2025-01-15T10:30:45") as clock:
        pass
    for name in ("move_to", "tick"):
        yield f"logly.testing.FrozenClock.{name}", getattr(clock, name)
    for name in ("at_level", "clear"):
        yield f"logly.testing.CapturedLogs.{name}", getattr(logly.testing.CapturedLogs(), name)


MEMBERS: dict[str, Any] = {}
for _module in modules():
    MEMBERS.update(public(_module))
MEMBERS.update(natives())
MEMBERS.update(methods())
# `bind` takes fields, which may have any name.
CLOSED = [name for name in MEMBERS if name != "logly.logger.bind"]


def parameters(name: str) -> list[inspect.Parameter]:
    return [one for one in inspect.signature(MEMBERS[name]).parameters.values() if one.name != "self"]


ARGUMENTS = [(name, one.name) for name in CLOSED for one in parameters(name) if one.kind in NAMED and (name, one.name)]


def needed(name: str, but: str | None = None) -> tuple[list[Any], dict[str, Any]]:
    """Return valid positional and named arguments."""
    needs = [one for one in parameters(name) if one.default is one.empty and one.name != but]
    return (
        [GIVEN[one.name] for one in needs if one.kind is one.POSITIONAL_ONLY],
        {one.name: GIVEN[one.name] for one in needs if one.kind in NAMED},
    )


def shown(name: str) -> str:
    """Return the name that errors use for it."""
    member = MEMBERS[name]
    return f"Logger.{name.rpartition('.')[2]}" if name.startswith("logly.logger.") else str(member.__qualname__)


def run(member: Callable[..., Any], *given: Any, **named: Any) -> None:
    """Call *member*; enter the context manager or start the generator that it returns."""
    made = member(*given, **named)
    if isinstance(made, AbstractContextManager):
        with made:
            pass
    elif inspect.isgenerator(made):
        next(made)


def refused(name: str, *given: Any, **named: Any) -> str:
    """Make a wrong call and return the text of its error."""
    with pytest.raises(TypeError) as caught:
        run(MEMBERS[name], *given, **named)
    message = str(caught.value)
    assert not re.search(r"__|PyLogger|\b_[a-z]", message.partition(", got ")[0])
    return message


def test_the_walk_has_all() -> None:
    assert {
        "logly.LoglyHandler", "logly.capture_warnings", "logly.copy_context", "logly.from_var", "logly.install_hooks",
        "logly.lazy", "logly.intercept_logging", "logly.load", "logly.parse", "logly.production", "logly.template",
        "logly.testing.CapturedLogs",
        "logly.testing.capture", "logly.testing.freeze", "logly.testing.reset", "logly.integrations.uvicorn.log_config",
        "logly.integrations.asgi.LoglyMiddleware", "logly.integrations.wsgi.LoglyMiddleware",
        "logly.logger.bind", "logly.logger.is_enabled", "logly.logger.unbind",
    } <= set(MEMBERS)  # fmt: skip


@pytest.mark.parametrize("name", CLOSED)
def test_unknown_keyword_names_the_function_and_those_it_takes(name: str) -> None:
    if name == "logly.testing.FrozenClock":
        assert refused(name, zzqq=1) == "FrozenClock() takes no arguments"
        return
    given, named = needed(name)

    message = refused(name, *given, **named, zzqq=1)

    assert message.startswith(f"{shown(name)}() got an unexpected keyword argument 'zzqq' (it takes ")


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS)
def test_misspelt_keyword_names_the_nearest(name: str, argument: str) -> None:
    given, named = needed(name, but=argument)

    message = refused(name, *given, **named, **{f"{argument}{argument[-1]}": 1})

    assert message.startswith(f"{shown(name)}() got an unexpected keyword argument '{argument}{argument[-1]}'")
    assert f"did you mean '{argument}'?" in message


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS)
def test_value_of_a_wrong_type_names_argument_value_and_what_is_allowed(
    name: str, argument: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if (name, argument) in UNCHECKED:
        pytest.skip("a framework gives it")
    monkeypatch.chdir(tmp_path)
    given, named = needed(name, but=argument)

    message = refused(name, *given, **{**named, argument: Odd()})

    # Rules of redaction may hold secrets, so that their error shows no value.
    assert re.match(rf"{argument}: expected .+, got (<odd>|an object of type Odd)", message)


@pytest.mark.parametrize("name", [name for name in CLOSED if any(map(bool, needed(name)))])
def test_missing_argument_is_named(name: str) -> None:
    first = next(one.name for one in parameters(name) if one.default is one.empty)

    message = refused(name)

    if name == "logly.lazy":
        assert message == "lazy() takes 1 argument, a function, but 0 were given"
    else:
        assert re.match(rf"{re.escape(shown(name))}\(\) missing .*'{first}'", message)


@pytest.mark.parametrize("name", list(MEMBERS))
def test_surplus_argument_names_the_function(name: str) -> None:
    if any(one.kind is one.VAR_POSITIONAL for one in parameters(name)):
        assert refused(name, Odd()) == 'names: expected names of fields (str), as in unbind("user"), got <odd>'
        return
    most = sum(one.kind in POSITIONAL for one in parameters(name))

    assert refused(name, *[1] * (most + 1)).startswith(f"{shown(name)}() takes ")


def test_loggers_show_the_name_of_their_public_class() -> None:
    for one in (logger, logger.bind(user="ada"), Logger()):
        with pytest.raises(AttributeError, match="'Logger' object has no attribute 'infoo'"):
            one.infoo("hello")
    with pytest.raises(TypeError, match=r"descriptor 'info' for 'logly\.Logger' objects"):
        Logger.info("hello")
    with pytest.raises(TypeError, match=r"Logger\.log\(\) missing 1 required positional argument: 'level'"):
        logger.log()
    assert "Logger object" in repr(logger.bind)


@pytest.mark.parametrize("check", ["assert_logged", "assert_not_logged"])
@pytest.mark.parametrize(
    ("slip", "kind", "expected"),
    [
        ({"level": "EROR"}, ValueError, r'level: expected one of the levels .*did you mean "ERROR"'),
        ({"level": Odd()}, TypeError, "level: expected a level's name or number, got <odd>"),
        ({"message": b"paid"}, TypeError, "message: expected a str or a pattern of re, got b'paid'"),
    ],
)
def test_question_about_captured_records_that_none_could_fit_is_refused(
    check: str, slip: dict[str, Any], kind: type[Exception], expected: str
) -> None:
    logs = logly.testing.CapturedLogs()

    with pytest.raises(kind, match=expected):
        getattr(logs, check)(**slip)


def test_level_that_is_asked_for_may_be_named() -> None:
    assert (logger.is_enabled(level="CRITICAL"), logger.is_enabled(level=1)) == (True, False)
    with pytest.raises(TypeError, match=r"Logger\.is_enabled\(\) got multiple values for argument 'level'"):
        logger.is_enabled("INFO", level=1)


def test_level_of_the_handler_may_be_one_that_logging_knows_or_logly() -> None:
    assert [logly.LoglyHandler(level).level for level in ("WARNING", "success", "TRACE", 7)] == [30, 25, 5, 7]
    with pytest.raises(ValueError, match='level: expected one of the levels .* "EROR" .did you mean "ERROR"'):
        logly.LoglyHandler("EROR")


def test_error_of_a_subclass_names_the_class_of_logly() -> None:
    class Mine(logly.LoglyHandler):
        def __init__(self) -> None:
            super().__init__(levl=1)

    with pytest.raises(
        TypeError, match=r"^Handler\(\) got an unexpected keyword argument 'levl'; did you mean 'level'"
    ):
        Mine()


def test_what_a_function_itself_raises_stays() -> None:
    error = TypeError("of the program")

    def convert(_groups: dict[str, str]) -> None:
        raise error

    with pytest.raises(TypeError) as caught:
        next(logly.parse(__file__, "(?P<line>.+)", cast=convert))

    assert caught.value is error

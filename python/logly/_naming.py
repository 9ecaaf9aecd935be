"""Public names in errors: `Logger.read_json` in place of the internal class that defines the method."""

from __future__ import annotations

import sys

from logly._logly import _bounded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FunctionType
    from typing import Any, NoReturn, TypeVar

    from logly.logger import Logger

    Member = TypeVar("Member")


_TAKES_KEYWORDS = 0x08
_IS_COROUTINE = 0x80
_MOST_SHOWN = 80


def shown(value: object) -> str:
    """Return the text of a refused value, cut to the length that errors show."""
    try:
        text = repr(_bounded(value))
    except Exception:  # whatever the value's own code raises
        return "an object"
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."


def sink_id_of(name: str, given: object) -> int:
    """Return the given id of a sink.

    Raises:
        TypeError: The argument is not an int.
    """
    if not isinstance(given, int) or isinstance(given, bool):
        message = f"{name}: expected a sink's id (int), got {shown(given)}"
        raise TypeError(message)
    return given


class Count(int):
    """A number that may be called, because it was a method in other packages of this name."""

    __slots__ = ()

    def __call__(self) -> int:
        """Return the number."""
        return int(self)


def name_methods(public: type[Logger]) -> None:
    """Name methods after the public class, which errors show."""
    for owner in public.__mro__[:-1]:
        for name, method in vars(owner).items():
            function = method.__func__ if isinstance(method, staticmethod) else method
            if not isinstance(function, type(name_methods)):
                continue
            _name(function, f"{public.__name__}.{name}")
            implementation = function.__dict__.get("implementation")
            if implementation is not None:
                _stand_for(implementation, function)
                _name(implementation, function.__qualname__)
                setattr(owner, name, implementation)
            elif not name.startswith("_") and _is_plain(function):  # type: ignore[arg-type]  # told above
                guided = _guided(function)  # type: ignore[arg-type]  # told above
                setattr(owner, name, guided if function is method else staticmethod(guided))
    _name(Count.__call__, f"{public.__name__}.sink_count")


def _name(function: Any, name: str) -> None:
    """Give a function of Python the name that errors of its calls show."""
    function.__qualname__ = name
    if sys.version_info < (3, 10):  # Python takes the name from the code there.
        function.__code__ = function.__code__.replace(co_name=name)


def guided(member: Member) -> Member:
    """Make errors for wrong arguments show the public name of a function or class, and the nearest keyword.

    For a class, this changes its own `__init__` and public methods. Methods that a base class has too stay as they are:
    other code calls them.
    """
    if not isinstance(member, type):
        return _guided(member)  # type: ignore[arg-type, return-value]  # a function then
    inherited = {name for base in member.__mro__[1:] for name in vars(base)}
    for name, method in list(vars(member).items()):
        is_public = name == "__init__" or (not name.startswith("_") and name not in inherited)
        if is_public and isinstance(method, type(guided)) and _is_plain(method):  # type: ignore[arg-type]  # told here
            _name(method, method.__qualname__)
            setattr(member, name, _guided(method))  # type: ignore[arg-type]  # as above
    return member


def _is_plain(function: FunctionType) -> bool:
    """Tell whether a function can be wrapped: it is not a coroutine function and takes no `**keywords`."""
    return not function.__code__.co_flags & (_TAKES_KEYWORDS | _IS_COROUTINE)


def _guided(method: FunctionType) -> Callable[..., object]:
    """Return a method whose error for an unknown keyword suggests the nearest one."""

    def call(*given: object, **named: object) -> object:
        try:
            return method(*given, **named)
        except TypeError as error:
            # An error raised inside the method has the method's frame in its traceback.
            is_of_call = error.__traceback__ is not None and error.__traceback__.tb_next is None
            better = _better(method, given, named, str(error)) if is_of_call else None
            if better is None:
                raise
            raise TypeError(better) from None

    _stand_for(call, method)
    return call


def implemented_by(function: Callable[..., object]) -> Callable[[Member], Member]:
    """Let a function take the calls of a method that declares a parameter for each option.

    Editors and `inspect.signature` see the declaration. The function takes the given options as a dict, so a call does
    not pay for the others. `name_methods` puts it in the place of the declaration.
    """

    def declare(declared: Member) -> Member:
        declared.implementation = function  # type: ignore[attr-defined]  # it is a function
        return declared

    return declare


def _stand_for(function: Callable[..., object], known: Any) -> None:
    # The same as `functools.wraps`, whose import takes longer than the import of logly.
    for attribute in ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__"):
        setattr(function, attribute, getattr(known, attribute))
    function.__wrapped__ = known  # type: ignore[attr-defined]


def _better(method: FunctionType, given: tuple[object, ...], named: Mapping[str, object], message: str) -> str | None:
    """Return a better error for arguments that do not fit; None if Python's own is as good."""
    code = method.__code__
    parameters = code.co_varnames[code.co_posonlyargcount : code.co_argcount + code.co_kwonlyargcount]
    known = [name for name in parameters if name != "self"]
    unknown = next((name for name in named if name not in known), None)
    name = _class_of(given) if method.__name__ == "__init__" else method.__qualname__
    if unknown is not None and "keyword argument" in message:
        return unexpected(name, unknown, known)
    _, made, rest = message.partition("__init__")
    return name + rest if made else None


def _class_of(given: tuple[object, ...]) -> str:
    """Return the name of the first class of logly among the classes of an object."""
    classes = type(given[0]).__mro__
    return next(kind.__qualname__ for kind in classes if kind.__module__.partition(".")[0] == "logly")


def unexpected(function: str, unknown: str, known: list[str]) -> str:
    """Return the error for a keyword that a function does not take. The extension calls this too."""
    near = _nearest(unknown, known, 0.6)
    takes = ", ".join(known) or "none"
    return f"{function}() got an unexpected keyword argument {unknown!r}{near} (it takes {takes})"


def _nearest(name: str, names: list[str], least: float) -> str:
    from difflib import get_close_matches  # for errors alone

    near = get_close_matches(name, names, 1, least)
    return f"; did you mean {near[0]!r}?" if near else ""


def refuse_arguments(given: tuple[object, ...], named: Mapping[str, object]) -> NoReturn:
    """Raise an error that names the methods for the arguments given to `Logger()`.

    Raises:
        TypeError: Always.
    """
    got = ", ".join([*map(shown, given), *(f"{name}={shown(value)}" for name, value in named.items())])
    message = (
        f"Logger() takes no arguments, got {got[:200]}; configure() has settings, add() sinks, and "
        "bind() gives a logger with fields, such as a name"
    )
    raise TypeError(message)


def hint(name: str, names: list[str], methods: list[str]) -> str:
    """Return a suggestion for a name that the package does not have; empty if no name is near."""
    if name.replace("_", "").lower() in {"getlogger", "log", "logging"}:
        return "; `from logly import logger` is the logger, logger.bind(name=...) one with a name"
    if name in methods:
        return f"; it is a method of the logger: logly.logger.{name}"
    return _nearest(name, names, 0.75)


def is_imported_by(code: bytes, at: int) -> bool:
    """Tell whether the instruction at an offset of some code belongs to `from logly import name`."""
    from opcode import opmap

    return 0 <= at < len(code) and code[at] == opmap["IMPORT_FROM"]

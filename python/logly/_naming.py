"""Names as a program knows them, in errors: `Logger.read_json`, not the class that the method was written in."""

from __future__ import annotations

from logly._logly import _bounded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FunctionType
    from typing import NoReturn

    from logly.logger import Logger


_TAKES_KEYWORDS = 0x08
_IS_COROUTINE = 0x80
_MOST_SHOWN = 80


def shown(value: object) -> str:
    """Return the text of a refused value, no more of it than errors show."""
    try:
        text = repr(_bounded(value))
    except Exception:  # noqa: BLE001 - whatever the value's own code raises
        return "an object"
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."


def sink_id_of(name: str, given: object) -> int:
    """Return an id that was given for a sink.

    Raises:
        TypeError: It is none.
    """
    if not isinstance(given, int) or isinstance(given, bool):
        message = f"{name}: expected a sink's id (int), got {shown(given)}"
        raise TypeError(message)
    return given


class Count(int):
    """A number that may be called, as it was a method in other packages of this name."""

    __slots__ = ()

    def __call__(self) -> int:
        """Return the number."""
        return int(self)


def name_methods(public: type[Logger]) -> None:
    """Have methods be called after the class that programs see, which errors show."""
    for owner in public.__mro__[:-1]:
        for name, method in vars(owner).items():
            function = method.__func__ if isinstance(method, staticmethod) else method
            if not isinstance(function, type(name_methods)):
                continue
            function.__qualname__ = f"{public.__name__}.{name}"
            # A wrapper would be no coroutine function. Methods that take any keyword look at them themselves.
            if not name.startswith("_") and not function.__code__.co_flags & (_TAKES_KEYWORDS | _IS_COROUTINE):
                guided = _guided(function)  # type: ignore[arg-type]  # told above
                setattr(owner, name, guided if function is method else staticmethod(guided))
    Count.__call__.__qualname__ = f"{public.__name__}.sink_count"


def _guided(method: FunctionType) -> Callable[..., object]:
    """Return a method whose error for an unknown keyword has the nearest one."""

    def call(*given: object, **named: object) -> object:
        try:
            return method(*given, **named)
        except TypeError as error:
            # One that the method raised has its frame.
            is_of_call = error.__traceback__ is not None and error.__traceback__.tb_next is None
            better = _with_nearest(method, named, str(error)) if is_of_call else None
            if better is None:
                raise
            raise TypeError(better) from None

    # As `functools.wraps` does, whose import takes longer than that of logly.
    for attribute in ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__"):
        setattr(call, attribute, getattr(method, attribute))
    call.__wrapped__ = method  # type: ignore[attr-defined]
    return call


def _with_nearest(method: FunctionType, named: Mapping[str, object], message: str) -> str | None:
    code = method.__code__
    known = [name for name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if name != "self"]
    unknown = next((name for name in named if name not in known), None)
    if unknown is None or "keyword argument" not in message:
        return None
    near = _nearest(unknown, known, 0.6)
    takes = ", ".join(known) or "none"
    return f"{method.__qualname__}() got an unexpected keyword argument {unknown!r}{near} (it takes {takes})"


def _nearest(name: str, names: list[str], least: float) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - for errors alone

    near = get_close_matches(name, names, 1, least)
    return f"; did you mean {near[0]!r}?" if near else ""


def refuse_arguments(given: tuple[object, ...], named: Mapping[str, object]) -> NoReturn:
    """Say where arguments of `Logger()` belong.

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
    """Return what may be meant by a name that the package does not have; empty where nothing is near."""
    if name.replace("_", "").lower() in {"getlogger", "log", "logging"}:
        return "; `from logly import logger` is the logger, logger.bind(name=...) one with a name"
    if name in methods:
        return f"; it is a method of the logger: logly.logger.{name}"
    return _nearest(name, names, 0.75)


def is_imported_by(code: bytes, at: int) -> bool:
    """Tell whether the instruction at a place of some code is that of `from logly import name`."""
    from opcode import opmap  # noqa: PLC0415 - as above

    return 0 <= at < len(code) and code[at] == opmap["IMPORT_FROM"]

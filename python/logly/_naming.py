"""Names as a program knows them, in errors: `Logger.read_json`, not the class that the method was written in."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FunctionType
    from typing import NoReturn

    from logly.logger import Logger


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
            if isinstance(method, type(name_methods)):
                method.__qualname__ = f"{public.__name__}.{name}"
                if owner.__name__ == "FileMethods" or name in {"level", "set_level", "remove", "reopen"}:
                    setattr(owner, name, _guided(method))  # type: ignore[arg-type]  # told above


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
    known = list(code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount])
    unknown = next((name for name in named if name not in known), None)
    if unknown is None or "keyword argument" not in message:
        return None
    near = _nearest(unknown, known, 0.6)
    return f"{method.__qualname__}() got an unexpected keyword argument {unknown!r}{near} (it takes {', '.join(known)})"


def _nearest(name: str, names: list[str], least: float) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - for errors alone

    near = get_close_matches(name, names, 1, least)
    return f"; did you mean {near[0]!r}?" if near else ""


def refuse_arguments(given: tuple[object, ...], named: Mapping[str, object]) -> NoReturn:
    """Say where arguments of `Logger()` belong.

    Raises:
        TypeError: Always.
    """
    got = ", ".join([*map(repr, given), *(f"{name}={value!r}" for name, value in named.items())])
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

"""Attributes that programs set on a logger, during a test or permanently.

Loggers have no `__dict__`: it would cost memory for each logger and a lookup for each call. The first attribute that is
set gives the logger a class of its own, which holds the attributes. When the last attribute is deleted, the logger gets
its former class back. Loggers made from it, by `bind` for example, have none of its attributes.
"""

from __future__ import annotations

import sys

from logly._logly import PyLogger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType
    from typing import Any
else:
    # The same as `types.ModuleType`; importing `types` takes longer.
    ModuleType = type(sys)


class _Attribute:
    """An attribute of one logger. It returns functions as they are, without binding them."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __get__(self, logger: object, owner: object = None) -> object:
        return self.value


class AttributeMethods(PyLogger):
    """The methods of `Logger` that set, delete and list its attributes."""

    __slots__ = ()

    # With these definitions, type checkers would accept any attribute.
    if not TYPE_CHECKING:

        def __setattr__(self, name: str, value: object) -> None:
            """Set an attribute of this logger alone."""
            try:
                super().__setattr__(name, value)
            except AttributeError:
                if _is_fixed(self, name):
                    raise
                _set(self, name, value)

        def __delattr__(self, name: str) -> None:
            """Delete an attribute that was set, so that the logger is as before."""
            if name in _held(self):
                _take_back(self, name)
            else:
                super().__delattr__(name)

        @property
        def __dict__(self) -> dict[str, object]:
            """A copy of the attributes that were set on this logger."""
            return {name: attribute.value for name, attribute in _held(self).items()}


def _is_fixed(logger: PyLogger, name: str) -> bool:
    """Tell whether instances cannot change an attribute: it is one of Python's own, or a property."""
    if name.startswith("__") and name.endswith("__"):
        return True
    found = next((vars(owner)[name] for owner in type(logger).__mro__ if name in vars(owner)), None)
    return hasattr(type(found), "__set__")


def _held(logger: PyLogger) -> Mapping[str, _Attribute]:
    held: Mapping[str, _Attribute] = vars(type(logger)).get("_held", {})
    return held


def _set(logger: PyLogger, name: str, value: object) -> None:
    if _is_what_the_class_has(logger, name, value):
        if name in _held(logger):
            _take_back(logger, name)
        return
    if "_held" not in vars(type(logger)):
        _become(logger, _own_class(logger))
    attribute = _Attribute(value)
    setattr(type(logger), name, attribute)
    type(logger)._held[name] = attribute  # type: ignore[attr-defined]


def _is_what_the_class_has(logger: PyLogger, name: str, value: object) -> bool:
    """Tell whether a value is the one that the class has, which pytest's monkeypatch sets again."""
    own = type(logger)
    absent = object()
    former = getattr(super(own, logger) if "_held" in vars(own) else logger, name, absent)
    return type(value) is type(former) and value == former


def _own_class(logger: PyLogger) -> type[PyLogger]:
    """Make a class for one logger; it looks like the class that the logger has."""
    former, seen = type(logger), logger.__class__
    names: dict[str, object] = {
        "__slots__": (),
        "__doc__": former.__doc__,
        "__module__": former.__module__,
        "__qualname__": former.__qualname__,
        "__class__": property(lambda _: seen),
        "_bound_class": getattr(former, "_bound_class", former),
        "_former": former,
        "_held": {},
    }
    kind: Any = type(former)
    made: type[PyLogger] = kind(former.__name__, (former,), names)
    return made


def _take_back(logger: PyLogger, name: str) -> None:
    own = type(logger)
    delattr(own, name)
    del own._held[name]  # type: ignore[attr-defined]
    if not own._held:  # type: ignore[attr-defined]
        _become(logger, own._former)  # type: ignore[attr-defined]


def _become(logger: PyLogger, wanted: type[PyLogger]) -> None:
    """Give a logger another class, bypassing the property that shows one class for all."""
    vars(object)["__class__"].__set__(logger, wanted)


class StandingModule(ModuleType):
    """The module `logly.logger`, which reads, sets and deletes the logger's methods as its own attributes.

    `mock.patch("logly.logger.error")` imports as much of the name as it can, and so finds the module.
    """

    def __getattr__(self, name: str) -> object:
        """Return a method of the logger."""
        if _is_method(self, name):
            return getattr(vars(self)["logger"], name)
        message = f"module {self.__name__!r} has no attribute {name!r}"
        raise AttributeError(message)

    def __setattr__(self, name: str, value: object) -> None:
        """Set a method of the logger, or an attribute of the module."""
        if _is_method(self, name):
            setattr(vars(self)["logger"], name, value)
        else:
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        """Delete an attribute that was set on the logger or the module."""
        if _is_method(self, name):
            delattr(vars(self)["logger"], name)
        else:
            super().__delattr__(name)


def _is_method(module: ModuleType, name: str) -> bool:
    held = vars(module)
    return not name.startswith("_") and name not in held and callable(getattr(held.get("logger"), name, None))

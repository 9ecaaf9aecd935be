"""Values in tracebacks of Loguru's form that the extension does not write itself.

`logly._exceptions` chooses and bounds the values, masks secrets in them and runs none of the program's code, so
attributes are not read.
"""

from __future__ import annotations

from types import BuiltinFunctionType, FunctionType, ModuleType

from logly._exceptions.masking import is_secret
from logly._exceptions.shown_values import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from logly._exceptions.shown_values import Budget

_MOST_OF_VALUE = 128
_MOST_NUMBERS = 1_000
_NUMBERS = (int, float, bool, type(None))
_SEQUENCES = (list, tuple, set, frozenset)


def text_of(name: str, value: object, budget: Budget) -> str | None:
    """Return the text of a name's value, or None if the budget is used up."""
    return _by_name(value) or _of_numbers(name, value) or shown(name, value, budget)


def _by_name(value: Any) -> str | None:
    """Return the text of a function, a class or a module, which Python writes without code of the program."""
    kind = type(value)
    if kind is FunctionType or (kind is BuiltinFunctionType and type(value.__self__) is ModuleType):
        return repr(value)
    if issubclass(kind, type):
        return type.__repr__(value)
    if kind is ModuleType:
        return _module(vars(value))
    return object.__repr__(value) if _has_no_repr(kind) else None


def _has_no_repr(kind: type) -> bool:
    """Tell whether objects of a class are shown by their class and address."""
    owners = (
        base for base in type.__dict__["__mro__"].__get__(kind) if "__repr__" in type.__dict__["__dict__"].__get__(base)
    )
    return next(owners, None) is object


def _module(namespace: dict[str, Any]) -> str:
    name, spec = namespace.get("__name__"), namespace.get("__spec__")
    origin = getattr(spec, "origin", None)
    if type(name) is not str or type(origin) is not str or spec is None:
        return f"<module {name!r}>" if type(name) is str else "<module>"
    return f"<module {name!r} from {origin!r}>" if spec.has_location else f"<module {name!r} ({origin})>"


def _of_numbers(name: str, value: Any) -> str | None:
    """Return the text of a sequence that has only numbers."""
    if type(value) not in _SEQUENCES or len(value) > _MOST_NUMBERS or is_secret(name):
        return None
    if not all(type(item) in _NUMBERS for item in value):
        return None
    try:
        text = repr(value)
    except ValueError:  # a number of more digits than Python writes
        return None
    return text if len(text) <= _MOST_OF_VALUE else text[: _MOST_OF_VALUE - 3] + "..."

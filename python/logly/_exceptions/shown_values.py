"""The values in diagnosing tracebacks: short, within a budget, and with secrets masked.

Rendering runs no code of the program. Objects are shown by their attributes, and `__repr__` is called only for Python's
own simple types. A value is masked if its name as a variable, a key or an attribute is secret. Texts are also masked by
their content, such as `token=...` and the passwords of URLs.
"""

from __future__ import annotations

import sys
import time
from itertools import islice
from types import BuiltinFunctionType, FunctionType, GetSetDescriptorType, MemberDescriptorType, ModuleType

from logly._exceptions.masking import MASK, is_secret, masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

MOST_SECONDS = 0.05
MOST_CHARACTERS = 8_192
_MOST_OF_VALUE = 128
_MOST_ITEMS = 8
_DEEPEST = 3
_MOST_BITS = 400

_MOST_OF_TEXT = 1_024
"""The number of characters searched for secrets: more than are shown, so that no secret is cut in two."""

_UNTOLD: tuple[type, ...] = (ModuleType, FunctionType, BuiltinFunctionType, type)
_TEXTS: tuple[type, ...] = (bytes, bytearray)
_SIMPLE: tuple[type, ...] = (int, float, bool, complex)
_PLAIN = {
    "datetime": ("datetime", "date", "time", "timedelta", "timezone"),
    "decimal": ("Decimal",),
    "fractions": ("Fraction",),
    "ipaddress": ("IPv4Address", "IPv6Address", "IPv4Network", "IPv6Network", "IPv4Interface", "IPv6Interface"),
    "uuid": ("UUID",),
    "zoneinfo": ("ZoneInfo",),
}
"""Python's own classes whose `repr` is shown, by their modules."""
_PLAIN_NAMES = frozenset(name for names in _PLAIN.values() for name in names)

# A metaclass of the program may run code for any operation on a class, even a comparison.
_mro = type.__dict__["__mro__"].__get__
_namespace = type.__dict__["__dict__"].__get__
_class_name = type.__dict__["__name__"].__get__


class Budget:
    """The remaining time and size for one exception.

    It counts the processor time of this thread, so other threads do not use it up.
    """

    __slots__ = ("left", "until")

    def __init__(self) -> None:
        self.until = time.thread_time() + MOST_SECONDS
        self.left = MOST_CHARACTERS

    def takes(self, text: str) -> bool:
        """Take the size of *text* from the budget; False if the rest is too small."""
        self.left -= len(text)
        return self.left >= 0

    def is_over(self) -> bool:
        """Tell whether the time or the size is used up."""
        return self.left <= 0 or time.thread_time() > self.until


def shown(name: str, value: object, budget: Budget) -> str | None:
    """Return the text of a name's value, or None if the budget is used up."""
    if budget.is_over():
        return None
    text = MASK if is_secret(name) else _cut(_text(value, 0, budget))
    return text if budget.takes(text) else None


def _cut(text: str) -> str:
    text = " ".join(text.splitlines())
    return text if len(text) <= _MOST_OF_VALUE else text[: _MOST_OF_VALUE - 3] + "..."


def _text(value: object, depth: int, budget: Budget) -> str:
    try:
        return _rendered(value, depth, budget)
    except Exception:  # other threads may change the value; the class name is enough then
        return f"<{_name(value)}>"


def _rendered(value: object, depth: int, budget: Budget) -> str:
    kind = type(value)
    if kind is str:
        return repr(_masked(value))  # type: ignore[arg-type]  # a str
    if _is_one_of(kind, _TEXTS):
        return _of_bytes(value)  # type: ignore[arg-type]  # one of these
    if kind is int and value.bit_length() > _MOST_BITS:  # type: ignore[attr-defined]  # an int
        return f"<int of {value.bit_length()} bits>"  # type: ignore[attr-defined]  # an int
    if value is None or _is_one_of(kind, _SIMPLE) or _is_plain(kind):
        return _of_plain(value)
    if depth >= _DEEPEST or budget.is_over():
        return f"<{_name(value)}>"
    return _container(value, depth, budget)


def _is_one_of(kind: type, kinds: tuple[type, ...]) -> bool:
    return any(kind is known for known in kinds)


def _is_plain(kind: type) -> bool:
    # Most classes have another name, and no module needs to be looked at.
    return _class_name(kind) in _PLAIN_NAMES and any(
        getattr(sys.modules.get(module), name, None) is kind for module, names in _PLAIN.items() for name in names
    )


def _of_plain(value: Any) -> str:
    """Return the `repr`; of a time, leave out a zone of the program's own class, whose code would run."""
    kind: type = type(value)
    is_time = _is_plain(kind) and _class_name(kind) in {"datetime", "time"}
    zone = value.tzinfo if is_time else None
    return repr(value) if zone is None or _is_plain(type(zone)) else repr(value.replace(tzinfo=None))


def _masked(text: str) -> str:
    return masked(text[:_MOST_OF_TEXT], is_cut=len(text) > _MOST_OF_TEXT)[: 2 * _MOST_OF_VALUE]


def _of_bytes(value: bytes | bytearray) -> str:
    """Return the `repr`, with secrets masked; each byte is treated as one character."""
    return repr(type(value)(_masked(value[: _MOST_OF_TEXT + 1].decode("latin-1")).encode("latin-1")))


def _container(value: Any, depth: int, budget: Budget) -> str:
    # Checked by the class: `isinstance` may run code of the object.
    kind = type(value)
    if issubclass(kind, dict):
        pairs = ((_text(key, depth + 1, budget), _inner(key, item, depth, budget)) for key, item in dict.items(value))
        return _of(value, dict, "{", _joined((f"{key}: {item}" for key, item in pairs), dict.__len__(value)), "}")
    if issubclass(kind, _UNTOLD):
        return f"<{_name(value)}>"
    enum = sys.modules.get("enum")
    if enum is not None and issubclass(kind, enum.Enum):
        return f"<{_name(value)}.{_attributes(value)['_name_']}>"
    names = _field_names(kind)
    if names:
        texts = (f"{name}={_inner(name, item, depth, budget)}" for name, item in zip(names, tuple.__iter__(value)))
        return f"{_name(value)}({_joined(texts, len(names))})"
    for base, opening, closing in _SEQUENCES:
        if issubclass(kind, base):
            items = list(islice(base.__iter__(value), _MOST_ITEMS))
            return _of(value, base, opening, _joined(_items(items, depth, budget), base.__len__(value)), closing)
    return _object(value, depth, budget)


_SEQUENCES: tuple[tuple[Any, str, str], ...] = (
    (list, "[", "]"),
    (tuple, "(", ")"),
    (set, "{", "}"),
    (frozenset, "{", "}"),
)


def _field_names(kind: type) -> tuple[str, ...]:
    """Return the field names of a named tuple; an empty tuple for other classes."""
    if not issubclass(kind, tuple):
        return ()
    for base in _mro(kind):
        names = _namespace(base).get("_fields", _namespace(base).get("__match_args__"))
        if type(names) is tuple and all(type(name) is str for name in names):
            return names
    return ()


def _items(items: list[object], depth: int, budget: Budget) -> Iterator[str]:
    """Yield the texts of a sequence's first items; in a pair, such as a header, the first may name the second."""
    for number, item in enumerate(items):
        before = items[number - 1] if number else None
        is_named = (len(items) == 2 and is_secret(before)) or _is_option(before)  # noqa: PLR2004 - a pair
        yield MASK if is_named and number else _text(item, depth + 1, budget)


def _is_option(item: object) -> bool:
    """Tell whether an item is a command-line option whose value is the next item, and secret."""
    return type(item) is str and item.startswith("-") and "=" not in item and is_secret(item)


def _inner(name: object, value: object, depth: int, budget: Budget) -> str:
    return MASK if is_secret(name) else _text(value, depth + 1, budget)


def _of(value: object, base: type, opening: str, inner: str, closing: str) -> str:
    text = f"{opening}{inner}{closing}"
    return text if type(value) is base else f"{_name(value)}({text})"


def _joined(texts: Iterable[str], count: int) -> str:
    more = ["..."] if count > _MOST_ITEMS else []
    return ", ".join([*islice(texts, _MOST_ITEMS), *more])


def _object(value: object, depth: int, budget: Budget) -> str:
    """Return the class and the attributes that the object itself holds."""
    attributes = _attributes(value)
    slots = _slots(value)
    held = {**slots, **attributes}
    if not held:
        return f"<{_name(value)}>"
    texts = (f"{name}={_inner(name, item, depth, budget)}" for name, item in held.items())
    return f"{_name(value)}({_joined(texts, len(held))})"


def _attributes(value: object) -> dict[str, object]:
    for base in _mro(type(value)):
        found = _namespace(base).get("__dict__")
        if found is not None:
            # Any other descriptor is the program's own.
            return found.__get__(value) if type(found) is GetSetDescriptorType else {}
    return {}


def _slots(value: object) -> dict[str, object]:
    held = {}
    for base in _mro(type(value)):
        names = _namespace(base).get("__slots__", ())
        for name in (names,) if isinstance(names, str) else names:
            member: Any = _namespace(base).get(name)
            if type(member) is MemberDescriptorType:
                try:
                    held[name] = member.__get__(value, type(value))
                except AttributeError:
                    continue
    return held


def _name(value: object) -> str:
    return str(_class_name(type(value)))

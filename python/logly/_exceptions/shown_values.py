"""Values as diagnosing tracebacks show them: short, within a budget, and with secrets masked.

No code of the program runs for it: of objects the attributes are shown, and no `__repr__` is called but those of
Python's own simple types. A value is masked by the name it goes by, as a variable, a key or an attribute; texts also by
what stands in them, such as `token=...` and the passwords of URLs.
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
"""Characters that secrets are looked for in: more than is shown, since of one that is cut in two not all is known."""

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
"""Classes of Python's own whose `repr` says it all, by their modules."""

# A class may have a class of its own, with code for what is asked of it, even whether it equals another.
_mro = type.__dict__["__mro__"].__get__
_namespace = type.__dict__["__dict__"].__get__
_class_name = type.__dict__["__name__"].__get__


class Budget:
    """What is left of the time and size of one exception.

    Time is the thread's own: others may keep the processor busy.
    """

    __slots__ = ("left", "until")

    def __init__(self) -> None:
        self.until = time.thread_time() + MOST_SECONDS
        self.left = MOST_CHARACTERS

    def takes(self, text: str) -> bool:
        """Take *text* from what is left; False when that is not enough."""
        self.left -= len(text)
        return self.left >= 0

    def is_over(self) -> bool:
        """Tell whether the time is up or nothing is left."""
        return self.left <= 0 or time.thread_time() > self.until


def shown(name: str, value: object, budget: Budget) -> str | None:
    """Return the value that a name stands for, or None once the budget is used up."""
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
    except Exception:  # noqa: BLE001 - other threads may change what is looked at; nothing of it is worth an error
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
    return any(
        getattr(sys.modules.get(module), name, None) is kind for module, names in _PLAIN.items() for name in names
    )


def _of_plain(value: Any) -> str:  # noqa: ANN401 - of a class that is known
    """Return what `repr` does; of times in a zone of the program's own the zone would be asked."""
    kind: type = type(value)
    is_time = _is_plain(kind) and _class_name(kind) in {"datetime", "time"}
    zone = value.tzinfo if is_time else None
    return repr(value) if zone is None or _is_plain(type(zone)) else repr(value.replace(tzinfo=None))


def _masked(text: str) -> str:
    return masked(text[:_MOST_OF_TEXT], is_cut=len(text) > _MOST_OF_TEXT)[: 2 * _MOST_OF_VALUE]


def _of_bytes(value: bytes | bytearray) -> str:
    """Return what `repr` does, with secrets masked: each byte is taken for one character."""
    return repr(type(value)(_masked(value[: _MOST_OF_TEXT + 1].decode("latin-1")).encode("latin-1")))


def _container(value: Any, depth: int, budget: Budget) -> str:  # noqa: ANN401 - looked at by its class alone
    # By the class: `isinstance` may ask the object itself.
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
    """Return the names of a named tuple's items; without any where it has none."""
    if not issubclass(kind, tuple):
        return ()
    for base in _mro(kind):
        names = _namespace(base).get("_fields", _namespace(base).get("__match_args__"))
        if type(names) is tuple and all(type(name) is str for name in names):
            return names
    return ()


def _items(items: list[object], depth: int, budget: Budget) -> Iterator[str]:
    """Give the texts of a sequence's first items: of a pair, as in headers, the second may go by the first."""
    for number, item in enumerate(items):
        before = items[number - 1] if number else None
        is_named = (len(items) == 2 and is_secret(before)) or _is_option(before)  # noqa: PLR2004 - a pair
        yield MASK if is_named and number else _text(item, depth + 1, budget)


def _is_option(item: object) -> bool:
    """Tell whether it is an option of a command line whose value is another item, and secret."""
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
            # Anything else is the program's own.
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

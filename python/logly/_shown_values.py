"""Values as diagnosing tracebacks show them: short, within a budget, and with secrets masked.

No code of the program runs for it: of objects the attributes are shown, and no `__repr__` is called but those of
Python's own simple types. A value is masked by the name it goes by, as a variable, a key or an attribute; texts also by
what stands in them, such as `token=...` and the passwords of URLs.
"""

from __future__ import annotations

import re
import time
from itertools import islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

MOST_SECONDS = 0.05
MOST_CHARACTERS = 8_192
_MOST_OF_VALUE = 128
_MOST_ITEMS = 8
_DEEPEST = 3
_MOST_BITS = 400

_MASK = "'***'"
_WORDS = (
    "password|passwd|passphrase|passcode|pwd|secret|token|apikey|accesskey|privatekey|signingkey|encryptionkey|"
    "authorization|cookie|credential|sessionid|bearer|jwt|csrf|cvv|cardnumber"
)
_SECRET = re.compile(_WORDS)
_WHOLE = frozenset({"auth", "pass", "pin", "otp", "ssn", "session"})
_SPELT = "|".join(
    word.replace("key", "[_-]?key").replace("id", "[_-]?id") if word.endswith(("key", "nid")) else word
    for word in _WORDS.split("|")
)
_PAIR = re.compile(
    rf"(?i)([\w-]*(?:{_SPELT})[\w-]*[\"']?\s*[=:]\s*)(?!'\*\*\*')(?:bearer\s+|basic\s+)?[\"']?[^\s\"'&,;)}}\]]+[\"']?"
)
_SCHEME = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}")
_URL = re.compile(r"(://[^/@\s:]*:)[^/@\s]+(@)")
_PLAIN_MODULES = frozenset({"datetime", "decimal", "uuid", "fractions", "zoneinfo", "ipaddress"})


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


def is_secret(name: object) -> bool:
    """Tell whether a value that goes by this name is masked."""
    if not isinstance(name, (str, bytes)):
        return False
    text = name.decode("latin-1") if isinstance(name, bytes) else name
    plain = re.sub(r"[^a-z]", "", text.lower())
    return plain in _WHOLE or _SECRET.search(plain) is not None


def shown(name: str, value: object, budget: Budget) -> str | None:
    """Return the value that a name stands for, or None once the budget is used up."""
    if budget.is_over():
        return None
    text = _MASK if is_secret(name) else _cut(masked(_text(value, 0, budget)))
    return text if budget.takes(text) else None


def masked(text: str) -> str:
    """Mask what a text says to be secret."""
    text = _PAIR.sub(r"\1***", text)
    text = _SCHEME.sub(r"\1 ***", text)
    return _URL.sub(r"\1***\2", text)


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
    if kind in {str, bytes, bytearray}:
        # Twice as long as what is shown: a secret that is cut in two would not be known for one.
        return repr(value[: 2 * _MOST_OF_VALUE])  # type: ignore[index]  # one of three classes
    if kind is int and value.bit_length() > _MOST_BITS:  # type: ignore[attr-defined]  # an int
        return f"<int of {value.bit_length()} bits>"  # type: ignore[attr-defined]  # an int
    if value is None or kind in {int, float, bool, complex} or kind.__module__ in _PLAIN_MODULES:
        return repr(value)
    if depth >= _DEEPEST or budget.is_over():
        return f"<{_name(value)}>"
    return _container(value, depth, budget)


def _container(value: Any, depth: int, budget: Budget) -> str:  # noqa: ANN401 - looked at by its class alone
    # By the class: `isinstance` may ask the object itself.
    kind = type(value)
    if issubclass(kind, dict):
        pairs = ((_text(key, depth + 1, budget), _inner(key, item, depth, budget)) for key, item in dict.items(value))
        return _of(value, dict, "{", _joined((f"{key}: {item}" for key, item in pairs), dict.__len__(value)), "}")
    for base, opening, closing in _SEQUENCES:
        if issubclass(kind, base):
            texts = (_text(item, depth + 1, budget) for item in base.__iter__(value))
            return _of(value, base, opening, _joined(texts, base.__len__(value)), closing)
    return _object(value, depth, budget)


_SEQUENCES: tuple[tuple[Any, str, str], ...] = (
    (list, "[", "]"),
    (tuple, "(", ")"),
    (set, "{", "}"),
    (frozenset, "{", "}"),
)


def _inner(name: object, value: object, depth: int, budget: Budget) -> str:
    return _MASK if is_secret(name) else _text(value, depth + 1, budget)


def _of(value: object, base: type, opening: str, inner: str, closing: str) -> str:
    text = f"{opening}{inner}{closing}"
    return text if type(value) is base else f"{_name(value)}({text})"


def _joined(texts: Iterable[str], count: int) -> str:
    more = ["..."] if count > _MOST_ITEMS else []
    return ", ".join([*islice(texts, _MOST_ITEMS), *more])


def _object(value: object, depth: int, budget: Budget) -> str:
    """Return the class and the attributes that the object itself holds."""
    attributes = object.__getattribute__(value, "__dict__") if _has_dict(value) else {}
    slots = _slots(value)
    held = {**slots, **attributes}
    if not held:
        return f"<{_name(value)}>"
    texts = (f"{name}={_inner(name, item, depth, budget)}" for name, item in held.items())
    return f"{_name(value)}({_joined(texts, len(held))})"


def _has_dict(value: object) -> bool:
    return type(value).__dictoffset__ != 0


def _slots(value: object) -> dict[str, object]:
    held = {}
    for base in type(value).__mro__:
        names = base.__dict__.get("__slots__", ())
        for name in (names,) if isinstance(names, str) else names:
            member: Any = base.__dict__.get(name)
            if type(member).__name__ == "member_descriptor":
                try:
                    held[name] = member.__get__(value, type(value))
                except AttributeError:
                    continue
    return held


def _name(value: object) -> str:
    return str(type.__getattribute__(type(value), "__name__"))

"""The trail of a `LogRecord`: the loggers of logly that it came through.

Handlers of other packages output every attribute that a record has beyond the usual ones. The trail is therefore in a
slot that no attribute name reaches. Copies and pickled records keep it. A record made from the attributes of another
has no trail of its own; its trail is known while a handler processes the other record.
"""

from __future__ import annotations

import copyreg
import logging
import threading
from operator import itemgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    _Birth = tuple[object, ...]

_MOST_CLASSES = 64
"""The most classes of records that get a slot. Programs have one or two; a factory may make a class for each record."""

_COPYING = ("__copy__", "__deepcopy__", "__getstate__", "__reduce__", "__reduce_ex__", "__setstate__")

_SHARED_NAMES = ("created", "thread", "levelno", "pathname", "lineno")
_SHARED: Callable[[dict[str, Any]], tuple[object, ...]] = itemgetter(*_SHARED_NAMES)
_COMPARED = frozenset((float, int, str))

_trailed: dict[type, type | None] = {}
"""The class with a slot for each class of records; None for one that cannot have it."""

_slots: dict[type, Any] = {}
"""The descriptor of the slot, by the class that has it."""


class _InHand(threading.local):
    """The records that handlers are processing on this thread: when and where each was made, and its trail."""

    def __init__(self) -> None:
        self.entries: list[tuple[_Birth, str]] = []


_in_hand = _InHand()


def trailed(record: logging.LogRecord, trail: str) -> logging.LogRecord:
    """Return a record with a trail that shares the attributes; if its class cannot have a slot, the record itself."""
    made = _class_for(type(record))
    return record if made is None else _instance(made, trail, record.__dict__)


def _class_for(kind: type) -> type | None:
    """Return the class with a slot for a class of records, if it can have one."""
    if kind not in _trailed and len(_trailed) < _MOST_CLASSES:
        _trailed[kind] = _with_slot(kind)
    return _trailed.get(kind)


def made(kind: type[logging.LogRecord], attributes: dict[str, Any], trail: str) -> logging.LogRecord:
    """Return a new record of this class with these attributes and a trail."""
    with_slot = _class_for(kind)
    if with_slot is not None:
        return _instance(with_slot, trail, attributes)
    record = kind.__new__(kind)
    record.__dict__ = attributes
    return record


def trail_of(record: logging.LogRecord) -> str:
    """Return the trail of a record, or of the record in process that it was made from; an empty one for others."""
    slot = _slots.get(type(record))
    if slot is not None:
        return str(slot.__get__(record))
    if not _in_hand.entries:
        return ""
    birth = _birth(record)
    return next((trail for known, trail in reversed(_in_hand.entries) if known == birth), "")


def give(function: Callable[[logging.LogRecord], object], record: logging.LogRecord, trail: str) -> object:
    """Call a function with a record that has its trail, and know the record's copies during that; return the result."""
    entry = _birth(record), trail
    _in_hand.entries.append(entry)
    try:
        return function(record)
    finally:
        _in_hand.entries.remove(entry)


def _birth(record: logging.LogRecord) -> _Birth:
    """Return values that a record shares with its copies, and with no other record while it is in process."""
    try:
        values = _SHARED(record.__dict__)
    except KeyError:
        values = tuple(record.__dict__.get(name) for name in _SHARED_NAMES)
    # Objects of the program may fail when compared.
    return values if _COMPARED.issuperset(map(type, values)) else tuple(map(_compared, values))


def _compared(value: object) -> object:
    return value if type(value) in _COMPARED else None


def _with_slot(kind: type) -> type | None:
    """Return a subclass with a slot that looks like its base; None if the class has its own way of copying."""
    has_own = any(getattr(kind, name, None) is not getattr(object, name, None) for name in _COPYING)
    if has_own or kind.__basicsize__ != logging.LogRecord.__basicsize__:
        return None
    names = {"__doc__": kind.__doc__, "__module__": kind.__module__, "__qualname__": kind.__qualname__}
    try:
        made: type = type(kind)(kind.__name__, (kind,), {**names, "__slots__": ("trail",)})
        slot = made.__dict__["trail"]
        # The slot itself stays. A field may be named `trail`, and `dir` does not show the slot.
        del made.trail  # type: ignore[attr-defined]
    except Exception:  # raised by the program's class, which may forbid subclasses
        return None
    _slots[made] = slot
    copyreg.pickle(made, _reduced)
    return made


def _instance(made: type, trail: str, attributes: dict[str, Any]) -> logging.LogRecord:
    record: logging.LogRecord = object.__new__(made)
    record.__dict__ = attributes
    _slots[made].__set__(record, trail)
    return record


def _reduced(record: logging.LogRecord) -> tuple[Callable[..., logging.LogRecord], tuple[Any, ...], dict[str, Any]]:
    """Return the function, arguments and state that `copy` and `pickle` restore a record from."""
    kind = type(record)
    return _again, (kind.__bases__[0], str(_slots[kind].__get__(record))), record.__dict__


def _again(kind: type, trail: str) -> logging.LogRecord:
    return trailed(object.__new__(kind), trail)

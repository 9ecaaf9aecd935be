"""The trail of a `LogRecord`: the loggers of logly that it came through.

Handlers of other packages take every attribute that a record has beyond the usual ones. The trail is therefore in a
slot that no name leads to. Copies and pickled records keep it. A record made of the attributes of another has none; it
is known while a handler has that other in hand.
"""

from __future__ import annotations

import copyreg
import logging
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    _Birth = tuple[object, ...]

_MOST_CLASSES = 64
"""Classes of records that get a slot. Programs have one or two; a factory may make a class for each record."""

_COPYING = ("__copy__", "__deepcopy__", "__getstate__", "__reduce__", "__reduce_ex__", "__setstate__")

_trailed: dict[type, type | None] = {}
"""The class with a slot for each class of records; None for one that cannot have it."""

_slots: dict[type, Any] = {}
"""The descriptor of the slot, by the class that has it."""


class _InHand(threading.local):
    """The records that handlers are being given by this thread: when and where each was made, and its trail."""

    def __init__(self) -> None:
        self.entries: list[tuple[_Birth, str]] = []


_in_hand = _InHand()


def trailed(record: logging.LogRecord, trail: str) -> logging.LogRecord:
    """Return a record with a trail, which shares its attributes; of a class that cannot have one, the record."""
    kind = type(record)
    if kind not in _trailed and len(_trailed) < _MOST_CLASSES:
        _trailed[kind] = _with_slot(kind)
    made = _trailed.get(kind)
    return record if made is None else _instance(made, trail, record.__dict__)


def trail_of(record: logging.LogRecord) -> str:
    """Return the trail of a record, or of the record in hand that it was made of; an empty one for others."""
    slot = _slots.get(type(record))
    if slot is not None:
        return str(slot.__get__(record))
    if not _in_hand.entries:
        return ""
    birth = _birth(record)
    return next((trail for known, trail in reversed(_in_hand.entries) if known == birth), "")


def handle(handler: logging.Handler, record: logging.LogRecord, trail: str) -> object:
    """Have a handler handle a record, whose copies are known meanwhile; return what it returned."""
    return give(handler.handle, trailed(record, trail), trail)


def give(function: Callable[[logging.LogRecord], object], record: logging.LogRecord, trail: str) -> object:
    """Call a function with a record that has its trail, whose copies are known meanwhile; return what it returned."""
    entry = _birth(record), trail
    _in_hand.entries.append(entry)
    try:
        return function(record)
    finally:
        _in_hand.entries.remove(entry)


def _birth(record: logging.LogRecord) -> _Birth:
    """Return what a record has in common with its copies, and with no other that comes while it is in hand."""
    values = [record.__dict__.get(name) for name in ("created", "thread", "levelno", "pathname", "lineno")]
    # Objects of the program's may not even be compared.
    return tuple(value if type(value) in {float, int, str} else None for value in values)


def _with_slot(kind: type) -> type | None:
    """Return a subclass with a slot that looks as its base does; None where copies would be others than we think."""
    has_own = any(getattr(kind, name, None) is not getattr(object, name, None) for name in _COPYING)
    if has_own or kind.__basicsize__ != logging.LogRecord.__basicsize__:
        return None
    names = {"__doc__": kind.__doc__, "__module__": kind.__module__, "__qualname__": kind.__qualname__}
    try:
        made: type = type(kind)(kind.__name__, (kind,), {**names, "__slots__": ("trail",)})
        slot = made.__dict__["trail"]
        # The slot stays. A field may have that name, and `dir` does not show it.
        del made.trail  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001 - of the program's class, which may forbid subclasses
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
    """Return what `copy` and `pickle` make a record of again."""
    kind = type(record)
    return _again, (kind.__bases__[0], str(_slots[kind].__get__(record))), record.__dict__


def _again(kind: type, trail: str) -> logging.LogRecord:
    return trailed(object.__new__(kind), trail)

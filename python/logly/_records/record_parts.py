"""Parts of a record's dict that are more than plain values: level, file, thread, process and exception.

The first four are `str` or `int` with attributes, which filters and patchers may set, also through `vars`. They note
the attributes that were set, so that the record can take them over.
"""

from __future__ import annotations

from collections import namedtuple

from logly import _logly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, NoReturn


class _Attributes(dict[str, "Any"]):
    """The attributes of a part that a program has set, or that it got as a dict and may set at any time."""

    __slots__ = ("before",)

    def __init__(self, own: dict[str, Any], before: dict[str, Any]) -> None:
        super().__init__(own)
        self.before = before
        """The attributes as the record had them."""


class _Bare:
    """The base class of parts, whose dict can be read without a notice."""


_dict: Any = _Bare.__dict__["__dict__"]
_own: Callable[[object], dict[str, Any]] = _dict.__get__


def _given(part: _Part) -> dict[str, Any]:
    """Return the attributes, as `vars` does. A program may change them from here on."""
    own = _own(part)
    if type(own) is not _Attributes:
        own = _Attributes(own, own)
        _dict.__set__(part, own)
    _logly._touch_record()
    return own


def _replace(part: _Part, own: dict[str, Any]) -> None:
    """Replace the attributes, as an assignment to `__dict__` does."""
    given = _given(part)
    given.clear()
    given.update(own)


_NOTICED: Any = property(_given, _replace)
"""Stands in each class, as Python would put its own there. The property of a base class would not count."""


class _Part(_Bare):
    """The base class of the four: it knows which attributes were set or deleted."""

    def __setattr__(self, name: str, value: object) -> None:
        if name == "__dict__":
            super().__setattr__(name, value)
        else:
            vars(self)[name] = value

    def __delattr__(self, name: str) -> None:
        vars(self)
        super().__delattr__(name)

    def __getstate__(self) -> tuple[dict[str, Any], dict[str, Any] | None]:
        own = _own(self)
        return dict(own), own.before if isinstance(own, _Attributes) else None

    def __setstate__(self, state: tuple[dict[str, Any], dict[str, Any] | None]) -> None:
        own, before = state
        _dict.__set__(self, own if before is None else _Attributes(own, before))


def set_parts(part: object) -> dict[str, Any]:
    """Return the attributes of a part that were set, with their values."""
    own = _own(part) if isinstance(part, _Part) else None
    if not isinstance(own, _Attributes):
        return {}
    before = own.before
    return {name: own[name] for name in own if name not in before or own[name] is not before[name]}


def attributes_of(part: object) -> dict[str, Any]:
    """Return the attributes of a part to read. Those of `vars` could be changed, which costs the next records."""
    return _own(part) if isinstance(part, _Part) else vars(part)


class RecordLevel(_Part, str):  # noqa: SLOT000 - it has attributes that may be set
    """A level's name, with its number and icon."""

    __dict__ = _NOTICED
    name: str
    no: int
    icon: str

    def __getattr__(self, name: str) -> str:
        return str(self) if name == "name" else _missing(self, name)


class RecordFile(_Part, str):  # noqa: SLOT000 - as above
    """A file's base name, with its full path."""

    __dict__ = _NOTICED
    name: str
    path: str

    def __getattr__(self, name: str) -> str:
        return str(self) if name == "name" else _missing(self, name)


class RecordThread(_Part, int):
    """A thread's identifier, with its name."""

    __dict__ = _NOTICED
    id: int
    name: str

    def __getattr__(self, name: str) -> int:
        return int(self) if name == "id" else _missing(self, name)


class RecordProcess(_Part, int):
    """A process's identifier, with its name."""

    __dict__ = _NOTICED
    id: int
    name: str

    def __getattr__(self, name: str) -> Any:
        if name == "id":
            return int(self)
        # Computed at each use, which is rare.
        return process_name() if name == "name" else _missing(self, name)


def level_of(name: str, no: int, icon: str) -> RecordLevel:
    """Make the level of a record."""
    level = RecordLevel(name)
    # Here and below `vars` is bypassed, because it marks changes of programs.
    own = _own(level)
    own["no"] = no
    own["icon"] = icon
    return level


def file_of(name: str, path: str) -> RecordFile:
    """Make the file of a record."""
    file = RecordFile(name)
    _own(file)["path"] = path
    return file


def thread_of(ident: int, name: str) -> RecordThread:
    """Make the thread of a record."""
    thread = RecordThread(ident)
    _own(thread)["name"] = name
    return thread


def process_of(ident: int, name: str = "") -> RecordProcess:
    """Make the process of a record; without a name it has the name that `multiprocessing` gives this process."""
    process = RecordProcess(ident)
    if name:
        _own(process)["name"] = name
    return process


def _missing(part: object, name: str) -> NoReturn:
    message = f"{type(part).__name__!r} object has no attribute {name!r}"
    raise AttributeError(message)


def process_name() -> str:
    """Return the name that `multiprocessing` gives this process; `MainProcess` if it is not in use."""
    import sys  # rarely needed

    multiprocessing = sys.modules.get("multiprocessing")
    return "MainProcess" if multiprocessing is None else str(multiprocessing.current_process().name)


if TYPE_CHECKING:
    from typing import NamedTuple

    class _Exception(NamedTuple):
        type: type[BaseException]
        value: BaseException
        traceback: TracebackType | None

else:
    _Exception = namedtuple("_Exception", ("type", "value", "traceback"))  # noqa: PYI024 - `typing` is an import


class RecordException(_Exception):
    """The exception of a record: its type, the exception, its traceback.

    A pickle or a deep copy of it has no traceback. If the exception cannot be pickled or unpickled, the `value` of the
    copy is None, and its `type` is the nearest base class that can be pickled.
    """

    __slots__ = ()

    def __reduce__(self) -> tuple[object, ...]:
        """Return the function and arguments that restore it from a pickle."""
        value = _pickled(self.value)
        kind = next((kind for kind in self.type.__mro__ if _pickled(kind) is not None), BaseException)
        return _unpickled, (kind, value)


def _pickled(value: object) -> bytes | None:
    """Return the pickle of an object; None if it cannot be pickled and unpickled."""
    import pickle  # the caller has imported it

    try:
        data = pickle.dumps(value)
        pickle.loads(data)  # noqa: S301 - our own
    except Exception:  # raised by the program's classes
        return None
    return data


def _unpickled(kind: type[BaseException], value: bytes | None) -> RecordException:
    import pickle

    try:
        read = None if value is None else pickle.loads(value)  # noqa: S301 - as trusted as the pickle that it is from
    except Exception:  # the class may differ or be missing in the reading process
        read = None
    return RecordException(kind, read, None)  # type: ignore[arg-type]

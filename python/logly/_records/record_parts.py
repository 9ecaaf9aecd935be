"""Parts of a record's dict that are more than plain values: level, file, thread, process and exception.

The first four are `str` or `int` with attributes, which filters and patchers may set. They note the names of the
attributes that were set, so that the record can take them over.
"""

from __future__ import annotations

from collections import namedtuple

from logly import _logly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, NoReturn


class _Part:
    """The base class of the four: it records which attributes were set or deleted."""

    def __setattr__(self, name: str, value: object) -> None:
        own = vars(self)
        own[name] = value
        own["set_names"] = {*own.get("set_names", ()), name}
        _logly._touch_record()

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        own = vars(self)
        own["set_names"] = {*own.get("set_names", ())} - {name}
        _logly._touch_record()


def set_parts(part: object) -> dict[str, Any]:
    """Return the attributes of a part that were set, with their values."""
    own = vars(part) if isinstance(part, _Part) else {}
    return {name: own[name] for name in own.get("set_names", ())}


class RecordLevel(_Part, str):  # noqa: SLOT000 - it has attributes that may be set
    """A level's name, with its number and icon."""

    name: str
    no: int
    icon: str

    def __getattr__(self, name: str) -> str:
        return str(self) if name == "name" else _missing(self, name)


class RecordFile(_Part, str):  # noqa: SLOT000 - as above
    """A file's base name, with its full path."""

    name: str
    path: str

    def __getattr__(self, name: str) -> str:
        return str(self) if name == "name" else _missing(self, name)


class RecordThread(_Part, int):
    """A thread's identifier, with its name."""

    id: int
    name: str

    def __getattr__(self, name: str) -> int:
        return int(self) if name == "id" else _missing(self, name)


class RecordProcess(_Part, int):
    """A process's identifier, with its name."""

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
    # Here and below `__setattr__` is bypassed, because it marks changes of programs.
    own = level.__dict__
    own["no"] = no
    own["icon"] = icon
    return level


def file_of(name: str, path: str) -> RecordFile:
    """Make the file of a record."""
    file = RecordFile(name)
    file.__dict__["path"] = path
    return file


def thread_of(ident: int, name: str) -> RecordThread:
    """Make the thread of a record."""
    thread = RecordThread(ident)
    thread.__dict__["name"] = name
    return thread


def process_of(ident: int, name: str = "") -> RecordProcess:
    """Make the process of a record; without a name it has the name that `multiprocessing` gives this process."""
    process = RecordProcess(ident)
    if name:
        process.__dict__["name"] = name
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

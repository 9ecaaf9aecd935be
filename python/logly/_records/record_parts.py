"""Parts of a record's dict that are more than plain values: level, file, thread, process and exception.

The first four are plain `str` or `int` with attributes, which filters and patchers may set. They note the names of
those that were set, for the record to take them over.
"""

from __future__ import annotations

from collections import namedtuple

from logly import _logly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, NoReturn


class _Part:
    """What the four have in common: they know which of their attributes were set."""

    def __setattr__(self, name: str, value: object) -> None:
        own = vars(self)
        own[name] = value
        own["set_names"] = {*own.get("set_names", ()), name}
        _logly._touch_record()  # noqa: SLF001 - of this package


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

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the annotations say it
        if name == "id":
            return int(self)
        # Asked for seldom, and not known before.
        return process_name() if name == "name" else _missing(self, name)


def level_of(name: str, no: int, icon: str) -> RecordLevel:
    """Make the level of a record."""
    level = RecordLevel(name)
    # In here and below past `__setattr__`, which is for programs.
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
    """Make the process of a record; without a name it is what `multiprocessing` calls this process."""
    process = RecordProcess(ident)
    if name:
        process.__dict__["name"] = name
    return process


def _missing(part: object, name: str) -> NoReturn:
    message = f"{type(part).__name__!r} object has no attribute {name!r}"
    raise AttributeError(message)


def process_name() -> str:
    """Return what `multiprocessing` calls this process; `MainProcess` where it is not in use."""
    import sys  # noqa: PLC0415 - asked for seldom

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

    A pickle or a deep copy of it has no traceback. If the exception cannot be pickled, or not be read back, the copy's
    `value` is None; its `type` is the nearest class that can.
    """

    __slots__ = ()

    def __reduce__(self) -> tuple[object, ...]:
        """Return how it is made again from a pickle."""
        value = _pickled(self.value)
        kind = next((kind for kind in self.type.__mro__ if _pickled(kind) is not None), BaseException)
        return _unpickled, (kind, value)


def _pickled(value: object) -> bytes | None:
    """Return the pickle of an object that can be read back; None where there is none."""
    import pickle  # noqa: PLC0415 - whoever comes here has it

    try:
        data = pickle.dumps(value)
        pickle.loads(data)  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - of the program's classes
        return None
    return data


def _unpickled(kind: type[BaseException], value: bytes | None) -> RecordException:
    import pickle  # noqa: PLC0415 - as above

    try:
        read = None if value is None else pickle.loads(value)  # noqa: S301 - as trusted as the pickle that it is from
    except Exception:  # noqa: BLE001 - the class may be another, or missing, where it is read
        read = None
    return RecordException(kind, read, None)  # type: ignore[arg-type]

"""The direct way: native methods in the place of those of `logging.Logger`, while an interception wants them.

A native method takes a call whose record goes to logly alone, and hands every other call to the function it replaces.
That rests on facts about `logging`, which are gathered here and checked natively.
"""

from __future__ import annotations

import copyreg
import logging
import os
import sys
import threading
import time
from types import BuiltinFunctionType, CodeType, FunctionType

from logly._logly import _direct_facts, _direct_method, _direct_way
from logly._stdlib.undoing import Undoable
from logly.integrations.logging import ADAPTERS, LAST_WORDS, OWN_ATTRIBUTES, SIEVES, Handler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    _Expected = tuple[Any, str, object]

_REPLACED = ("debug", "info", "warning", "error", "critical", "exception", "log")

_LOGGER = ("isEnabledFor", "_log", "findCaller", "makeRecord", "handle", "callHandlers", "filter")
_MEMBERS: tuple[tuple[type, tuple[str, ...]], ...] = (
    (Handler, ("handle", "emit", "filter", "handleError")),
    (logging.LogRecord, ("getMessage",)),
    (logging.LogRecord, ("__init__", "__new__", "__setattr__")),
    (logging.NullHandler, ("handle",)),
    (logging.Logger, _LOGGER),
    (logging.RootLogger, _LOGGER),
)
"""The methods that a call and its record go through."""

_OF_RECORDS = 5
"""How many of them matter for a record that comes to the handler."""

_ATTRIBUTES: dict[type, tuple[str, ...]] = {
    logging.Logger: ("handlers", "propagate", "parent", "disabled", "filters", "name", "_cache"),
    Handler: ("filters", "level", "formatter", "_logger", "before", "is_direct"),
    logging.NullHandler: ("level",),
}
"""The attributes that instances have, and classes must not have."""

_FUNCTIONS = ("currentframe", "getLevelName", "_is_internal_frame")
_SWITCHES = ("logThreads", "logMultiprocessing", "logProcesses", "logAsyncioTasks")
_CLOCK = "time_ns" if sys.version_info >= (3, 13) else "time"

_methods: dict[str, Any] = {}
"""The native methods by name, once they were made. Patches of others may hold them for good."""

_users: set[Direct] = set()


class Direct(Undoable):
    """One wish for the direct way. It ends when the last wish is undone."""

    __slots__ = ()

    def __init__(self) -> None:
        """Put the native methods in place, where the library's own ones are."""
        if not _methods and not _prepare():
            return
        for name, method in _methods.items():
            if logging.Logger.__dict__.get(name) is method.__wrapped__:
                setattr(logging.Logger, name, method)
        _users.add(self)
        _direct_way(is_active=True)

    def undo(self) -> None:
        """Put the library's own methods back, except where others have put theirs."""
        if self not in _users:
            return
        _users.remove(self)
        if _users:
            return
        _direct_way(is_active=False)
        for name, method in _methods.items():
            found: Any = logging.Logger.__dict__.get(name)
            if found is method:
                setattr(logging.Logger, name, found.__wrapped__)


def _prepare() -> bool:
    """Make the native methods.

    Return False if `logging` is not as the standard library has it, or if logly was built for the stable ABI.
    """
    codes = list(_codes(logging))
    own = all(_is_own(getattr(logging.Logger, name, None), name, codes) for name in _REPLACED)
    members = [(kind, name, getattr(kind, name)) for kind, names in _MEMBERS for name in names]
    functions = [(name, found) for _, name, found in members if isinstance(found, FunctionType)]
    of_module = [name for name in _FUNCTIONS if hasattr(logging, name)]
    functions += [(name, getattr(logging, name)) for name in of_module]
    ours = {id(found) for found in Handler.__dict__.values()}
    if not (own and all(id(found) in ours or _is_own(found, name, codes) for name, found in functions)):
        return False
    switches = [name for name in _SWITCHES if hasattr(logging, name)]
    builtins = [(time, _CLOCK), (os, "getpid"), (threading, "get_ident"), (sys, "_getframe"), (sys, "exc_info")]
    current_thread: Any = threading.current_thread
    if (
        any(type(getattr(module, name)) is not BuiltinFunctionType for module, name in builtins)
        or getattr(current_thread, "__globals__", None) is not threading.__dict__
    ):
        return False
    methods = {name: _direct_method(getattr(logging.Logger, name), name) for name in _REPLACED}
    if None in methods.values():
        return False
    expected: list[_Expected] = [(logging, "_logRecordFactory", logging.LogRecord)]
    expected += [(logging, name, True) for name in switches]
    expected += [(logging, name, getattr(logging, name)) for name in ("_srcfile", *of_module)]
    expected += [(logging, module.__name__, module) for module in (os, sys, threading, time)]
    expected += [(module, name, getattr(module, name)) for module, name in builtins]
    expected += [(threading, "current_thread", current_thread), (sys, "modules", sys.modules)]
    # Both classes of loggers have the same functions.
    python_functions = [*dict.fromkeys(found for _, found in functions), current_thread]
    kind = _direct_facts(_Facts(expected, members, python_functions, methods["error"]))
    copyreg.pickle(kind, _name_of)
    _methods.update(methods)
    return True


def _name_of(method: Any) -> str:
    """Return the name by which `pickle` and `copy` find a method."""
    name: str = method.__qualname__
    return name


class _Facts:
    """The facts in the form that the extension takes."""

    def __init__(
        self,
        expected: list[_Expected],
        members: list[tuple[type, str, object]],
        functions: list[object],
        error: object,
    ) -> None:
        modules = (logging, os, sys, threading, time)
        self.dicts = [*(module.__dict__ for module in modules), sys.modules]
        self.globals = [(module.__dict__, name, found) for module, name, found in expected]
        self.members = members
        self.of_records = _OF_RECORDS
        self.absent = [(kind, name) for kind, names in _ATTRIBUTES.items() for name in names]
        self.functions = functions
        self.error = error
        self.clock = getattr(time, _CLOCK)
        self.logger, self.root, self.record = logging.Logger, logging.RootLogger, logging.LogRecord
        self.null_handler, self.handler = logging.NullHandler, Handler
        self.source = logging._srcfile
        self.own = OWN_ATTRIBUTES
        self.sieves, self.last_words, self.adapters = SIEVES, LAST_WORDS, ADAPTERS
        self.sys, self.modules, self.threading = sys.__dict__, sys.modules, threading.__dict__


def _codes(module: Any) -> Iterator[CodeType]:
    """Iterate over the code of a module's functions, as its file has it."""
    try:
        pending = [module.__spec__.loader.get_code(module.__name__)]
    except Exception:  # raised by a loader of the program's, or without the file
        return
    while pending:
        code = pending.pop()
        inner = [found for found in code.co_consts if isinstance(found, CodeType)]
        pending += inner
        yield from inner


def _is_own(function: Any, name: str, codes: list[CodeType]) -> bool:
    """Tell whether a function is the one that the library's file defines."""
    if type(function) is not FunctionType or function.__globals__ is not logging.__dict__:
        return False
    code = function.__code__
    is_named = code.co_name in (name, "<lambda>")
    return is_named and any(found == code for found in codes if found.co_firstlineno == code.co_firstlineno)

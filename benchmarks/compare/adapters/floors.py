"""Floors: the cost of the same loop when the called function does almost no work.

The empty native call takes a message and 3 keywords and ignores them. It is logly's own if logly is
installed; otherwise it is made from the interpreter's `Py_NewRef`, which returns the object it is
bound to and never looks at its arguments.
"""

from __future__ import annotations

import ctypes
import importlib
import os
from typing import TYPE_CHECKING, Any, Callable

from benchmarks.compare.adapters import Session
from benchmarks.compare.content import Output

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.compare.scenarios import Shape

_LINE = b"2025-01-15 10:30:45 | INFO | payment accepted\n"
_CALL = 'floor("paid {amount} EUR", amount=12, user="ada", seq=i)'
_METH_FASTCALL_WITH_KEYWORDS = 0x0080 | 0x0002


class _MethodDef(ctypes.Structure):
    _fields_ = (
        ("ml_name", ctypes.c_char_p),
        ("ml_meth", ctypes.c_void_p),
        ("ml_flags", ctypes.c_int),
        ("ml_doc", ctypes.c_char_p),
    )


_METHOD = _MethodDef(b"empty_call", None, _METH_FASTCALL_WITH_KEYWORDS, None)


def open_session(shape: Shape, folder: Path, mode: str, kept: int) -> Session:  # noqa: ARG001 - floors have one content
    """Return a session that calls the floor named *mode*."""
    if mode == "native":
        return Session(_CALL, {"floor": empty_native_call()}, ())
    if mode == "def":
        return Session(_CALL, {"floor": _empty_def}, ())
    output = Output(folder / "floor.log")
    file = output.path.open("ab", buffering=0 if mode == "os" else 8192)
    if mode == "os":
        names = {"write": os.write, "fd": file.fileno(), "line": _LINE}
        return Session("write(fd, line)", names, (output,), close=file.close)
    names = {"file": file, "line": _LINE}
    return Session("file.write(line)", names, (output,), drain=file.flush, close=file.close)


def empty_native_call() -> Callable[..., Any]:
    """Return a native function that takes anything and does nothing."""
    try:
        function: Callable[..., Any] = importlib.import_module("logly._logly")._empty_call  # noqa: SLF001 - made for this
    except (ImportError, AttributeError):
        function = _borrowed_native_call()
    return function


def _borrowed_native_call() -> Callable[..., Any]:
    """Make a METH_FASTCALL builtin from an interpreter function.

    Python 3.9 lacks `Py_NewRef`; there the call allocates an empty dict.
    """
    api = ctypes.pythonapi
    ignoring = getattr(api, "Py_NewRef", None) or api.PyDict_New
    _METHOD.ml_meth = ctypes.cast(ignoring, ctypes.c_void_p).value
    make = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.POINTER(_MethodDef), ctypes.py_object, ctypes.c_void_p)(
        ("PyCFunction_NewEx", api)
    )
    function: Callable[..., Any] = make(ctypes.byref(_METHOD), None, None)
    return function


def _empty_def(message: str, **fields: object) -> None:
    """Take the arguments of a logging call, in Python."""

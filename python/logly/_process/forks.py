"""Forks wait for lines and imports that a child could not finish. Forks made in C code are not noticed.

Without this, a child could inherit a lock without the thread that releases it: the lock of a stream whose line is being
written, or of a module that a logging call imports at its first use. The child's own first call of the kind would wait
forever. So forks wait for such lines and imports. Lines take microseconds; imports, once for each module, milliseconds.

Under `-X lazy_imports=all` of Python 3.15, all modules leave their imports to the first use of a name. Forks could not
wait for such an import, so all of them are made here.
"""

from __future__ import annotations

import os
import sys

from logly import _logly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from logly.typing import Writable

_WITH_TRACEBACK = ("traceback", "linecache", "ast", "textwrap", "tokenize", "unicodedata")
"""The modules that `traceback` needs when it first prints something."""

_NEED_TRACEBACK = (
    "logly._exceptions.traceback",
    "logly._exceptions.diagnose",
    "logly.loguru._places",
    "logly.loguru._tracebacks",
)


def install() -> None:
    """Make forks wait for lines and imports; call this once."""
    # The counting hooks are native: Ctrl-C can end a Python function before its first line. The hook before a fork that
    # is registered last is called first.
    if hasattr(os, "register_at_fork"):  # not on Windows, which has no forks
        os.register_at_fork(before=_flush)
        os.register_at_fork(
            before=_logly._rest_streams,
            after_in_parent=_logly._wake_streams,
            after_in_child=_logly._renew_streams,
        )
    _make_lazy_imports(lambda: [module for name, module in sys.modules.items() if name.partition(".")[0] == "logly"])


def load(module: str, name: str) -> object:
    """Import a name from a module of this package, with all modules that it needs at its first use, for `_logly._load`.

    Raises:
        ImportError: A signal handler logs while its own thread has half imported the module.
    """
    if module in _NEED_TRACEBACK:
        for needed in _WITH_TRACEBACK:
            __import__(needed)
    found = __import__(module, fromlist=[name])
    _make_lazy_imports(lambda: [found])
    if module in _NEED_TRACEBACK and any(map(_is_begun, (*_WITH_TRACEBACK, "logly._exceptions.traceback", module))):
        message = f"{module} is being imported by this thread"
        raise ImportError(message)
    return getattr(found, name)


def _make_lazy_imports(modules: Callable[[], list[ModuleType]]) -> None:
    if sys.version_info >= (3, 15) and sys.get_lazy_imports() == "all":
        from logly._process.lazy_imports import make  # few programs run so

        make(modules())


def write_past(stream: Writable, line: str) -> None:
    """Write a line to the file of a stream whose lock belongs to a thread that exists only in the parent.

    Raises:
        OSError: The stream has no file.
    """
    descriptor = stream.fileno()  # type: ignore[attr-defined]
    rest = line.encode(getattr(stream, "encoding", None) or "utf-8", "backslashreplace")
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _is_begun(module: str) -> bool:
    """Tell whether this thread is importing a module; imports of other threads have been waited for."""
    return getattr(getattr(sys.modules.get(module), "__spec__", None), "_initializing", False) is True


def _flush() -> None:
    """Flush text that background sinks left in buffers: the child would write it too."""
    if _logly._do_streams_rest():
        background = sys.modules.get("logly._sinks.background")
        if background is not None:
            background.flush_all()

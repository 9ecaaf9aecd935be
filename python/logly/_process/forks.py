"""Forks that come in the middle of something that a child could not go on with. Forks from C go by.

A child would have a lock and not the thread that gives it back: that of a stream whose line is being written, or of a
module that a logging call imports when it first needs it. Its own first call of the kind would wait for ever. So forks
wait for such lines and imports, which take microseconds and, once for each module, milliseconds.
"""

from __future__ import annotations

import os
import sys

from logly import _logly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logly.typing import Writable

_WITH_TRACEBACK = ("traceback", "linecache", "ast", "textwrap", "tokenize", "unicodedata")
"""What `traceback` needs when it first prints something."""

_NEED_TRACEBACK = ("logly._exceptions.traceback", "logly._exceptions.diagnose")


def install() -> None:
    """Have forks wait for lines and imports; to be called once."""
    # What counts is native: a Ctrl-C can end a function of Python's before its first line. Of the hooks before a fork
    # the last one is called first.
    os.register_at_fork(before=_flush)
    os.register_at_fork(
        before=_logly._rest_streams,  # noqa: SLF001 - of this package
        after_in_parent=_logly._wake_streams,  # noqa: SLF001 - as above
        after_in_child=_logly._renew_streams,  # noqa: SLF001 - as above
    )


def load(module: str, name: str) -> object:
    """Import a name of one of this package's modules, with all that it needs at its first use, for `_logly._load`.

    Raises:
        ImportError: A signal handler logs while its own thread has half imported it.
    """
    if module in _NEED_TRACEBACK:
        for needed in _WITH_TRACEBACK:
            __import__(needed)
    found = __import__(module, fromlist=[name])
    if module in _NEED_TRACEBACK and any(map(_is_begun, (*_WITH_TRACEBACK, "logly._exceptions.traceback", module))):
        message = f"{module} is being imported by this thread"
        raise ImportError(message)
    return getattr(found, name)


def write_past(stream: Writable, line: str) -> None:
    """Write a line to the file of a stream whose lock a thread has that the fork left in the parent.

    Raises:
        OSError: The stream has no file.
    """
    descriptor = stream.fileno()  # type: ignore[attr-defined]
    rest = line.encode(getattr(stream, "encoding", None) or "utf-8", "backslashreplace")
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _is_begun(module: str) -> bool:
    """Tell whether an import is under way; one of another thread has been waited for."""
    return getattr(getattr(sys.modules.get(module), "__spec__", None), "_initializing", False) is True


def _flush() -> None:
    """Flush what sinks in the background have left in buffers: the child would write it too."""
    if _logly._do_streams_rest():  # noqa: SLF001 - of this package
        background = sys.modules.get("logly._sinks.background")
        if background is not None:
            background.flush_all()

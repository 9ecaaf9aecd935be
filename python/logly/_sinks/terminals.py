"""Properties of streams: whether a stream is a terminal or a notebook, and which escapes and characters it accepts.

A stream is asked once, at the first write. Platform and environment are arguments, so that the code for Windows can be
tested on other systems.
"""

from __future__ import annotations

import codecs
import errno
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

_NOTEBOOKS = ("ipykernel", "google.colab", "xpython", "pyodide_kernel")
"""Packages of notebook kernels, whose streams show colours without being terminals."""

_ESCAPES = 0x0004
"""The console mode `ENABLE_VIRTUAL_TERMINAL_PROCESSING` of Windows."""

_JSON_ESCAPES = "logly.json-escapes"


def look_of(
    stream: object, platform: str = sys.platform, environment: Mapping[str, str] = os.environ
) -> tuple[bool, bool]:
    """Return whether a stream is a terminal or a notebook, and whether it accepts escapes."""
    stream = behind(stream)
    if is_notebook(stream):
        return True, True
    if not is_terminal(stream):
        return False, False
    return True, takes_escapes(stream, platform, environment)


def behind(stream: object) -> object:
    """Return the stream under rich's replacement, which is in place while a bar is shown."""
    if type(stream).__module__ == "rich.file_proxy":
        return getattr(stream, "rich_proxied_file", stream)
    return stream


def is_notebook(stream: object) -> bool:
    """Return whether a stream writes below a cell of a notebook."""
    modules = [str(getattr(kind, "__module__", "")) for kind in type(stream).__mro__]
    return any(module == name or module.startswith(name + ".") for module in modules for name in _NOTEBOOKS)


def other_than(name: str, descriptor: int) -> object:
    """Return the stream of `sys` with this name if it does not write to the descriptor; None if it does.

    A program that was started without the descriptor has no stream. `OSError` says so, since another file may have the
    number by now.
    """
    stream = getattr(sys, name, None)
    if stream is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), name)
    if is_notebook(stream):
        return stream
    try:
        return None if os.path.sameopenfile(behind(stream).fileno(), descriptor) else stream  # type: ignore[attr-defined]  # files have it
    except Exception:  # any error of the program's object
        return stream


def is_terminal(stream: object) -> bool:
    """Return whether a stream says that it is a terminal; False if it is closed or not a file."""
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined]  # files have it
    except Exception:  # any error of the program's object
        return False


def takes_escapes(
    stream: object,
    platform: str,
    environment: Mapping[str, str],
    enable: Callable[[object], bool] | None = None,
) -> bool:
    """Return whether a terminal executes escapes; the console of Windows, from 10 on, does when enabled.

    Older consoles do inside intermediate programs: ANSICON, ConEmu, and terminals like Cygwin's.
    """
    if platform != "win32":
        return True
    if (enable or enable_escapes)(stream):
        return True
    return (
        any(environment.get(name) for name in ("WT_SESSION", "ANSICON"))
        or environment.get("ConEmuANSI", "").upper() == "ON"
        or environment.get("TERM_PROGRAM") == "vscode"
        or environment.get("TERM", "").startswith(("xterm", "cygwin", "msys", "screen", "tmux"))
    )


def enable_escapes(stream: Any) -> bool:
    """Make a console of Windows execute escapes; False if it cannot, or the stream is not a console."""
    if sys.platform != "win32":
        return False
    # These modules exist only on Windows.
    import ctypes
    import msvcrt

    try:
        handle = msvcrt.get_osfhandle(stream.fileno())
    except (AttributeError, OSError, ValueError):
        return False
    return enable_mode(ctypes.windll.kernel32, handle)


def enable_mode(kernel: Any, handle: int) -> bool:
    """Enable escapes in a console's mode with functions of `kernel32`; False if one of them fails."""
    import ctypes  # see above

    mode = ctypes.c_uint32()
    console = ctypes.c_void_p(handle)
    if not kernel.GetConsoleMode(console, ctypes.byref(mode)):
        return False
    return bool(mode.value & _ESCAPES or kernel.SetConsoleMode(console, mode.value | _ESCAPES))


def write(stream: Any, line: str) -> None:
    """Write a line; characters that the stream's encoding lacks are written as escapes."""
    try:
        stream.write(line)
    except UnicodeEncodeError:
        stream.write(encodable(stream, line))


def flush(stream: object) -> None:
    """Flush a stream, if it can be flushed."""
    flush = getattr(stream, "flush", None)
    if flush is not None:
        flush()


def encodable(stream: object, line: str) -> str:
    r"""Return a line with unencodable characters replaced by `\xe9` or `\U0001f600`, in JSON by JSON's escapes."""
    encoding: Any = getattr(behind(stream), "encoding", None)
    try:
        # This raises if `encoding` is not the name of a text encoding.
        "x".encode(encoding)
    except (LookupError, TypeError, ValueError):
        encoding = "ascii"
    is_json = line.startswith(('{"', "{\n")) and line.endswith("}\n")
    return line.encode(encoding, _JSON_ESCAPES if is_json else "backslashreplace").decode(encoding)


def _json_escapes(error: UnicodeError) -> tuple[str, int]:
    r"""Return the escapes of JSON, which has only `\u`, and uses two of them for a character beyond U+FFFF."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2)), error.end


codecs.register_error(_JSON_ESCAPES, _json_escapes)

"""What a stream is, a terminal, a notebook or neither, and what it takes: escapes, characters.

A stream is asked once, when something is first written to it. Platform and environment are arguments, so that the ways
of Windows are tested elsewhere too.
"""

from __future__ import annotations

import codecs
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

_NOTEBOOKS = ("ipykernel", "google.colab", "xpython", "pyodide_kernel")
"""Packages of the kernels whose streams show colours without being terminals."""

_ESCAPES = 0x0004
"""The console mode `ENABLE_VIRTUAL_TERMINAL_PROCESSING` of Windows."""

_JSON_ESCAPES = "logly.json-escapes"


def look_of(
    stream: object, platform: str = sys.platform, environment: Mapping[str, str] = os.environ
) -> tuple[bool, bool]:
    """Return whether a stream is a terminal or a notebook, and whether it takes escapes."""
    stream = behind(stream)
    if is_notebook(stream):
        return True, True
    if not is_terminal(stream):
        return False, False
    return True, takes_escapes(stream, platform, environment)


def behind(stream: object) -> object:
    """Return the stream that one of rich's, which stands in for it while a bar is shown, writes to."""
    if type(stream).__module__ == "rich.file_proxy":
        return getattr(stream, "rich_proxied_file", stream)
    return stream


def is_notebook(stream: object) -> bool:
    """Return whether it writes below the cell of a notebook."""
    modules = [str(getattr(kind, "__module__", "")) for kind in type(stream).__mro__]
    return any(module == name or module.startswith(name + ".") for module in modules for name in _NOTEBOOKS)


def is_terminal(stream: object) -> bool:
    """Return whether it says so; one that is closed, or no file, does not."""
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined]  # files have it
    except Exception:  # noqa: BLE001 - whatever the program's object raises
        return False


def takes_escapes(
    stream: object,
    platform: str,
    environment: Mapping[str, str],
    enable: Callable[[object], bool] | None = None,
) -> bool:
    """Return whether a terminal does as escapes say; the console of Windows from 10 on does once it is asked to.

    Older ones do inside of programs that stand between: ANSICON, ConEmu, terminals of Cygwin's kind.
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


def enable_escapes(stream: Any) -> bool:  # noqa: ANN401 - whatever is written to
    """Have a console of Windows do as escapes say; False when it cannot, or is none."""
    if sys.platform != "win32":
        return False
    # Neither exists elsewhere.
    import ctypes  # noqa: PLC0415
    import msvcrt  # noqa: PLC0415

    try:
        handle = msvcrt.get_osfhandle(stream.fileno())
    except (AttributeError, OSError, ValueError):
        return False
    return enable_mode(ctypes.windll.kernel32, handle)


def enable_mode(kernel: Any, handle: int) -> bool:  # noqa: ANN401 - a library's functions
    """Add the escapes to a console's mode by the functions of `kernel32`; False when one of them fails."""
    import ctypes  # noqa: PLC0415 - see above

    mode = ctypes.c_uint32()
    console = ctypes.c_void_p(handle)
    if not kernel.GetConsoleMode(console, ctypes.byref(mode)):
        return False
    return bool(mode.value & _ESCAPES or kernel.SetConsoleMode(console, mode.value | _ESCAPES))


def write(stream: Any, line: str) -> None:  # noqa: ANN401 - whatever has `write`
    """Write a line; what the stream's encoding lacks is written as escapes."""
    try:
        stream.write(line)
    except UnicodeEncodeError:
        stream.write(encodable(stream, line))


def encodable(stream: object, line: str) -> str:
    r"""Return a line in what a stream's encoding has; the rest as `\xe9` or `\U0001f600`, in JSON as its escapes."""
    encoding: Any = getattr(behind(stream), "encoding", None)
    try:
        # What is no name of a text encoding raises.
        "x".encode(encoding)
    except (LookupError, TypeError, ValueError):
        encoding = "ascii"
    is_json = line.startswith(('{"', "{\n")) and line.endswith("}\n")
    return line.encode(encoding, _JSON_ESCAPES if is_json else "backslashreplace").decode(encoding)


def _json_escapes(error: UnicodeError) -> tuple[str, int]:
    r"""Return the escapes of JSON, which has `\u` alone and two of them for what is beyond."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2)), error.end


codecs.register_error(_JSON_ESCAPES, _json_escapes)

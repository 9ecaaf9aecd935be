"""Finds the files to move: those of Python, and those with the requirements of a program.

Hidden folders, virtual environments and installed packages are left alone, and so are links to files elsewhere.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PYTHON = "a Python file"
MENTIONS = "a file of requirements"

_ENDINGS = (".py", ".pyi", ".pyw")
_REQUIRING = re.compile(
    r".*(?:requirements|constraints).*\.(?:txt|in)|pyproject\.toml|setup\.cfg|tox\.ini|Pipfile"
    r"|environment.*\.ya?ml|meta\.ya?ml|.*\.ipynb",
    re.IGNORECASE,
)
_LEFT_ALONE = {"__pycache__", "node_modules", "site-packages", "dist-packages"}
# Files that only virtual environments, of Python and of conda, have.
_ENVIRONMENT = ("pyvenv.cfg", "conda-meta")


class File(NamedTuple):
    """A file to look at. Its kind is `PYTHON`, `MENTIONS`, or the reason to leave it as it is."""

    path: str
    kind: str


def found(paths: Iterable[str], tell: Callable[[str], None]) -> Iterator[File]:
    """Yield each file once. Paths and folders that cannot be read are told."""
    seen = set()
    for path in paths:
        for file in _under(path, tell):
            real = os.path.realpath(file.path)
            if real not in seen:
                seen.add(real)
                yield file


def _under(path: str, tell: Callable[[str], None]) -> Iterator[File]:
    def failed(error: OSError) -> None:
        tell(f"{error.filename}: {error.strerror}")

    if not os.path.isdir(path):
        if os.path.exists(path) and not os.path.isfile(path):
            tell(f"{path}: neither a file nor a folder")
            return
        # A file that is named is one of Python's, whatever its ending.
        kind = MENTIONS if _is_requiring(path) else PYTHON
        yield _as_is(path) or File(path, kind)
        return
    root = os.path.realpath(path)
    for folder, folders, names in os.walk(path, onerror=failed):
        folders[:] = sorted(name for name in folders if not _is_left_alone(folder, name))
        for name in sorted(names):
            yield from _in_folder(os.path.join(folder, name), root)


def _is_requiring(path: str) -> bool:
    folder, name = os.path.split(os.path.abspath(path))
    return bool(_REQUIRING.fullmatch(name)) or (os.path.basename(folder) == "requirements" and name.endswith(".txt"))


def _is_left_alone(folder: str, name: str) -> bool:
    if name.startswith(".") or name in _LEFT_ALONE:
        return True
    return any(os.path.exists(os.path.join(folder, name, mark)) for mark in _ENVIRONMENT)


def _in_folder(path: str, root: str) -> Iterator[File]:
    if not os.path.isfile(path):
        return
    if _is_requiring(path):
        yield File(path, MENTIONS)
    elif path.endswith(_ENDINGS) or _is_script(path):
        if os.path.islink(path):
            target = os.path.realpath(path)
            if os.path.commonpath([root, target]) != root:
                yield File(path, f"a link to {target}")
        else:
            yield _as_is(path) or File(path, PYTHON)


def _as_is(path: str) -> File | None:
    """Return a file with hard links, since writing it would either break them or change files elsewhere."""
    try:
        links = os.stat(path).st_nlink
    except OSError:
        return None  # Reading it raises the error.
    return File(path, f"a file with {links} names (hard links)") if links > 1 else None


def _is_script(path: str) -> bool:
    """Return whether a file without an ending is run by Python."""
    if "." in os.path.basename(path):
        return False
    try:
        with open(path, "rb") as file:
            first = file.readline(256)
    except OSError:
        return False
    return first.startswith(b"#!") and b"python" in first

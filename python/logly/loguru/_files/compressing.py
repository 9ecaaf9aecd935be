"""Compression of a file without rotation, when its sink is removed."""

from __future__ import annotations

import os
import shutil
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def compress(path: str, compression: str | Callable[[str], object]) -> None:
    """Replace a file by a compressed one, or call the program's function with its path."""
    if not os.path.isfile(path):
        return
    if callable(compression):
        compression(path)
        return
    form = compression.strip().lstrip(".").lower()
    target = f"{path}.{form}"
    if os.path.exists(target):
        sys.stderr.write(f"logly: {path} is not compressed: {target} is there already\n")
        return
    _write(path, target, form)
    os.remove(path)


def _write(path: str, target: str, form: str) -> None:
    if form == "zip":
        import zipfile

        with zipfile.ZipFile(target, "w", compression=zipfile.ZIP_DEFLATED) as archive:
            archive.write(path, os.path.basename(path))
    elif form.startswith("tar"):
        import tarfile

        mode: Any = "w" if form == "tar" else f"w:{form[4:]}"
        with tarfile.open(target, mode) as archive:
            archive.add(path, os.path.basename(path))
    else:
        with open(path, "rb") as plain, _opened(target, form) as compressed:
            shutil.copyfileobj(plain, compressed)


def _opened(target: str, form: str) -> Any:
    from importlib import import_module  # one of several modules

    if form == "lzma":
        return import_module("lzma").open(target, "wb", format=1)
    modules = {"gz": "gzip", "gzip": "gzip", "bz2": "bz2", "xz": "lzma"}
    return import_module(modules[form]).open(target, "wb")

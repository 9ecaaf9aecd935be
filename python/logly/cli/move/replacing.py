"""Replaces a file by a changed one in one step, with the same permissions and owner.

A reader sees the old file or the new one, at any time. If the path is a link, its target is replaced.
"""

from __future__ import annotations

import os
import shutil
import tempfile


def replace(path: str, before: bytes, after: bytes) -> None:
    """Replace a file that still has the content *before*. Raises `OSError` if that is impossible."""
    target = os.path.realpath(path)
    if not os.access(target, os.W_OK):
        raise PermissionError(None, "is read-only")
    descriptor, new = tempfile.mkstemp(prefix=".", suffix=".moving", dir=os.path.dirname(target))
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        _take_over(target, new)
        _check(target, before)
        os.replace(new, target)
    except BaseException:
        os.unlink(new)
        raise


def _take_over(old: str, new: str) -> None:
    """Give the new file the owner, permissions and extended attributes of the old one, but a time of its own."""
    state = os.stat(old)
    made = os.stat(new)
    if hasattr(os, "chown") and (state.st_uid, state.st_gid) != (made.st_uid, made.st_gid):
        os.chown(new, state.st_uid, state.st_gid)
    shutil.copystat(old, new)
    # Python compiles a module again if its time or size has changed.
    os.utime(new)


def _check(path: str, before: bytes) -> None:
    with open(path, "rb") as file:
        if file.read() != before:
            raise OSError(None, "was changed meanwhile")

"""The thread for archive work that needs Python: the standard library's formats, and functions.

It starts when a sink that needs it is added, and runs until the process ends. The native archiver decides what to do,
and locks, renames and removes files; this thread writes compressed content and calls functions. Exceptions of these
functions are contained and reported once on standard error.
"""

from __future__ import annotations

import os
from functools import partial

from logly import _logly
from logly._lanes.threads import Thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO, Any

_CHUNK = 64 * 1024

_LAST_WAIT = 0.25
"""Seconds that the thread has to end; it needs more only while a function does not return."""

_thread: Thread | None = None


def start() -> None:
    """Start the thread, unless it runs already."""
    global _thread  # noqa: PLW0603 - one for the process
    worker = _logly._archive_worker()
    if worker is None:
        return
    thread = Thread(partial(_work, worker), "logly-archiver-python")
    try:
        thread.start()
    except RuntimeError as error:
        _logly._tell_once(f"no thread can be started for archives ({error}); they stay as they are")
    else:
        _thread = thread


def end() -> None:
    """Wait a moment for the thread, which has been told to end."""
    if _thread is not None:
        _thread.join(_LAST_WAIT)


def _start_again() -> None:
    """Start the thread in a forked child, which does not have its parent's threads."""
    global _thread  # noqa: PLW0603 - one for the process
    if _thread is not None:
        _thread = None
        start()


# Registered after `_lanes.threads` imported `threading`, whose own handler must run first.
if hasattr(os, "register_at_fork"):  # not on Windows, which has no forks
    os.register_at_fork(after_in_child=_start_again)


def _work(worker: _logly._ArchiveWorker) -> None:
    is_same, failure = False, None
    while True:
        task = worker.next(is_same, failure)
        if task is None:
            return
        is_same, failure = _do(task)
        # The task's function may keep objects of the program alive.
        del task


def _do(task: tuple[Any, ...]) -> tuple[bool, str | None]:
    """Do one task; return whether the contents are the same, for a comparison, and the reason of a failure."""
    kind, *arguments = task
    if kind == "call":
        _call(*arguments)
        return False, None
    form, level, name, source_descriptor, descriptor = arguments
    try:
        # Descriptors are used because another file could be moved to a path.
        with open(source_descriptor, "rb", closefd=False) as source:
            if kind == "compare":
                return _is_same(form, source, descriptor), None
            with open(descriptor, "wb", closefd=False) as output:
                _WRITE[form](source, output, name, level)
    except BaseException as error:  # this thread must go on
        return False, f"{type(error).__name__}: {error}"
    return False, None


def _call(option: str, function: Callable[[object], object], argument: object) -> None:
    try:
        function(argument)
    except BaseException as error:  # this thread must go on
        name = getattr(function, "__qualname__", type(function).__name__)
        _logly._tell_failure(error, f"{option} function {name}")


def _write_bz2(source: IO[bytes], output: IO[bytes], _name: str, level: int | None) -> None:
    import bz2  # not every Python has it, and few programs need it

    with bz2.BZ2File(output, "wb", compresslevel=9 if level is None else level) as compressed:
        _copy(source, compressed)


def _write_xz(source: IO[bytes], output: IO[bytes], _name: str, level: int | None) -> None:
    import lzma

    with lzma.LZMAFile(output, "wb", preset=level) as compressed:
        _copy(source, compressed)


def _write_zip(source: IO[bytes], output: IO[bytes], name: str, level: int | None) -> None:
    import zipfile

    deflated = zipfile.ZIP_DEFLATED
    # The zip format has no years before 1980.
    with zipfile.ZipFile(output, "w", deflated, compresslevel=level, strict_timestamps=False) as archive:
        archive.write(f"/proc/self/fd/{source.fileno()}", arcname=name)


def _write_tar(source: IO[bytes], output: IO[bytes], name: str, _level: int | None) -> None:
    import tarfile

    with tarfile.open(fileobj=output, mode="w") as archive:
        archive.addfile(archive.gettarinfo(arcname=name, fileobj=source), source)


def _write_tar_gz(source: IO[bytes], output: IO[bytes], name: str, level: int | None) -> None:
    import tarfile

    with tarfile.open(fileobj=output, mode="w:gz", compresslevel=9 if level is None else level) as archive:
        archive.addfile(archive.gettarinfo(arcname=name, fileobj=source), source)


def _write_tar_bz2(source: IO[bytes], output: IO[bytes], name: str, level: int | None) -> None:
    import tarfile

    with tarfile.open(fileobj=output, mode="w:bz2", compresslevel=9 if level is None else level) as archive:
        archive.addfile(archive.gettarinfo(arcname=name, fileobj=source), source)


def _write_tar_xz(source: IO[bytes], output: IO[bytes], name: str, level: int | None) -> None:
    import lzma

    with lzma.LZMAFile(output, "wb", preset=level) as compressed:
        _write_tar(source, compressed, name, None)


_WRITE: dict[str, Callable[[IO[bytes], IO[bytes], str, int | None], None]] = {
    "bz2": _write_bz2,
    "xz": _write_xz,
    "zip": _write_zip,
    "tar": _write_tar,
    "tar.gz": _write_tar_gz,
    "tar.bz2": _write_tar_bz2,
    "tar.xz": _write_tar_xz,
}


def _copy(source: IO[bytes], output: IO[bytes]) -> None:
    while chunk := source.read(_CHUNK):
        output.write(chunk)


def _is_same(form: str, source: IO[bytes], descriptor: int) -> bool:
    """Tell whether a compressed file has the content of its archive; a truncated file raises an error."""
    from logly._files import unpack  # needed only after a crash

    compressed = open(descriptor, "rb", closefd=False)  # noqa: SIM115 - closed with its content
    with unpack.content(compressed, "the compressed file", form) as content:
        while True:
            expected = source.read(_CHUNK)
            found = b""
            # At the end, one byte more is read, to detect content that is longer.
            while len(found) < max(len(expected), 1) and (part := content.read(max(len(expected), 1) - len(found))):
                found += part
            if expected != found:
                return False
            if not expected:
                return True

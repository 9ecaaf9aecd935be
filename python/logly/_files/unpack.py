"""Compressed files as streams of bytes.

The extension imports this module for archives that only the standard library can decompress, and `parse` imports it for
any compressed file. A few bytes may decompress to gigabytes, so content is read in pieces, and oversized headers are
refused.
"""

from __future__ import annotations

import errno
import io
import os

from logly._logly import _ZstdReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO, Any

_LARGEST_HEADER = 1024 * 1024
"""The most bytes before the content of an archived file: names and attributes."""

_TAR_MAGIC = slice(257, 262)
_TAR = b"ustar"

_MAGIC = {
    b"\x1f\x8b": "gz",
    b"\x28\xb5\x2f\xfd": "zst",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
}

_UNREAD = {
    b"\x04\x22\x4d\x18": "lz4",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"LZIP": "lzip",
    b"\x1f\x9d": "compress",
    b"\x02\x21\x4c\x18": "lz4",
}


def unpack(path: str, suffix: str) -> IO[bytes] | None:
    """Open the content of the archive at *path*; None if it was removed in the meantime.

    Raises:
        OSError: It cannot be read, or is not an archive.
    """
    try:
        file = open(path, "rb", opener=_open_archive)  # noqa: SIM115 - open for as long as its content
    except FileNotFoundError:
        return None
    return content(file, path, suffix)


def _open_archive(path: str, flags: int) -> int:
    """Open an archive; do not follow links, and do not wait for pipes."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def open_unpacked(path: str) -> IO[bytes]:
    """Open a file to read its content, decompressed if its first bytes say that it is compressed.

    Raises:
        OSError: It cannot be read, or is compressed in an unsupported format.
    """
    file = open(path, "rb")  # noqa: SIM115 - the caller closes it
    try:
        suffix = _form(file.peek(_TAR_MAGIC.stop), path)
    except BaseException:
        file.close()
        raise
    if suffix is None:
        return file
    unpacked = content(file, path, suffix)
    is_tar = suffix != "tar" and unpacked.peek(_TAR_MAGIC.stop)[_TAR_MAGIC] == _TAR
    return content(unpacked, path, "tar") if is_tar else unpacked


def _form(start: bytes, path: str) -> str | None:
    """Return the suffix of the format that a file starts with; None for a text."""
    unread = next((name for magic, name in _UNREAD.items() if start.startswith(magic)), None)
    if unread is not None:
        message = f"{path}: expected a text, or one compressed with gzip, zstd, bz2, xz, zip or tar, got {unread}"
        raise OSError(message)
    if start[_TAR_MAGIC] == _TAR:
        return "tar"
    return next((suffix for magic, suffix in _MAGIC.items() if start.startswith(magic)), None)


def content(file: IO[bytes], path: str, suffix: str) -> io.BufferedReader:
    """Return the content of an open file. Closing the content closes the file; an error closes it at once.

    Raises:
        OSError: It cannot be read, or does not have this format.
    """
    unpacked: Any = file
    try:
        for form in reversed(suffix.split(".")):
            unpacked = io.BufferedReader(_Content(_OPEN[form](unpacked), unpacked, path))
    except BaseException as error:
        unpacked.close()
        raise _as_os_error(error, path) from error
    return unpacked  # type: ignore[no-any-return] # there is at least one form


def _as_os_error(error: BaseException, path: str) -> BaseException:
    """Return the error to raise for an error of a decompressor, as each of them has its own classes."""
    if isinstance(error, MemoryError) or not isinstance(error, Exception) or getattr(error, "filename", None):
        return error
    return OSError(errno.EIO, str(error), path)


class _Content(io.RawIOBase):
    """The content of a compressed file; closing it closes the file. Errors of a decompressor become OSErrors."""

    def __init__(self, content: IO[bytes], file: IO[bytes], path: str) -> None:
        self._content = content
        self._file = file
        self._path = path

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # what io passes
        try:
            piece = self._content.read(len(buffer))
        except Exception as error:
            raise _as_os_error(error, self._path) from error
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def _gzip(file: IO[bytes]) -> IO[bytes]:
    import gzip  # each is needed only for files of its format

    return gzip.GzipFile(fileobj=file)  # type: ignore[return-value] # it reads as one


def _zstd(file: IO[bytes]) -> _ZstdReader:
    return _ZstdReader(file)


def _bz2(file: IO[bytes]) -> IO[bytes]:
    import bz2  # see above

    return bz2.BZ2File(file)


def _xz(file: IO[bytes]) -> IO[bytes]:
    import lzma  # see above

    return lzma.LZMAFile(file)


def _zip(file: IO[bytes]) -> _Members:
    import zipfile  # see above

    directory: Any = _Headers(file)
    archive = zipfile.ZipFile(directory)
    directory.is_over = True
    return _Members(archive.open(member) for member in archive.infolist() if not member.is_dir())


def _tar(file: IO[bytes]) -> _Members:
    return _Members(_files_of_tar(file))


def _files_of_tar(file: IO[bytes]) -> Iterator[IO[bytes]]:
    import tarfile  # see above

    headers: Any = _Headers(file)
    # Read as a stream, because compressed files cannot seek back.
    archive = tarfile.open(fileobj=headers, mode="r|")  # noqa: SIM115 - its file is closed
    while (member := archive.next()) is not None:
        # Otherwise `tarfile` would keep all earlier members.
        archive.members = []  # type: ignore[attr-defined] # the stub knows methods alone
        if member.issparse():
            message = "a sparse file is in it"
            raise OSError(message)
        text = archive.extractfile(member) if member.isreg() else None
        if text is not None:
            headers.is_over = True
            yield text
            headers.begin()


class _Members:
    """The files of an archive joined into one text; there must be at least one file."""

    def __init__(self, files: Iterator[IO[bytes]]) -> None:
        self._files = files
        first = next(files, None)
        if first is None:
            message = "no file in it"
            raise OSError(message)
        self._file: IO[bytes] | None = first

    def read(self, size: int) -> bytes:
        while self._file is not None:
            piece = self._file.read(size)
            if piece:
                return piece
            self._file = next(self._files, None)
        return b""


class _Headers:
    """A file that limits how many bytes of headers are read from an archive."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.begin()

    def begin(self) -> None:
        self._left = _LARGEST_HEADER
        self.is_over = False

    def read(self, size: int = -1) -> bytes:
        if self.is_over:
            return self._file.read(size)
        # A read without a size is limited too.
        self._left -= max(size, 0)
        piece = self._file.read(size if size >= 0 else self._left + 1) if self._left >= 0 else b""
        self._left -= len(piece) if size < 0 else 0
        if self._left < 0:
            message = "its headers are too large"
            raise OSError(message)
        return piece

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


_OPEN: dict[str, Callable[[IO[bytes]], Any]] = {
    "gz": _gzip,
    "zst": _zstd,
    "bz2": _bz2,
    "xz": _xz,
    "lzma": _xz,
    "zip": _zip,
    "tar": _tar,
}

"""One file of a spool: requests one after the other, each with a header and a checksum.

A header says whether its request was sent. A request whose bytes were cut off or changed is skipped. The checksum
covers the number of records, the form, and the body.
"""

from __future__ import annotations

import os
import struct
import zlib
from typing import NamedTuple

_HEADER = struct.Struct("<4sBBxxIII")
"""Magic, whether it was sent, whether it is compressed, records, length, checksum."""

_MAGIC = b"LGS1"
_SENT = b"\x01"
_SENT_AT = 4
_MOST_LENGTH = 1 << 30


class Request(NamedTuple):
    """A request, ready to be sent."""

    body: bytes
    records: int
    is_compressed: bool


class Segment:
    """A file of requests; not safe for several threads at a time."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.size = 0
        self.torn = 0
        """Requests, or ends of files, that could not be read."""
        self._position = 0
        self._next = 0
        self._file = -1

    def open(self) -> None:
        """Open the file, or make it.

        Raises:
            OSError: The file cannot be opened.
        """
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
        self._file = os.open(self.path, flags | getattr(os, "O_BINARY", 0), 0o600)
        self.size = os.fstat(self._file).st_size

    @property
    def is_intact(self) -> bool:
        """Whether the file is as this process left it: neither removed nor cut off."""
        try:
            status = os.fstat(self._file)
        except OSError:
            return False
        return status.st_size == self.size and status.st_nlink > 0

    def append(self, request: Request) -> None:
        """Write a request at the end.

        Raises:
            OSError: It cannot be written; the file is then as before.
        """
        frame = _frame(request)
        at = os.lseek(self._file, self.size, os.SEEK_SET)
        try:
            while frame:
                frame = frame[os.write(self._file, frame) :]
        except OSError:
            os.ftruncate(self._file, at)
            raise
        self.size = os.lseek(self._file, 0, os.SEEK_CUR)

    def first(self) -> Request | None:
        """Return the first request that was not sent; None if there is none."""
        while self._position + _HEADER.size <= self.size:
            os.lseek(self._file, self._position, os.SEEK_SET)
            header = _read(self._file, _HEADER.size)
            if len(header) < _HEADER.size:
                # The file was cut off after it was opened.
                break
            magic, sent, is_compressed, count, length, checksum = _HEADER.unpack(header)
            self._next = self._position + _HEADER.size + length
            if magic != _MAGIC or length > _MOST_LENGTH or self._next > self.size:
                break
            if not sent:
                request = Request(_read(self._file, length), count, bool(is_compressed))
                if _checksum(request) == checksum:
                    return request
                self.torn += 1
            self._position = self._next
        if self._position < self.size:
            self.torn += 1
            self._position = self.size
        return None

    def finish_first(self) -> None:
        """Note that the first request was sent.

        Raises:
            OSError: It cannot be noted; this process goes on with the next request all the same.
        """
        at, self._position = self._position, self._next
        os.lseek(self._file, at + _SENT_AT, os.SEEK_SET)
        os.write(self._file, _SENT)

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def length_of(request: Request) -> int:
    """Return the bytes that a request takes in a file."""
    return _HEADER.size + len(request.body)


def _frame(request: Request) -> bytes:
    body, records, is_compressed = request
    return _HEADER.pack(_MAGIC, 0, is_compressed, records, len(body), _checksum(request)) + body


def _checksum(request: Request) -> int:
    start = zlib.crc32(struct.pack("<?I", request.is_compressed, request.records))
    return zlib.crc32(request.body, start)


def _read(file: int, length: int) -> bytes:
    """Read bytes; fewer if the file ends before."""
    parts = []
    while length:
        part = os.read(file, min(length, 1 << 20))
        if not part:
            break
        parts.append(part)
        length -= len(part)
    return b"".join(parts)

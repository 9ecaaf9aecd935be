"""A spool: a folder of requests that could not be sent, which outlives the process.

The folder belongs to one process, which holds a lock on a file in it. Requests come out in the order they went in. A
forked child has a folder of its own inside, whose requests the next process that opens the spool takes over.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress

from logly._export.segment import Request, Segment, length_of

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows
    fcntl = None  # type: ignore[assignment]

_SUFFIX = ".spool"
_NAME = re.compile(r"[0-9]{10,18}\.spool")
_LOCK = "lock"
IN_USE = "another sink or process uses this spool; give each a folder of its own"
_CHILD = "child-"
_FIRST = 1_000_000_000
"""The number of the first file; requests that go to the front get lower ones."""

_LEAST = 1

_MOST_SEGMENT = 4_000_000
_SEGMENTS = 16
"""A spool of the largest size has this many files, at least."""


class Spool:
    """The requests in one folder; its user holds a lock around each call."""

    def __init__(self, path: str, limit: int) -> None:
        """Open the folder and lock it.

        Raises:
            OSError: The folder cannot be written, or another process uses it.
        """
        self.path = path
        self.torn = 0
        """Requests and files that could not be read, since they were cut off, changed, or of another user."""
        self._limit = limit
        self._segments: list[Segment] = []
        self._lowest, self._highest = _FIRST, _FIRST - 1
        """The numbers that files have, those that cannot be read included."""
        self._is_writing = False
        """Whether the last file is this process's own, which grows."""
        os.makedirs(path, mode=0o700, exist_ok=True)
        self._lock = _locked(path)
        try:
            for name in _files(path):
                self._take(os.path.join(path, name))
            self._adopt()
        except OSError:
            self.close()
            raise

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(segment.size for segment in self._segments)

    @property
    def is_empty(self) -> bool:
        """Whether it has no request, as far as is known without reading."""
        return not self._segments

    def append(self, request: Request) -> bool:
        """Keep a request; False if there is no room.

        Raises:
            OSError: It cannot be written.
        """
        length = length_of(request)
        if self.size + length > self._limit:
            return False
        last = self._segments[-1] if self._is_writing else None
        most = min(_MOST_SEGMENT, self._limit // _SEGMENTS)
        if last is None or last.size + length > most > 0 < last.size or not last.is_intact:
            last = self._made(self._highest + 1)
            self._highest += 1
            self._segments.append(last)
            self._is_writing = True
        last.append(request)
        return True

    def prepend(self, request: Request) -> bool:
        """Keep a request that is older than all others; False if there is no room.

        Raises:
            OSError: It cannot be written.
        """
        if self.is_empty or self._lowest <= _LEAST:
            return self.append(request)
        if self.size + length_of(request) > self._limit:
            return False
        segment = self._made(self._lowest - 1)
        self._lowest -= 1
        self._segments.insert(0, segment)
        segment.append(request)
        return True

    def first(self) -> Request | None:
        """Return the oldest request. Files without any are removed."""
        while self._segments:
            segment = self._segments[0]
            try:
                request = segment.first()
            except OSError:
                # The next process may be able to read it.
                self.torn += 1
                self._drop_first()
                continue
            self.torn += segment.torn
            segment.torn = 0
            if request is not None:
                return request
            self._remove_first()
        return None

    def finish_first(self) -> None:
        """Note that the oldest request was sent or given up."""
        # If this cannot be noted, the request is sent once more by the next process. A closed spool has no files.
        if self._segments:
            with suppress(OSError):
                self._segments[0].finish_first()

    def tidy(self) -> None:
        """Remove files that have nothing to send, and then the folder if it is that of a child.

        Later requests make it again.
        """
        is_child = os.path.basename(self.path).startswith(_CHILD)
        if self._lock >= 0 and self.first() is None and is_child:
            with suppress(OSError):
                os.unlink(os.path.join(self.path, _LOCK))
                os.rmdir(self.path)

    def close(self) -> None:
        """Close the files and give the lock back."""
        for segment in self._segments:
            segment.close()
        self._segments = []
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def forget(self) -> None:
        """Close the descriptors in a forked child; the files and the lock stay with its parent."""
        for segment in self._segments:
            with suppress(OSError):
                segment.close()
        with suppress(OSError):
            os.close(self._lock)

    def _path(self, number: int) -> str:
        return os.path.join(self.path, f"{number:010}{_SUFFIX}")

    def _made(self, number: int) -> Segment:
        """Make a file, and the folder again if it was removed."""
        segment = Segment(self._path(number))
        try:
            segment.open()
        except FileNotFoundError:
            os.makedirs(self.path, mode=0o700, exist_ok=True)
            before, self._lock = self._lock, _locked(self.path)
            os.close(before)
            segment.open()
        return segment

    def _take(self, path: str) -> None:
        """Take a file that is there; one that cannot be opened is counted and left."""
        number = _number(path)
        self._lowest, self._highest = min(self._lowest, number), max(self._highest, number)
        segment = Segment(path)
        try:
            segment.open()
        except OSError:
            self.torn += 1
        else:
            self._segments.append(segment)

    def _drop_first(self) -> str:
        """Close the first file, and return its path."""
        segment = self._segments.pop(0)
        if not self._segments:
            self._is_writing = False
        with suppress(OSError):
            segment.close()
        return segment.path

    def _remove_first(self) -> None:
        path = self._drop_first()
        with suppress(OSError):
            os.unlink(path)

    def _adopt(self) -> None:
        """Take over the requests of forked children that have ended."""
        with os.scandir(self.path) as entries:
            children = [entry.path for entry in entries if entry.name.startswith(_CHILD) and entry.is_dir()]
        for child in children:
            try:
                lock = _locked(child)
            except OSError:
                continue
            try:
                for name in _files(child):
                    path = self._path(self._highest + 1)
                    os.rename(os.path.join(child, name), path)
                    self._take(path)
                os.unlink(os.path.join(child, _LOCK))
                os.rmdir(child)
            except OSError:
                continue
            finally:
                os.close(lock)


def of_child(path: str) -> str:
    """Return the folder of a forked child."""
    return os.path.join(path, f"{_CHILD}{os.getpid()}")


def _number(path: str) -> int:
    return int(os.path.basename(path)[: -len(_SUFFIX)])


def _files(path: str) -> list[str]:
    """Return the names of the files with requests, the oldest first."""
    return sorted(filter(_NAME.fullmatch, os.listdir(path)), key=_number)


def _locked(path: str) -> int:
    """Lock a folder, and return the descriptor that keeps the lock."""
    file = os.path.join(path, _LOCK)
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(file, flags, 0o600)
    if fcntl is None:  # pragma: no cover - Windows
        return descriptor
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise OSError(error.errno, IN_USE, path) from None
    return descriptor

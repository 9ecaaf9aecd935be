"""A file that stalls: a named pipe that is full, whose reader reads when it is told to; and what lines say of gaps."""

from __future__ import annotations

import contextlib
import os
import re
import threading

from logly import logger

NOTICE = re.compile(r"(\d+) records? dropped")


class Stall:
    """A pipe at `path` that takes nothing until `release`."""

    def __init__(self, path) -> None:
        os.mkfifo(path)
        self.path = path
        self._parts: list[bytes] = []
        self._reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self.fill()

    def fill(self) -> None:
        """Leave no room in the pipe."""
        writer = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(writer, b"\n" * 4096)
        os.close(writer)

    def add(self, **options) -> int:
        """Add the pipe as a sink."""
        return logger.add(self.path, **{"level": "TRACE", "format": "{message}", **options})

    def release(self) -> None:
        """Have everything read from here on."""
        os.set_blocking(self._reader, True)
        self._thread.start()

    def _read(self) -> None:
        while part := os.read(self._reader, 65536):
            self._parts.append(part)

    def lines(self) -> list[str]:
        """Remove the sinks and return what came, without what filled the pipe."""
        logger.remove_all()
        self._thread.join(10)
        assert not self._thread.is_alive(), "the pipe is still open"
        return [line for line in b"".join(self._parts).decode().split("\n") if line]

    def close(self) -> None:
        """Let nobody wait for the pipe any more."""
        if self._thread.ident is None:
            self.release()
        logger.remove_all()
        self._thread.join(10)
        os.close(self._reader)


def fill_queue(sink: int, message: str = "{}") -> int:
    """Log until a record of the sink was dropped; return how many were logged."""
    count = 0
    while logger.stats()["sinks"][sink]["dropped"]["overflow"] == 0:
        logger.info(message.format(count))
        count += 1
    return count


def count_gaps(lines: list[str], first: int = 0) -> int:
    """Check that records are numbered on from *first*, but for gaps that a notice in their place tells; count those."""
    expected, missing = first, 0
    for line in lines:
        notice = NOTICE.fullmatch(line)
        if notice:
            missing += int(notice[1])
            expected += int(notice[1])
        else:
            assert int(line.split()[0]) == expected, f"expected {expected}: {line!r}"
            expected += 1
    return missing

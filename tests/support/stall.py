"""A file that stalls: a full named pipe, whose reader starts on request; and helpers that check the lines for gaps."""

from __future__ import annotations

import contextlib
import os
import re
import threading

from logly import logger

NOTICE = re.compile(r"(\d+) records? dropped")


class Stall:
    """A pipe at `path` that blocks writes until `release`."""

    def __init__(self, path) -> None:
        os.mkfifo(path)
        self.path = path
        self._parts: list[bytes] = []
        self._reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self.fill()

    def fill(self) -> None:
        """Fill the pipe."""
        writer = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(writer, b"\n" * 4096)
        os.close(writer)

    def add(self, **options) -> int:
        """Add the pipe as a sink."""
        return logger.add(self.path, **{"level": "TRACE", "format": "{message}", **options})

    def release(self) -> None:
        """Start to read everything."""
        os.set_blocking(self._reader, True)
        self._thread.start()

    def _read(self) -> None:
        while part := os.read(self._reader, 65536):
            self._parts.append(part)

    def lines(self) -> list[str]:
        """Remove the sinks and return the lines that arrived, without the pipe's initial filling."""
        logger.remove_all()
        self._thread.join(10)
        assert not self._thread.is_alive(), "the pipe is still open"
        return [line for line in b"".join(self._parts).decode().split("\n") if line]

    def close(self) -> None:
        """Release the pipe, so that no thread waits for it any more."""
        if self._thread.ident is None:
            self.release()
        logger.remove_all()
        self._thread.join(10)
        os.close(self._reader)


def fill_queue(sink: int, message: str = "{}") -> int:
    """Log until the sink drops a record; return the number of calls."""
    count = 0
    while logger.stats()["sinks"][sink]["dropped"]["overflow"] == 0:
        logger.info(message.format(count))
        count += 1
    return count


def count_gaps(lines: list[str], first: int = 0) -> int:
    """Check that record numbers go on from *first*, with a notice in place of each gap; return the number missing."""
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

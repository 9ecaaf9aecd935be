"""Reading the text of a configuration file, which must be a regular file of limited size.

Reading a pipe could wait forever, and a device such as `/dev/zero` has no end.
"""

from __future__ import annotations

import os
import stat

from logly._config.printable import printable

MOST_BYTES = 1024 * 1024
"""The largest size of a file."""


def text_of(path: str) -> str:
    """Return the text of a file, without its byte order mark.

    Raises:
        OSError: The file cannot be opened or read.
        ValueError: It is not a regular file, is longer than `MOST_BYTES`, or is not text in UTF-8.
    """
    # With `O_NONBLOCK`, opening a pipe does not wait for a writer. Windows has other flags.
    flags = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOINHERIT", 0)
    descriptor = os.open(path, os.O_RDONLY | flags | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ValueError(printable(f"{path}: expected a regular file"))
    with open(descriptor, "rb") as file:
        # One byte more than allowed: files in /proc report no size before they are read.
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(printable(f"{path}: expected at most {MOST_BYTES} bytes"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path}: expected text in UTF-8: {error}"
        raise ValueError(printable(message)) from None

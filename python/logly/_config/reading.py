"""The text of a configuration file, from regular files of a sensible size alone.

A pipe would be waited for without end, and a device such as `/dev/zero` has no end.
"""

from __future__ import annotations

import os
import stat

from logly._config.printable import printable

MOST_BYTES = 1024 * 1024
"""The bytes that a file may have."""


def text_of(path: str) -> str:
    """Return the text of a file, without its byte order mark.

    Raises:
        OSError: It cannot be opened or read.
        ValueError: It is no regular file, is longer than `MOST_BYTES`, or is not text in UTF-8.
    """
    # The flag keeps the opening of a pipe from waiting for whoever writes to it.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ValueError(printable(f"{path}: expected a regular file"))
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor
        # One more than allowed: files of /proc have no size before they are read.
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(printable(f"{path}: expected at most {MOST_BYTES} bytes"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path}: expected text in UTF-8: {error}"
        raise ValueError(printable(message)) from None

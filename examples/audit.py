"""A separate logger with its own level, for records that must not mix with the program's.

Prints::

    INFO | the program's own line
    == audit.log
    2025-01-15T10:30:45.123000+00:00 AUDIT ada deleted order 17
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from logly import Logger, logger


def main() -> None:
    """Log to both loggers."""
    path = Path(tempfile.mkdtemp(prefix="logly-audit-")) / "audit.log"
    audit = Logger()
    audit.remove_all()
    audit.level("AUDIT", no=35, color="cyan")
    # This sink writes on the caller's thread: the line is in the file when the call returns.
    audit.add(path, async_write=False, permissions=0o600, format="{time} {level} {user} {message}")

    logger.configure(show_time=False)
    logger.info("the program's own line")
    audit.bind(user="ada").log("AUDIT", "deleted order {order}", order=17)

    print("== audit.log")
    print(path.read_text(encoding="utf-8"), end="")


if __name__ == "__main__":
    main()

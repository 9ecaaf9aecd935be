"""Several sinks for one program: text for people, JSON for machines, and a file for errors only.

Prints::

    INFO started
    ERROR payment refused
    == service.json
    {"timestamp": "2025-01-15T10:30:45.123Z", "level": "DEBUG", "message": "settings read", "file": "app.toml"}
    {"timestamp": "2025-01-15T10:30:45.123Z", "level": "INFO", "message": "started", "port": 8080}
    {"timestamp": "2025-01-15T10:30:45.123Z", "level": "ERROR", "message": "payment refused", "order": 17}
    == errors.log
    2025-01-15 10:30:45 | ERROR | payment refused order=17
    == a function got 1 error: payment refused (order 17)
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from logly import logger


def main() -> None:
    """Log to four sinks."""
    folder = Path(tempfile.mkdtemp(prefix="logly-sinks-"))
    alarms: list[Any] = []
    logger.add("console", format="{level} {message}")
    logger.add(folder / "service.json", level="DEBUG", json="flat")
    logger.add(folder / "errors.log", level="ERROR")
    logger.add(alarms.append, filter=lambda record: record["level"].no >= 40 and "order" in record)

    logger.debug("settings read", file="app.toml")
    logger.info("started", port=8080)
    logger.error("payment refused", order=17)

    logger.complete()
    for name in ("service.json", "errors.log"):
        print(f"== {name}")
        print((folder / name).read_text(encoding="utf-8"), end="")
    record = alarms[0].record
    print(f"== a function got {len(alarms)} error: {record['message']} (order {record['order']})")


if __name__ == "__main__":
    main()

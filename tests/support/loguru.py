"""What the tests about programs written for Loguru share: a sink, and which differences are shown."""

from __future__ import annotations

import io

from logly import logger

SHOWN: set[str] = set()
"""The rows of `docs/guides/from-loguru.md` that have a test."""


def shows(*rows):
    """Say which rows of the page a test is about."""
    SHOWN.update(rows)
    return lambda test: test


def added(**options) -> io.StringIO:
    """Add a stream as the only sink, all levels, the message alone."""
    logger.remove()
    stream = io.StringIO()
    logger.add(stream, **{"level": 0, "format": "{message}", **options})
    return stream

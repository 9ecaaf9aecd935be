"""Helpers for the tests of programs written for Loguru: a sink, and the list of differences that tests show."""

from __future__ import annotations

import io

from logly import logger

SHOWN: set[str] = set()
"""The rows of `docs/guides/from-loguru.md` that have a test."""


def shows(*rows):
    """Declare the rows of the page that a test shows."""
    SHOWN.update(rows)
    return lambda test: test


def added(**options) -> io.StringIO:
    """Add a stream as the only sink, for all levels, with the message alone."""
    logger.remove()
    stream = io.StringIO()
    logger.add(stream, **{"level": 0, "format": "{message}", **options})
    return stream

"""Helpers for the tests of `logging`: a handler that keeps its records, and a context that restores loggers."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager

HAS_DIRECT_CALLS = sys.version_info[:3] != (3, 13, 0)
"""Whether calls of `logging` can be direct. CPython 3.13.0 does not tell that an attribute was set, so none is."""


class Collector(logging.Handler):
    """A handler that keeps its records."""

    def __init__(self, level=logging.NOTSET):
        super().__init__(level)
        self.records = []

    def emit(self, record):
        """Keep the record."""
        self.records.append(record)


@contextmanager
def restored():
    """Restore `logging` afterwards: the root logger, and the loggers that tests use."""
    before = logging.root.handlers[:], logging.root.level
    disabled = {found for found in _known() if found.disabled}
    yield
    logging.root.handlers[:], logging.root.level = before
    for found in _known():
        found.disabled = found in disabled
    for name in ("app", "app.db", "apart"):
        known = logging.getLogger(name)
        known.handlers.clear()
        known.filters.clear()
        known.setLevel(logging.NOTSET)
        known.propagate = True


def _known():
    return [found for found in logging.root.manager.loggerDict.values() if isinstance(found, logging.Logger)]

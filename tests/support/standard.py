"""Helpers for the tests of `logging`: a handler that keeps its records, and a context that restores loggers."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from pathlib import Path

import pytest
from logly import _logly

from tests.support.absent import IS_FREE_THREADED


def _reason_against_direct_calls() -> str | None:
    if IS_FREE_THREADED:
        return "without a GIL, logly cannot see whether `logging` was changed"
    if ".abi3" in Path(_logly.__file__).name:
        return "with the stable ABI, logly cannot see whether `logging` was changed"
    return None


_REASON = _reason_against_direct_calls()
HAS_DIRECT_CALLS = _REASON is None
"""Whether calls of `logging` can be taken without a record, and records of its handlers be read without Python."""
NEEDS_DIRECT_CALLS = pytest.mark.skipif(not HAS_DIRECT_CALLS, reason=f"no call is direct: {_REASON}")


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

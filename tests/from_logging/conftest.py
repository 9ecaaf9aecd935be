"""The fixture of all tests of `logging`: loggers as they were before."""

from __future__ import annotations

import pytest

from tests.support import standard


@pytest.fixture(autouse=True)
def _standard_loggers():
    """Restore the loggers of `logging` after each test."""
    with standard.restored():
        yield

"""What every test gets: the logger as it is at import, before the test and after it."""

from __future__ import annotations

import pytest

import logly.testing


@pytest.fixture(autouse=True)
def _fresh_logger():
    logly.testing.reset()
    yield
    logly.testing.reset()

"""The fixtures of the tests of reading: a file, and the sink that writes it."""

from __future__ import annotations

import pytest
from logly import logger


@pytest.fixture
def path(tmp_path):
    """Give the path of the file."""
    return tmp_path / "app.log"


@pytest.fixture
def sink(path):
    """Give the sink of the file."""
    return logger.add(path, format="{message}")

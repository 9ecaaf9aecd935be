"""What tests of the dialect share: the logger without sinks, and a sink that keeps lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from logly.loguru import logger as the_logger

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def logger() -> Iterator[object]:
    """Return the global logger of the dialect, without sinks before and after."""
    the_logger.remove()
    yield the_logger
    the_logger.remove()
    the_logger.configure(extra={}, patcher=dict.copy)
    the_logger.enable("")


@pytest.fixture
def lines() -> list[str]:
    """Return a list; its `append` is a sink."""
    return []

"""A folder for programs of Windows."""

from __future__ import annotations

import pytest

from tests.wine.programs import Folder


@pytest.fixture
def folder(tmp_path):
    """Give a folder for programs and their logs."""
    return Folder(tmp_path)

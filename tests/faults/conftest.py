"""Shared fixtures of the fault tests: compiles the library that makes writes fail, take long or stop their process."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support import child


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the path of the library, which must be loaded before the C library."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("needs cc")
    library = tmp_path_factory.mktemp("shim") / "shim.so"
    source = Path(__file__).with_name("shim.c")
    child.execute([compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Werror", source, "-o", library, "-ldl"]).check()
    return str(library)

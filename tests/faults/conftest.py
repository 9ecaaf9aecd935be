"""Shared fixtures of the fault tests: compiles the library that makes writes fail, take long or stop their process.

From Python 3.15 on, the tests of forks, lanes and signals run twice: the second time their programs make imports only
at the first use of a name. A thread may then import anywhere, and forks must wait for it.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.support import child

LAZY = (
    *("test_forks", "test_forks_and_queues", "test_resting_streams", "test_processes", "test_multiprocessing"),
    *("test_daemonic_processes", "test_lanes", "test_signals", "test_exit", "test_end_of_threads", "test_reentry"),
)
"""The modules whose tests run with lazy imports too."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have tests of these modules run with lazy imports too."""
    if sys.version_info >= (3, 15) and metafunc.module.__name__.rpartition(".")[2] in LAZY:
        metafunc.fixturenames.append("imports")
        metafunc.parametrize("imports", ["normal", "all"], ids=["eager", "lazy"], indirect=True)


@pytest.fixture
def imports(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Say which imports of child processes wait for the first use of a name."""
    monkeypatch.setenv("PYTHON_LAZY_IMPORTS", request.param)


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

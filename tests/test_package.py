"""What the package itself offers: the names that are imported later are there, and shells complete them."""

from __future__ import annotations

import logly
import pytest

from tests.child import run


@pytest.mark.parametrize("name", logly.__all__)
def test_public_name_is_there(name):
    assert getattr(logly, name) is not None


def test_dir_lists_what_is_imported_later():
    program = "import logly; print(sorted({*logly.__all__, 'testing'} - {*dir(logly)}))"

    assert run(program).stdout == "[]\n"


def test_dir_imports_nothing():
    program = "import sys, logly; dir(logly); print('logly.testing' in sys.modules, 'logging' in sys.modules)"

    assert run(program).stdout == "False False\n"

"""Each test of the context begins without values, and leaves none."""

from __future__ import annotations

import pytest

from tests.context.variables import REQUEST, USER


@pytest.fixture(autouse=True)
def _own_context():
    tokens = [(variable, variable.set(None)) for variable in (REQUEST, USER)]
    yield
    for variable, token in tokens:
        variable.reset(token)

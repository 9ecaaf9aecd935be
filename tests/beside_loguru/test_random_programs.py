"""Random programs leave the same on Loguru and on `logly.loguru`.

`LOGLY_RANDOM_PROGRAMS=2000` compares that many. The programs with the numbers from 0 on are the same on each run.
"""

from __future__ import annotations

import os

import pytest

from tests.beside_loguru.comparing import difference
from tests.beside_loguru.running import Runner

_COUNT = int(os.environ.get("LOGLY_RANDOM_PROGRAMS", "200"))
_PARTS = 8


@pytest.mark.parametrize("part", range(_PARTS))
def test_random_programs_leave_the_same_on_both(part):
    # Tracebacks without values are equal, so sinks show none unless they are told to.
    with Runner(LOGURU_DIAGNOSE="no") as runner:
        found = [difference(runner, seed) for seed in range(part, _COUNT, _PARTS)]

    assert "\n\n".join(str(one) for one in found if one is not None) == ""

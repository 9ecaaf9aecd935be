"""Removed callbacks and background sinks leave no memory allocated."""

from __future__ import annotations

import pytest

from tests.support.child import output

ROUNDS = 2_000

MOST = 500
"""Bytes that each may leave allocated on average; allocators keep some."""


@pytest.mark.parametrize(
    "added_and_removed",
    [
        "logger.remove_callback(logger.add_callback(print))",
        "logger.remove(logger.add(print, async_write=True))",
        "logger.add_callback(print, name='replaced')",
    ],
    ids=["callback", "sink", "replaced"],
)
def test_what_is_removed_leaves_nothing_behind(added_and_removed):
    program = f"""
from pathlib import Path
from logly import logger
logger.remove_all()
def resident():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))
for round in range({ROUNDS} + 500):
    if round == 500:
        before = resident()
    {added_and_removed}
print(resident() - before)
"""

    assert int(output(program)) < ROUNDS * MOST

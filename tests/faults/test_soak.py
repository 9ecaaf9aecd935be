"""A long run: memory, threads and descriptors stay as they are, and every record is counted.

`LOGLY_SOAK=1800` runs the test for half an hour instead of a minute.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.faults.support.soak import BURST
from tests.support import child

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = float(os.environ.get("LOGLY_SOAK", "60"))

SETTLING = 6
"""Megabytes by which memory may grow, besides one per million records. Allocators keep the most memory that was needed
at one moment. Within a minute that peak still rises, and more so on a busy machine. A leak of 8 bytes per record
exceeds the limit."""

WARM_UP = 3
"""Laps until all one-time allocations are made: buffers, call sites, zones, allocators' reserves."""


@pytest.fixture(scope="module")
def laps(tmp_path_factory):
    """Return the program's measurements after each of its laps."""
    folder = tmp_path_factory.mktemp("soak")
    program = [sys.executable, "-m", "tests.faults.support.soak", str(folder), str(SECONDS)]
    ended = child.execute(program, cwd=ROOT, timeout=SECONDS + 300).check(stderr="")
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_memory_does_not_grow_with_the_records(laps):
    first, last = laps[WARM_UP], laps[-1]

    millions = (last["records"] - first["records"]) / 1e6
    megabytes = (last["memory"] - first["memory"]) / 1e3

    assert megabytes < millions + SETTLING, [(lap["records"], lap["memory"]) for lap in laps]


@pytest.mark.parametrize("what", ["threads", "descriptors"])
def test_nothing_is_left_open(what, laps):
    assert len({lap[what] for lap in laps}) == 1, [lap[what] for lap in laps]


def test_every_record_is_counted(laps):
    for lap in laps:
        errors = lap["records"] // (BURST + 1)
        assert lap["is_complete"]
        assert lap["called"] == [lap["records"]] * 2
        assert lap["written"] == {"text": lap["records"], "json": lap["records"], "errors": errors}

"""A queue whose memory the system refuses: the queue is smaller, or callers write; no record is lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import FILES, check_log, run

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = """
import resource

def leave(bytes):
    # As `ulimit -v` does: the memory in use, and so much more.
    pages = int(open("/proc/self/statm").read().split()[0])
    limit = pages * resource.getpagesize() + bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
"""


@FILES
@pytest.mark.parametrize(
    # With less memory, the interpreter itself could not run.
    ("options", "kibibytes"),
    [("", 6144), ("buffer_size=1 << 30", 6144), ("buffer_size=1 << 30", 48 * 1024)],
    ids=["usual", "huge", "huge with room for the rest"],
)
def test_queue_that_cannot_be_had_is_smaller_and_loses_nothing(
    tmp_path: Path, sink: str, options: str, kibibytes: int
) -> None:
    result = run(
        tmp_path,
        f"""
        leave({kibibytes} * 1024)
        add(async_write={sink == "background"}, {options})
        log(3000)
        """,
        LIMIT,
    )

    result.check()
    assert list(check_log(tmp_path / "app.log").values()) == [3000]
    told = re.findall("no memory for a queue of .*", result.stderr)
    assert len(told) == (sink == "background")


def test_queue_of_its_size_says_nothing(tmp_path: Path) -> None:
    result = run(tmp_path, "leave(200 << 20); add(buffer_size=1 << 24); log(3000)", LIMIT)

    result.check(stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [3000]

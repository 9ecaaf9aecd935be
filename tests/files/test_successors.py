"""The file that follows a rotated one, and the arguments that functions get about it."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest
from logly import logger

from tests.support.child import output

if TYPE_CHECKING:
    from pathlib import Path

OTHERS_GROUP = 12_345

ROTATE = """
import os
import sys
from logly import logger

os.setgroups([int(group) for group in sys.argv[2:]])
os.setgid(65534)
os.setuid(65534)
logger.configure(console=False)
logger.add(sys.argv[1], rotation="10 B", format="{message}")
logger.info("the first")
logger.info("the second")
assert logger.complete(10)
"""

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """Give a file of root's that group members may write, in a folder that all users may write to."""
    for folder in (tmp_path, *tmp_path.parents):
        folder.chmod(folder.stat().st_mode | 0o011)
    tmp_path.chmod(0o777)
    path = tmp_path / "app.log"
    path.touch()
    os.chown(path, 0, OTHERS_GROUP)
    path.chmod(0o662)
    return path


@needs_root
def test_successor_keeps_the_group_of_a_file_that_somebody_else_owns(shared: Path) -> None:
    output(ROTATE, shared, OTHERS_GROUP)

    found = shared.stat()
    assert shared.read_text() == "the second\n"
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (65534, OTHERS_GROUP, 0o662)


@needs_root
def test_what_was_for_one_group_is_not_for_another(shared: Path) -> None:
    output(ROTATE, shared)

    found = shared.stat()
    assert shared.read_text() == "the second\n"
    assert (found.st_gid, stat.S_IMODE(found.st_mode)) == (65534, 0o622)


def test_function_is_told_a_path_that_can_be_opened(no_console: None, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff.log")
    told = []

    logger.add(path, rotation=lambda _record, path, _size: told.append(path))
    logger.info("one")

    assert told == [str(path)]

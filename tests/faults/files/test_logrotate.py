"""logrotate against a busy writer: `create` loses nothing, `copytruncate` only the lines written in its own window."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.faults.support.oracle import LIMIT, LINE, PRELUDE
from tests.support import child

if TYPE_CHECKING:
    from pathlib import Path

MODES = pytest.mark.parametrize("async_write", [True, False], ids=["background", "synchronous"])
ROTATIONS = 100 if os.environ.get("LOGLY_STRESS") else 25
PAUSE = 0.1

WRITER = """
add(async_write={async_write})
number = 0
while not os.path.exists("enough"):
    log(20, number)
    number += 20
    time.sleep(0.0005)
assert logger.complete(timeout=30)
print(number)
"""

CONFIGURATION = """
"{folder}/app.log" {{
    su root root
    rotate 1000
    start 1
    nocompress
    {how}
}}
"""


def rotated(folder: Path, how: str, async_write: bool) -> list[int]:
    """Run logrotate on a busy writer's file; return the numbers found, and last how many there should be."""
    logrotate = shutil.which("logrotate", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if logrotate is None or os.geteuid() != 0:
        pytest.skip("needs logrotate, and root")
    folder.chmod(0o755)
    configuration = folder / "logrotate.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, how=how))
    configuration.chmod(0o644)
    program = PRELUDE + "import time" + WRITER.format(async_write=async_write)
    command = [sys.executable, "-X", "faulthandler", "-c", program]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as writer:
        while not (folder / "app.log").exists():
            assert writer.poll() is None, writer.communicate()
        try:
            for _ in range(ROTATIONS):
                time.sleep(PAUSE)
                child.execute([logrotate, "-f", "-s", folder / "state", configuration]).check()
        finally:
            (folder / "enough").touch()
        ended = child.finish(writer, timeout=LIMIT)
    ended.check(stderr="")
    return [*numbers(folder, is_copied=how == "copytruncate"), int(ended.stdout)]


def numbers(folder: Path, *, is_copied: bool) -> list[int]:
    """Return the numbers of all files, oldest first; each line must be whole, except the last line of a copy."""
    olds = sorted((int(path.suffix[1:]) for path in folder.glob("app.log.*")), reverse=True)
    assert len(olds) > ROTATIONS * 0.8, "logrotate rotated too seldom"
    found = []
    for path in [*(folder / f"app.log.{old}" for old in olds), folder / "app.log"]:
        text = path.read_text()
        if is_copied and path.name != "app.log":
            # Other processes see a write page by page.
            text = text[: text.rfind("\n") + 1]
        assert not text or text.endswith("\n"), path.name
        for line in text.splitlines():
            match = LINE.fullmatch(line)
            assert match is not None, f"{path.name}: not a whole line: {line!r}"
            assert len(match[4]) == int(match[3]) % 40, f"{path.name}: cut: {line!r}"
            found.append(int(match[3]))
    return found


@MODES
def test_create_loses_and_doubles_nothing(tmp_path: Path, async_write: bool) -> None:
    *found, count = rotated(tmp_path, "create 0640 root root", async_write)

    assert found == list(range(count))
    assert re.fullmatch(r"0o100640", oct((tmp_path / "app.log").stat().st_mode))


@MODES
def test_copytruncate_loses_what_is_written_between_copy_and_truncate_alone(tmp_path: Path, async_write: bool) -> None:
    *found, count = rotated(tmp_path, "copytruncate", async_write)

    gaps = [(one, other) for one, other in zip([-1, *found], [*found, count]) if other != one + 1]
    # The numbers are in order, so none is doubled; each gap belongs to one rotation.
    assert found == sorted(set(found))
    assert len(gaps) <= ROTATIONS
    assert len(found) > count / 2

"""Archives in formats that recovery does not read: they wait while lines of a dead process may be missing in them."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.faults.crash.test_interrupted_writes import KILLED, KINDS, OLD, OPENER, OTHER, kill_in_a_write
from tests.support.child import run

if TYPE_CHECKING:
    from pathlib import Path

PACKED = '"compression": "gzip"'

LINES = 9
"""Lines of the other process: two fill a file."""

FUNCTION = """
import gzip

def pack(path):
    with open(path, "rb") as plain, gzip.open(path + ".packed", "wb") as packed:
        packed.write(plain.read())
    os.unlink(path)
"""


def _unpacked(path: Path) -> bytes:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return archive.read(archive.namelist()[0])
    content = path.read_bytes()
    return {".bz2": bz2.decompress, ".xz": lzma.decompress}.get(path.suffix, bytes)(content)


def _lines_of(log: Path) -> list[str]:
    texts = [_unpacked(path) for path in sorted(log.parent.glob("app.*"))]
    return b"".join(texts).decode().splitlines()


def _plain_archives(log: Path) -> list[Path]:
    return list(log.parent.glob("app.*.log"))


@pytest.mark.parametrize("kind", KINDS, ids=KINDS.values())
@pytest.mark.parametrize("form", ["bz2", "xz", "zip"])
def test_archive_that_may_lack_lines_is_packed_after_the_recovery(
    tmp_path: Path, shim: str, form: str, kind: str
) -> None:
    log = tmp_path / "app.log"
    kill_in_a_write(log, shim, kind)
    packed = f'"compression": "{form}"'
    run(OTHER.replace(PACKED, packed), log, LINES).check(stderr="")
    (waiting,) = _plain_archives(log)
    assert len(list(tmp_path.glob(f"app.*.{form}"))) > 1

    run(OPENER.replace(PACKED, packed) + "\nlogger.complete()", log).check()

    assert _plain_archives(log) == []
    assert waiting.with_name(f"{waiting.name}.{form}").exists()
    lines = _lines_of(log)
    assert sorted(line for line in lines if line in OLD) == OLD
    assert len([line for line in lines if line.startswith("other")]) == LINES


def test_function_gets_the_archive_after_the_recovery(tmp_path: Path, shim: str) -> None:
    log = tmp_path / "app.log"
    killed = f"""
import subprocess, time
environment = {{**os.environ, "LD_PRELOAD": {shim!r}, "LOGLY_WRITES": "kill1:0:9"}}
print(subprocess.run([sys.executable, "-c", {KILLED!r}, sys.argv[1]], env=environment).returncode)
"""
    waiting = """
until = time.monotonic() + 20
while glob.glob(sys.argv[1][:-3] + "*.log") and time.monotonic() < until:
    time.sleep(0.01)
"""
    begin, rest = OTHER.replace("**options", 'durability="crash", **options').split("for number")
    code = "import glob\n" + FUNCTION + begin.replace(PACKED, '"compression": pack') + killed + "for number" + rest

    run(code + waiting, log, LINES).check(stdout="-9\n")

    assert _plain_archives(log) == []
    texts = [gzip.decompress(path.read_bytes()) for path in tmp_path.glob("app.*.packed")] + [log.read_bytes()]
    assert len(texts) > 2
    assert sorted(line for line in b"".join(texts).decode().splitlines() if line in OLD) == OLD


def test_archive_of_a_process_that_writes_no_more_is_packed_at_once(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    program = KILLED.replace(PACKED, '"compression": "xz"').replace("range(10)", "range(200)")

    run(program, log).check(stderr="")

    assert _plain_archives(log) == []
    assert len(list(tmp_path.glob("app.*.xz"))) > 1

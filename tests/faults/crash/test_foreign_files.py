"""Crash files of another boot, or with records of another file: what is not certainly whole is skipped and counted."""

from __future__ import annotations

import re
from pathlib import Path

from tests.faults.crash.test_crash_files import BEGIN, OLD, leave_behind, names_in
from tests.support.child import run

_WORD = (1 << 64) - 1
_LANES = [0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93]
_HEADER = 24
"""Bytes before the content of the header: its mark, version, checksum and length."""


def checksum(seed: int, content: bytes) -> int:
    """Return the checksum that guards a header, as `src/queue/checksum.rs` makes it."""
    one = seed ^ _LANES[0]
    other = ((seed << 32 | seed >> 32) & _WORD) ^ _LANES[1] ^ len(content)
    padded = content + bytes(-len(content) % 16)
    for at in range(0, len(padded), 16):
        one = _fold(one ^ int.from_bytes(padded[at : at + 8], "little"), _LANES[2])
        other = _fold(other ^ int.from_bytes(padded[at + 8 : at + 16], "little"), _LANES[3])
    return _fold(one ^ _LANES[1], other ^ _LANES[0]) | 1


def _fold(one: int, other: int) -> int:
    product = one * other
    return product & _WORD ^ product >> 64


def change_header(path: Path, old: bytes, new: bytes) -> None:
    """Replace bytes of a header, and have it look whole."""
    file = bytearray(path.read_bytes())
    version, length = (int.from_bytes(file[at : at + 4], "little") for at in (8, 20))
    content = bytes(file[_HEADER : _HEADER + length])
    assert checksum(version, content) == int.from_bytes(file[12:20], "little")
    assert content.count(old) == 1
    content = content.replace(old, new)
    file[12:20] = checksum(version, content).to_bytes(8, "little")
    file[_HEADER : _HEADER + length] = content
    path.write_bytes(bytes(file))


def test_file_of_an_earlier_boot_gives_only_what_its_checksums_prove(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    made = leave_behind(log)
    boot = Path("/proc/sys/kernel/random/boot_id").read_bytes().strip()
    change_header(made, boot, bytes(reversed(boot)))

    result = run(BEGIN + "logger.info('new')", log)

    result.check(stdout="")
    *recovered, new = log.read_text().splitlines()
    assert (recovered, new) == (OLD[: len(recovered)], "INFO new")
    assert result.stderr.count("\n") == 1
    assert re.search(rf": recovered {len(recovered)} records? of process \d+", result.stderr)
    assert ("skipped" in result.stderr) == (len(recovered) < len(OLD))
    assert names_in(tmp_path) == ["app.log"]


def test_records_of_another_generation_are_skipped(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    made = leave_behind(log)
    seed = made.read_bytes()[_HEADER + 8 : _HEADER + 16]
    change_header(made, seed, bytes(byte ^ 0x55 for byte in seed))

    result = run(BEGIN + "logger.info('new')", log)

    result.check(stdout="")
    assert re.fullmatch(
        rf"logly: {re.escape(str(made))}: recovered 0 records of process \d+, and skipped 1 torn one\n", result.stderr
    )
    assert log.read_text() == "INFO new\n"

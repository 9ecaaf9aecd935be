"""Reads a log file back and checks that every message is in it: once, in order, unchanged.

Only the form of times is checked. Fields may be in any order, JSON fields at the top level or under
`fields`.
"""

from __future__ import annotations

import bisect
import gzip
import importlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Callable, Optional

from benchmarks.compare.program import FRAMES
from benchmarks.compare.scenarios import Shape

if TYPE_CHECKING:
    from pathlib import Path

BOUND_FIELDS = {"shop": "s7", "region": "eu", "version": "v3"}
CONTEXT_FIELDS = {"request": "r1"}

_HEAD = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \| "
_CALLER = r"checkout:pay_\w+:(?P<line>\d+) \| "
_FIELDS = r"(?P<fields>(?: \w+=\S+)*)"
_TEXT = {
    Shape.FILTERED: _HEAD + r"INFO \| " + _CALLER + r"paid 12 EUR" + _FIELDS,
    Shape.PLAIN: _HEAD + r"INFO \| payment accepted",
    Shape.FRESH: _HEAD + r"INFO \| message" + _FIELDS,
    Shape.TEMPLATE: _HEAD + r"INFO \| " + _CALLER + r"paid 12 EUR" + _FIELDS,
    Shape.BOUND: _HEAD + r"INFO \| " + _CALLER + r"paid 12 EUR" + _FIELDS,
    Shape.SINKS: _HEAD + r"(?:INFO|ERROR) \| " + _CALLER + r"paid 12 EUR" + _FIELDS,
    Shape.EXCEPTION: _HEAD + r"ERROR \| " + _CALLER + r"payment failed" + _FIELDS,
}
_USER = {"user": "ada"}
_EXPECTED_FIELDS = {
    Shape.FILTERED: _USER,
    Shape.TEMPLATE: _USER,
    Shape.BOUND: {**_USER, **BOUND_FIELDS, **CONTEXT_FIELDS},
    Shape.SINKS: _USER,
}

# Returns a line's sequence number, `NO_SEQUENCE` for content without numbers, or None for a wrong line.
Reader = Callable[[str], Optional[int]]
NO_SEQUENCE = -1


@dataclass(frozen=True)
class Output:
    """One log file. Plain messages have no sequence number, so their lines are counted.

    With archives, the files named after it are read as well, ordered by the time of their last write.
    """

    path: Path
    is_json: bool = False
    errors_only: bool = False
    has_archives: bool = False

    def files(self) -> list[Path]:
        """Return the files that hold the lines, oldest first."""
        if not self.has_archives:
            return [self.path]
        archives = set(self.path.parent.glob(f"{self.path.stem}.*")) - {self.path}
        return [*sorted(archives, key=lambda path: path.stat().st_mtime_ns), self.path]

    def read(self) -> str:
        """Return the written text of all files, decompressed."""
        return b"".join(_decompressed(path) for path in self.files()).decode(errors="replace")


@dataclass
class Findings:
    """The results of reading back. `lines` counts records, not the lines of their tracebacks."""

    lines: int = 0
    lost: int = 0
    problems: list[str] = field(default_factory=list)


def check(output: Output, shape: Shape, runs: list[range], call_lines: frozenset[int]) -> Findings:
    """Read *output* and compare it with the messages numbered in *runs*.

    The runs ascend; each was logged by one thread, whose messages must be in order.
    """
    written = output.read()
    lines = written.removesuffix("\n").split("\n") if written else []
    findings = Findings()
    if shape is Shape.EXCEPTION:
        lines = _check_tracebacks(lines, sum(map(len, runs)), findings)
    read = _json_sequence if output.is_json else _text_reader(shape, call_lines)
    found = []
    wrong = []
    for line in lines:
        number = read(line)
        if number is None:
            wrong.append(line)
            number = _number_of(line)
        if number is not None:
            found.append(number)
    if wrong:
        findings.problems.append(f"{len(wrong)} lines with wrong content, the first: {wrong[0][:200]}")
    findings.lines = len(found)
    _check_sequence(found, runs, findings)
    return findings


def _decompressed(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(content)
    if path.suffix == ".zst":
        found: bytes = importlib.import_module("zstandard").ZstdDecompressor().decompressobj().decompress(content)
        return found
    return content


def _number_of(line: str) -> int | None:
    """Find the number of a wrong line, so that the line does not count as lost as well."""
    found = re.search(r"\bseq\W{1,3}(\d+)", line)
    return int(found[1]) if found else None


def _check_sequence(found: list[int], runs: list[range], findings: Findings) -> None:
    wanted = {number for run in runs for number in run}
    if set(found) == {NO_SEQUENCE}:
        findings.lost = max(0, len(wanted) - len(found))
        extra = len(found) - len(wanted)
    else:
        findings.lost = len(wanted - set(found))
        extra = len(found) - len(wanted & set(found))
        if not _is_ordered(found, runs):
            findings.problems.append("messages of one thread out of order")
    if extra > 0:
        findings.problems.append(f"{extra} lines too many")


def _is_ordered(found: list[int], runs: list[range]) -> bool:
    """Return whether the numbers of each run ascend."""
    starts = [run.start for run in runs]
    newest: dict[int, int] = {}
    for number in found:
        run = bisect.bisect_right(starts, number)
        if number < newest.get(run, number):
            return False
        newest[run] = number
    return True


def _text_reader(shape: Shape, call_lines: frozenset[int]) -> Reader:
    match = re.compile(_TEXT[shape]).fullmatch
    expected = _EXPECTED_FIELDS.get(shape, {})

    def read(line: str) -> int | None:
        found = match(line)
        if found is None:
            return None
        parts = found.groupdict()
        if parts.get("line") and int(parts["line"]) not in call_lines:
            return None
        if "fields" not in parts:
            return NO_SEQUENCE
        fields = dict(pair.split("=", 1) for pair in parts["fields"].split())
        number = fields.pop("seq", "")
        return int(number) if number.isdecimal() and fields == expected else None

    return read


def _json_sequence(line: str) -> int | None:
    try:
        record = json.loads(line)
        record.update(record.pop("fields", {}))
        content = (record["level"].upper(), record["message"], record["amount"], record["user"])
        has_time = str(record["timestamp"]).startswith("20")
        number = record["seq"]
    except (ValueError, KeyError, AttributeError):
        return None
    is_right = has_time and content in {
        ("INFO", "paid 12 EUR", 12, "ada"),
        ("ERROR", "paid 12 EUR", 12, "ada"),
    }
    return number if is_right and type(number) is int else None


def _check_tracebacks(lines: list[str], records: int, findings: Findings) -> list[str]:
    """Return the first lines of the records; note tracebacks that lack frames or their last line."""
    frames = sum(line.lstrip().startswith('File "') for line in lines)
    ends = sum(line.endswith("ValueError: card declined") for line in lines)
    if frames != records * FRAMES or ends != records:
        findings.problems.append(f"{records} tracebacks have {frames} frames and {ends} last lines")
    return [line for line in lines if re.match(_HEAD, line)]

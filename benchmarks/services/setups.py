"""The parts of a measured set-up, and how the lines it wrote are checked."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from benchmarks.compare.adapters import Session

_NUMBER = re.compile(rb"\bseq\W{1,4}(\d+)")


@dataclass(frozen=True)
class Setup:
    """A library set up for one row.

    `output` is the file its lines end in, None if there is none. Each call writes `lines` of them. Every line holds
    its call's number: after `seq`, or where `number` finds it in the line's JSON, which returns None for a wrong line.
    `secrets` must not be in the file. `bare` does the same work as the call, without logging.
    """

    session: Session
    output: Path | None
    lines: int = 1
    number: Callable[[dict[str, Any]], int | None] | None = None
    secrets: tuple[bytes, ...] = ()
    bare: Callable[[int], object] | None = None
    pipe: Pipe | None = field(default=None, compare=False)


def check(setup: Setup, runs: Iterable[range]) -> dict[str, object]:
    """Look in the output for the calls numbered in *runs*; return a verdict, its detail, and the counts."""
    if setup.output is None:
        return {"verdict": "ok", "detail": "", "lost": 0, "lines": 0}
    content = setup.output.read_bytes()
    found, wrong = _numbers(content.splitlines(), setup)
    wanted = Counter({number: setup.lines for run in runs for number in run})
    lost, extra = sum((wanted - found).values()), sum((found - wanted).values())
    problems = [f"{lost} lines lost"] * bool(lost) + [f"{extra} lines too many"] * bool(extra)
    if wrong:
        problems.append(f"a wrong line: {wrong[:200].decode(errors='replace')}")
    problems += [f"a secret was written: {secret.decode()}" for secret in setup.secrets if secret in content]
    verdict = "lost" if lost else "wrong" if problems else "ok"
    return {"verdict": verdict, "detail": "; ".join(problems), "lost": lost, "lines": sum(found.values())}


def _numbers(lines: list[bytes], setup: Setup) -> tuple[Counter[int], bytes]:
    """Return the number of lines of each call, and the first line without a number."""
    found: Counter[int] = Counter()
    wrong = b""
    for line in lines:
        number = _number(line, setup)
        if number is None:
            wrong = wrong or line
        else:
            found[number] += 1
    return found, wrong


def _number(line: bytes, setup: Setup) -> int | None:
    if setup.number is None:
        matched = _NUMBER.search(line)
        return int(matched[1]) if matched else None
    try:
        return setup.number(json.loads(line))
    except (ValueError, KeyError, TypeError):
        return None


class Pipe:
    """Standard output as a pipe, whose other end a process of its own copies into a file."""

    def __init__(self, path: Path) -> None:
        """Put a pipe on descriptor 1 until `close`."""
        self._kept = os.dup(1)
        with path.open("wb") as file:
            self._reader = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, stdout=file)
        pipe = self._reader.stdin
        if pipe is None:
            raise RuntimeError
        os.dup2(pipe.fileno(), 1)
        pipe.close()

    def close(self) -> None:
        """Give descriptor 1 back, and wait until every line is in the file."""
        sys.stdout.flush()
        os.dup2(self._kept, 1)
        os.close(self._kept)
        self._reader.wait()

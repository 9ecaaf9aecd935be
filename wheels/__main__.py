"""The command `python -m wheels [NAME...]`: builds, checks and tries wheels, all of them unless some are named.

A wheel whose building, check or trial fails is told with its reason. The others go on.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from wheels.build import build
from wheels.check import check
from wheels.crates import ROOT, linked
from wheels.finish import finish
from wheels.kinds import KINDS, Kind
from wheels.trial import trials

if TYPE_CHECKING:
    from pathlib import Path

DIST = ROOT / "dist" / "wheels"

_HEAD = ["wheel", "bytes", "checks", "run with", "seconds"]


def main(names: list[str]) -> int:
    """Make the wheels, and write and print the table. Return 1 if one failed."""
    unknown = set(names) - {kind.name for kind in KINDS}
    if unknown:
        print(f"no such wheels: {', '.join(sorted(unknown))}; there are {', '.join(kind.name for kind in KINDS)}")
        return 2
    wanted = [kind for kind in KINDS if not names or kind.name in names]
    rows = _earlier()
    for kind in wanted:
        print(f"{kind.name} ...", flush=True)
        rows[kind.name] = _made(kind)
        _write(rows)
    print(_write(rows))
    return int(any(rows[kind.name][2].startswith("failed") for kind in wanted))


def _earlier() -> dict[str, list[str]]:
    """Return the rows of earlier runs, whose wheels are still there."""
    path = DIST / "wheels.json"
    rows: dict[str, list[str]] = json.loads(path.read_text()) if path.exists() else {}
    return {name: row for name, row in rows.items() if (DIST / row[0]).is_file()}


def _made(kind: Kind) -> list[str]:
    begun = time.monotonic()
    try:
        wheel, checks, versions = _make(kind)
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        reason = _reason(error)
        print(reason)
        return [kind.name, "", f"failed: {reason.splitlines()[-1].strip()[:200]}", "", _since(begun)]
    run = ", ".join(versions) or "built, not run"
    return [wheel.name, str(wheel.stat().st_size), ", ".join(checks), run, _since(begun)]


def _reason(error: Exception) -> str:
    """Return the output of a tool that failed, or the error itself."""
    told = (getattr(error, "stdout", None), getattr(error, "stderr", None))
    texts = [part.decode(errors="replace") if isinstance(part, bytes) else part or "" for part in told]
    return "".join(texts).strip() or str(error) or type(error).__name__


def _make(kind: Kind) -> tuple[Path, list[str], list[str]]:
    crates = linked(kind.platform.target, kind.python if kind.is_stable else "python")
    wheel = finish(build(kind), crates, DIST)
    return wheel, check(wheel, kind, crates), trials(wheel, kind)


def _since(begun: float) -> str:
    return f"{time.monotonic() - begun:.0f}"


def _write(rows: dict[str, list[str]]) -> str:
    ordered = [rows[kind.name] for kind in KINDS if kind.name in rows]
    lines = ["| " + " | ".join(row) + " |" for row in (_HEAD, ["---"] * len(_HEAD), *ordered)]
    text = "\n".join(lines)
    DIST.mkdir(parents=True, exist_ok=True)
    (DIST / "wheels.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    (DIST / "wheels.md").write_text(text + "\n", encoding="utf-8")
    return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

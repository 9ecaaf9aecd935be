"""The cost of `import`: the first import of a module in new interpreters."""

from __future__ import annotations

import json
import subprocess
import sys
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TIMES = 3
HEAVY = ("asyncio", "multiprocessing")

_PROGRAM = """
import sys, time
start = time.perf_counter_ns()
import {module}
span = time.perf_counter_ns() - start
import json
heavy = [name for name in {heavy!r} if name in sys.modules]
print(json.dumps([span, heavy]))
"""


def measure_import(module: str, folder: Path) -> dict[str, object]:
    """Import *module* in new interpreters started in *folder*.

    The first import does not count, as it may have to compile the module.

    Raises:
        ImportError: The module is not installed.
    """
    results = [_import_once(module, folder) for _ in range(1 + TIMES)][1:]
    spans = [span for span, _ in results]
    heavy = results[0][1]
    return {
        "figures": {"import_ns": median(spans)},
        "detail": f"loads {', '.join(heavy)}" if heavy else "",
    }


def _import_once(module: str, folder: Path) -> tuple[int, list[str]]:
    program = _PROGRAM.format(module=module, heavy=HEAVY)
    done = subprocess.run(  # noqa: S603 - this interpreter, and a program written here
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ImportError(done.stderr.strip().splitlines()[-1])
    span, heavy = json.loads(done.stdout.splitlines()[-1])
    return span, heavy

"""Describes the machine and the conditions of a run; figures mean nothing without them."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.compare.runner import file_system

if TYPE_CHECKING:
    from benchmarks.compare.runner import Plan


def describe(plan: Plan, command: list[str]) -> dict[str, Any]:
    """Return machine, Python, file system, load, and the command and order of the run."""
    return {
        "cpu": _cpu(),
        "cpus": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "file_system": file_system(plan.folder),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "command": command,
        "repetitions": plan.repetitions,
        "seed": plan.seed,
        "is_quick": plan.is_quick,
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown CPU"

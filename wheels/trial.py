"""Installing a wheel in a fresh environment, and using it there.

A wheel for arm64 runs under an emulator, with an interpreter of Debian's. Those of musllinux and macOS are not run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from wheels.build import TARGET
from wheels.crates import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from wheels.kinds import Kind

SMOKE = ROOT / "wheels" / "smoke.py"
ARM64 = ROOT / "target" / "pythons" / "sid-arm64"
EMULATOR = ROOT / "target" / "pythons" / "emulator" / "usr" / "bin" / "qemu-aarch64"


def trials(wheel: Path, kind: Kind) -> list[str]:
    """Use a wheel with each interpreter that it is for and that is here. Return their versions."""
    if not kind.platform.name.startswith("manylinux"):
        return []
    if kind.platform.name == "manylinux-arm64":
        return [version for version in kind.versions if _try_emulated(wheel, version)]
    return [version for version in kind.versions if _try_here(wheel, version)]


def _try_here(wheel: Path, version: str) -> bool:
    found = subprocess.run([ROOT / ".ci" / "find-python", version], check=False, capture_output=True, text=True)
    python = found.stdout.strip()
    if not python:
        return False
    folder = _fresh()
    subprocess.run([python, "-m", "venv", folder / "venv"], check=True)
    fresh = folder / "venv" / "bin" / "python"
    _call([fresh, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", wheel])
    _run([fresh, "-I", SMOKE], wheel, folder)
    return True


def _try_emulated(wheel: Path, version: str) -> bool:
    python = ARM64 / "usr" / "bin" / f"python{version}"
    if not (python.exists() and EMULATOR.exists()):
        return False
    folder = _fresh()
    # This pip refuses a wheel whose tags do not fit the platform that it is told.
    fitting = ["--platform", "manylinux_2_17_aarch64", "--python-version", version, "--only-binary", ":all:"]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    _call([*pip, *fitting, "--target", folder / "site", wheel])
    program = f"import sys; sys.path.insert(0, {str(folder / 'site')!r}); exec(open({str(SMOKE)!r}).read())"
    _run([EMULATOR, "-L", ARM64, python, "-I", "-c", program], wheel, folder)
    return True


def _fresh() -> Path:
    folder = TARGET / "trial"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _call(command: list[object]) -> None:
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def _run(command: list[object], wheel: Path, folder: Path) -> None:
    version = wheel.name.split("-")[1]
    clean = {"PATH": os.defpath, "HOME": str(folder), "LANG": "C.UTF-8"}
    done = subprocess.run(
        [*map(str, command), version], cwd=folder, env=clean, check=False, capture_output=True, text=True, timeout=300
    )
    if done.returncode != 0 or "works with" not in done.stdout or "shown on the console" not in done.stdout:
        message = f"the program failed: {done.stdout}{done.stderr}"
        raise ValueError(message)

"""Checks of a finished wheel: tag, stable ABI, contents, licences, SBOM, and paths of this machine."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wheels.build import local_paths

if TYPE_CHECKING:
    from wheels.crates import Crate
    from wheels.kinds import Kind


def check(wheel: Path, kind: Kind, crates: list[Crate]) -> list[str]:
    """Return the names of the checks that passed. Raise `ValueError` at the first that fails."""
    passed = []
    _require(f"-{kind.tag}-" in wheel.name and kind.platform.tag in wheel.name, f"the tag is that of {wheel.name}")
    passed.append("name")
    if "linux" in kind.platform.tag:
        _auditwheel(wheel, kind)
        passed.append("auditwheel")
    if kind.is_stable:
        symbols(_abi3audit(wheel))
        passed.append("abi3audit")
    # Many crates have the same text of a licence.
    _tool("check-wheel-contents", "--ignore=W002", str(wheel))
    with zipfile.ZipFile(wheel) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    contents(files)
    licences(files, crates)
    paths(files)
    return [*passed, "contents", "licences and SBOM", "no paths"]


def _auditwheel(wheel: Path, kind: Kind) -> None:
    # The C library of this machine is not the one of musllinux, and must not be looked at.
    folders = ["--ldpaths", str(wheel.parent)] if kind.platform.libc else []
    told = _tool("auditwheel", "show", *folders, str(wheel))
    tags = re.findall(r'"(\w+linux_\w+)"', told)
    _require(kind.platform.tag in tags, f"auditwheel names the tags {tags}, not {kind.platform.tag}")


def _abi3audit(wheel: Path) -> dict[str, Any]:
    """Return the report. The tool fails for any symbol that it does not know."""
    command = [str(Path(sys.executable).with_name("abi3audit")), "--report", str(wheel)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    _require("{" in done.stdout, f"abi3audit says: {done.stdout}{done.stderr}")
    report: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return report


def symbols(report: dict[str, Any]) -> None:
    """Refuse symbols that are not in the stable ABI of the first version that the wheel is for."""
    results = [part["result"] for spec in report["specs"].values() for part in spec["wheel"]]
    _require(bool(results), "abi3audit found no extension")
    for result in results:
        # The extension's own entry, by which CPython 3.15 finds the module (PEP 793).
        foreign = [name for name in result["non_abi3_symbols"] if name != "PyModExport__logly"]
        _require(not foreign, f"symbols that are not in the stable ABI: {foreign}")
        _require(result["is_abi3_baseline_compatible"], f"symbols of later versions: {result['future_abi3_objects']}")


def contents(files: dict[str, bytes]) -> None:
    """Refuse files outside of the package and its metadata, and more than one extension module."""
    outside = [name for name in files if not re.match(r"logly/|logly-[^/]+\.dist-info/", name)]
    _require(not outside, f"files beside the package: {outside}")
    left = [name for name in files if "__pycache__" in name or name.endswith((".pyc", ".rs"))]
    _require(not left, f"files that do not belong in a wheel: {left}")
    modules = [name for name in files if name.endswith((".so", ".pyd", ".dylib"))]
    _require(len(modules) == 1, f"extension modules: {modules}")


def licences(files: dict[str, bytes], crates: list[Crate]) -> None:
    """Refuse a wheel in which the licence of a linked crate, or its entry in the SBOM, is missing."""
    (listed,) = (json.loads(data) for name, data in files.items() if name.endswith(".cdx.json"))
    found = {(part["name"], part["version"]) for part in listed["components"]}
    linked = {(crate.name, crate.version) for crate in crates}
    _require(found == linked, f"the SBOM differs from the linked crates: {found ^ linked}")
    bare = [f"{name}-{version}" for name, version in linked if not _has_text(files, f"{name}-{version}")]
    _require(not bare, f"no licence of {bare}")


def _has_text(files: dict[str, bytes], crate: str) -> bool:
    return any(f"/licenses/third-party/{crate}/" in name and data for name, data in files.items())


def paths(files: dict[str, bytes]) -> None:
    """Refuse a wheel that names a folder of this machine."""
    local = [path.encode() for path in local_paths()]
    naming = sorted({f"{name} names {path.decode()}" for name, data in files.items() for path in local if path in data})
    _require(not naming, f"paths of this machine: {naming}")


def _tool(name: str, *arguments: str) -> str:
    command = [str(Path(sys.executable).with_name(name)), *arguments]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    _require(done.returncode == 0, f"{name} says: {done.stdout.strip()}")
    return done.stdout


def _require(is_so: bool, message: str) -> None:  # noqa: FBT001 - a claim and its message, as `assert` has them
    if not is_so:
        raise ValueError(message)

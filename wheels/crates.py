"""The crates that are linked into a wheel: names, versions, licences, and the texts of the licences."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

_TEXTS = ("LICENSE*", "LICENCE*", "COPYING*", "COPYRIGHT*", "NOTICE*", "UNLICENSE*")


@dataclass(frozen=True)
class Crate:
    """A crate, or a library in C that a crate brings along."""

    name: str
    version: str
    license: str
    texts: tuple[Path, ...]
    purl: str


def linked(target: str, features: str) -> list[Crate]:
    """Return the crates that are linked for a target, sorted by name, and the standard library."""
    found = []
    for line in _tree(target, features):
        name, version = line.split()[:2]
        found.append(_crate(name, version.removeprefix("v")))
    return [*sorted(set(found), key=lambda crate: (crate.name, crate.version)), _standard_library()]


def _tree(target: str, features: str) -> list[str]:
    command = ["cargo", "tree", "--locked", "--edges=normal,no-proc-macro", "--prefix=none", "--format={p}"]
    command += [f"--target={target}", f"--features={features}"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return [line for line in dict.fromkeys(listed) if line.strip() and not line.startswith("logly ")]


_metadata: dict[tuple[str, str], Any] = {}
"""The answers of cargo about each package, by name and version."""


def _crate(name: str, version: str) -> Crate:
    if not _metadata:
        command = ["cargo", "metadata", "--locked", "--format-version=1", "--all-features"]
        told = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
        _metadata.update({(package["name"], package["version"]): package for package in told["packages"]})
    package = _metadata[name, version]
    texts = texts_in(Path(package["manifest_path"]).parent)
    return Crate(name, version, (package["license"] or "").replace("/", " OR "), texts, f"pkg:cargo/{name}@{version}")


def texts_in(folder: Path) -> tuple[Path, ...]:
    """Return the files with licences in a crate's folder, and in those of C libraries within."""
    found = {path for pattern in _TEXTS for path in (*folder.glob(pattern), *folder.glob(f"*/{pattern}"))}
    return tuple(sorted(path for path in found if path.is_file() and path.suffix != ".rs"))


def _standard_library() -> Crate:
    """Return the standard library. Its text has the licences of the crates within it too."""
    told = subprocess.run(["rustc", "--version"], check=True, capture_output=True, text=True).stdout
    sysroot = subprocess.run(["rustc", "--print=sysroot"], check=True, capture_output=True, text=True).stdout.strip()
    texts = tuple(sorted(Path(sysroot).glob("share/doc/**/COPYRIGHT-library.html")))
    version = told.split()[1]
    return Crate("rust-std", version, "MIT OR Apache-2.0", texts, f"pkg:generic/rust-std@{version}")

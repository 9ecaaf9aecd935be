"""Finishing a wheel: the licences of linked crates and an SBOM are added, and all files get the same date."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from wheels.crates import Crate

_DATE = (2020, 1, 1, 0, 0, 0)


def finish(wheel: Path, crates: list[Crate], folder: Path) -> Path:
    """Write the finished wheel into a folder, and return its path."""
    with zipfile.ZipFile(wheel) as made:
        files = {name: made.read(name) for name in made.namelist()}
        modes = {entry.filename: entry.external_attr for entry in made.infolist()}
    (record,) = (name for name in files if name.endswith(".dist-info/RECORD"))
    info = record.rpartition("/")[0]
    # maturin's own SBOM has crates of all platforms, and paths of this machine.
    files = {name: data for name, data in files.items() if not name.startswith(f"{info}/sboms/") and name != record}
    texts = {name: data for crate in crates for name, data in _texts(crate)}
    files.update({f"{info}/licenses/{name}": data for name, data in texts.items()})
    files[f"{info}/sboms/logly.cdx.json"] = sbom(crates, _version(files[f"{info}/METADATA"]))
    files[f"{info}/METADATA"] = _with_licenses(files[f"{info}/METADATA"], sorted(texts))
    rows = [f"{name},sha256={_hash(data)},{len(data)}" for name, data in files.items()]
    files[record] = "\n".join([*rows, f"{record},,", ""]).encode()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / wheel.name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as written:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.external_attr = modes.get(name, 0o100644 << 16)
            entry.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(entry, data)
    return path


def sbom(crates: list[Crate], version: str) -> bytes:
    """Return a CycloneDX document that lists the crates."""
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "library", "bom-ref": "logly", "name": "logly", "version": version}},
        "components": [_component(crate) for crate in crates],
        "dependencies": [{"ref": "logly", "dependsOn": [crate.purl for crate in crates]}],
    }
    return json.dumps(document, indent=1).encode() + b"\n"


def _component(crate: Crate) -> dict[str, object]:
    licenses = [{"expression": crate.license}]
    return {
        "type": "library",
        "bom-ref": crate.purl,
        "name": crate.name,
        "version": crate.version,
        "purl": crate.purl,
        "licenses": licenses,
    }


def _texts(crate: Crate) -> list[tuple[str, bytes]]:
    if not crate.texts:
        message = f"{crate.name} {crate.version} has no text of its licence"
        raise ValueError(message)
    # A crate may bring a C library along, whose licence is one folder further down.
    base = min(len(path.parts) for path in crate.texts) - 1
    names = ["-".join(path.parts[base:]) for path in crate.texts]
    return [
        (f"third-party/{crate.name}-{crate.version}/{name}", path.read_bytes())
        for name, path in zip(names, crate.texts)
    ]


def _version(metadata: bytes) -> str:
    return next(line[9:] for line in metadata.decode().splitlines() if line.startswith("Version: "))


def _with_licenses(metadata: bytes, names: list[str]) -> bytes:
    head, separator, body = metadata.decode().partition("\n\n")
    lines = [head, *(f"License-File: {name}" for name in names)]
    return ("\n".join(lines) + separator + body).encode()


def _hash(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()

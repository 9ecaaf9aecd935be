"""Finishing and checking wheels: licences, SBOM, record, and the faults that the checks find."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from wheels import check, crates
from wheels.build import local_paths
from wheels.finish import finish
from wheels.kinds import KINDS

ROOT = Path(__file__).resolve().parents[2]
INFO = "logly-0.1.0.dist-info"
METADATA = (
    "Metadata-Version: 2.4\nName: logly\nVersion: 0.1.0\nLicense-File: LICENSE\n\nThe readme\n\nhas paragraphs.\n"
)


@pytest.fixture
def linked(tmp_path):
    folder = tmp_path / "registry" / "zstd-sys-2.0"
    (folder / "zstd").mkdir(parents=True)
    (folder / "LICENSE").write_text("the crate's")
    (folder / "zstd" / "LICENSE").write_text("the library's")
    texts = crates.texts_in(folder)
    return [crates.Crate("zstd-sys", "2.0", "BSD-3-Clause", texts, "pkg:cargo/zstd-sys@2.0")]


@pytest.fixture
def finished(tmp_path, linked):
    made = tmp_path / "logly-0.1.0-cp312-cp312-manylinux_2_17_x86_64.whl"
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("logly/__init__.py", "")
        archive.writestr("logly/_logly.so", b"\x7fELF")
        archive.writestr(f"{INFO}/METADATA", METADATA)
        archive.writestr(f"{INFO}/sboms/logly.cyclonedx.json", '{"bom-ref": "path+file:///home/someone"}')
        archive.writestr(f"{INFO}/RECORD", "")
    path = finish(made, linked, tmp_path / "out")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_record_has_the_hash_of_every_file(finished):
    rows = list(csv.reader(finished[f"{INFO}/RECORD"].decode().splitlines()))

    assert {row[0] for row in rows} == set(finished)
    for name, digest, size in rows:
        if digest:
            sha = base64.urlsafe_b64encode(hashlib.sha256(finished[name]).digest()).rstrip(b"=").decode()
            assert (digest, int(size)) == (f"sha256={sha}", len(finished[name]))


def test_licences_of_a_crate_and_of_the_library_within_are_kept_apart(finished):
    folder = f"{INFO}/licenses/third-party/zstd-sys-2.0"

    assert finished[f"{folder}/LICENSE"] == b"the crate's"
    assert finished[f"{folder}/zstd-LICENSE"] == b"the library's"


def test_metadata_lists_the_licences_before_the_readme(finished):
    head, _, body = finished[f"{INFO}/METADATA"].decode().partition("\n\n")

    assert "License-File: third-party/zstd-sys-2.0/zstd-LICENSE" in head.splitlines()
    assert body == "The readme\n\nhas paragraphs.\n"


def test_sbom_replaces_the_one_with_paths(finished):
    names = [name for name in finished if "/sboms/" in name]

    assert names == [f"{INFO}/sboms/logly.cdx.json"]
    assert [part["purl"] for part in json.loads(finished[names[0]])["components"]] == ["pkg:cargo/zstd-sys@2.0"]


def test_finished_wheel_passes(finished, linked):
    check.contents(finished)
    check.licences(finished, linked)
    check.paths(finished)


@pytest.mark.parametrize("name", ["tests/test.py", "logly/__pycache__/a.pyc", "logly/second.so"])
def test_file_that_does_not_belong_there_is_refused(finished, name):
    with pytest.raises(ValueError, match=name):
        check.contents({**finished, name: b""})


@pytest.mark.parametrize("path", local_paths())
def test_path_of_this_machine_is_refused(finished, path):
    with pytest.raises(ValueError, match="names"):
        check.paths({**finished, "logly/_logly.so": b"\0" + path.encode() + b"/src/lib.rs\0"})


def test_crate_that_is_not_listed_is_refused(finished, linked):
    other = crates.Crate("other", "1.0", "MIT", linked[0].texts, "pkg:cargo/other@1.0")

    with pytest.raises(ValueError, match="other"):
        check.licences(finished, [*linked, other])


def test_missing_licence_is_refused(finished, linked):
    left = {name: data for name, data in finished.items() if "third-party" not in name}

    with pytest.raises(ValueError, match=r"zstd-sys-2\.0"):
        check.licences(left, linked)


@pytest.mark.parametrize("target", sorted({kind.platform.target for kind in KINDS}))
def test_every_linked_crate_has_a_licence_and_belongs_to_the_target(target):
    found = crates.linked(target, "python")

    assert [crate.name for crate in found if not crate.texts or not crate.license] == []
    assert "windows-sys" not in {crate.name for crate in found}
    assert {"pyo3", "zstd-sys", "rust-std"} <= {crate.name for crate in found}


def test_stable_abis_are_features_of_the_crate():
    features = subprocess.run(
        ["cargo", "metadata", "--no-deps", "--format-version=1"], cwd=ROOT, check=True, capture_output=True
    )

    (package,) = json.loads(features.stdout)["packages"]
    assert {kind.python for kind in KINDS if kind.is_stable} <= set(package["features"])

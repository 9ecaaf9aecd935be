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

from wheels import __main__ as command, check, crates
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


def report(**result):
    whole = {"non_abi3_symbols": [], "is_abi3_baseline_compatible": True, "future_abi3_objects": {}, **result}
    return {"specs": {"a.whl": {"kind": "wheel", "wheel": [{"name": "_logly.abi3.so", "result": whole}]}}}


def test_entry_of_the_module_belongs_to_a_stable_abi():
    check.symbols(report(non_abi3_symbols=["PyModExport__logly"]))


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ({"non_abi3_symbols": ["PyModExport__logly", "PyFrame_GetLasti"]}, r"stable ABI: \['PyFrame_GetLasti'\]"),
        ({"is_abi3_baseline_compatible": False, "future_abi3_objects": {"PyObject_Vectorcall": "3.12"}}, "Vectorcall"),
    ],
)
def test_symbol_beyond_the_stable_abi_is_refused(result, reason):
    with pytest.raises(ValueError, match=reason):
        check.symbols(report(**result))


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


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (subprocess.CalledProcessError(1, "maturin", b"one\nno linker"), "no linker"),
        (subprocess.CalledProcessError(1, "rust-src", "", "no mirror"), "no mirror"),
        (subprocess.TimeoutExpired("python", 300), "Command 'python' timed out after 300 seconds"),
        (FileNotFoundError(2, "not found", "patchelf"), "[Errno 2] not found: 'patchelf'"),
        (ValueError("paths of this machine: x"), "paths of this machine: x"),
    ],
)
def test_failure_of_one_wheel_is_a_row_and_the_others_go_on(monkeypatch, tmp_path, capsys, error, reason):
    def make(kind):
        if kind.name == "manylinux-arm64-3.9":
            raise error
        wheel = tmp_path / f"{kind.name}.whl"
        wheel.touch()
        return wheel, ["name"], []

    monkeypatch.setattr(command, "_make", make)
    monkeypatch.setattr(command, "DIST", tmp_path)

    assert command.main(["manylinux-arm64-3.9", "macos-arm64-abi3"]) == 1

    table = capsys.readouterr().out.splitlines()[-2:]
    assert table == (tmp_path / "wheels.md").read_text().splitlines()[-2:]
    assert f"| failed: {reason} |" in table[0]
    assert table[1].startswith("| macos-arm64-abi3.whl | 0 | name | built, not run |")


def test_rows_of_earlier_runs_stay_while_their_wheels_are_there(monkeypatch, tmp_path, capsys):
    def make(kind):
        wheel = tmp_path / f"{kind.name}.whl"
        wheel.touch()
        return wheel, ["name"], []

    monkeypatch.setattr(command, "_make", make)
    monkeypatch.setattr(command, "DIST", tmp_path)
    command.main(["macos-arm64-abi3"])
    command.main(["macos-x86-64-abi3"])
    (tmp_path / "macos-arm64-abi3.whl").unlink()
    command.main(["manylinux-arm64-3.9"])

    table = capsys.readouterr().out.splitlines()[-2:]
    assert [row.split(" ")[1] for row in table] == ["manylinux-arm64-3.9.whl", "macos-x86-64-abi3.whl"]


def test_unknown_wheel_is_refused_with_the_ones_there_are(capsys):
    assert command.main(["macos-ppc"]) == 2

    told = capsys.readouterr().out
    assert told.startswith("no such wheels: macos-ppc; there are manylinux-x86-64-abi3, ")

"""The fuzzers: each target has its program and its inputs, and they are built from the libraries of the package."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FUZZ = ROOT / "fuzz"
MOST_BYTES = 300_000

TARGETS = re.findall(r'^    \("(\w+)", \w+::run\),$', (ROOT / "src/fuzzing/mod.rs").read_text("utf-8"), re.MULTILINE)


def dependencies(path: Path) -> list[str]:
    """Return the lines of a manifest that name libraries, except those that only one of the two can have."""
    section = path.read_text("utf-8").partition("[dependencies]\n")[2].partition("\n\n")[0]
    return [line for line in section.splitlines() if not line.startswith(("#", "pyo3", "libfuzzer-sys"))]


def test_libraries_are_those_of_the_package():
    assert dependencies(FUZZ / "Cargo.toml") == dependencies(ROOT / "Cargo.toml")


def test_versions_are_those_of_the_package():
    def versions(path: Path) -> set[tuple[str, str]]:
        return set(re.findall(r'name = "([^"]+)"\nversion = "([^"]+)"', path.read_text("utf-8")))

    names = {line.partition(" ")[0] for line in dependencies(ROOT / "Cargo.toml")}
    own, package = versions(FUZZ / "Cargo.lock"), versions(ROOT / "Cargo.lock")

    assert {found for found in own if found[0] in names} == {found for found in package if found[0] in names}


def test_each_target_has_a_program_and_inputs():
    manifest = (FUZZ / "Cargo.toml").read_text("utf-8")

    assert len(TARGETS) >= 14
    assert sorted(path.stem for path in (FUZZ / "fuzz_targets").glob("*.rs")) == TARGETS
    assert re.findall(r'^path = "fuzz_targets/(\w+)\.rs"$', manifest, re.MULTILINE) == TARGETS
    assert sorted(path.name for path in (FUZZ / "corpus").iterdir()) == TARGETS
    for target in TARGETS:
        assert f'run("{target}", bytes)' in (FUZZ / "fuzz_targets" / f"{target}.rs").read_text("utf-8")


def test_inputs_are_few():
    assert sum(path.stat().st_size for path in (FUZZ / "corpus").rglob("*")) < MOST_BYTES

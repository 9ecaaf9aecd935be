"""Servers from Debian: they are unpacked into `target/interop`, and nothing is installed.

The daemons of syslog cannot be installed at once, and an installed server would be started. `python -m
tests.interop.servers.debian` downloads them. apt-get needs root for that.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "target" / "interop"
PACKAGES = ["rsyslog rsyslog-openssl", "syslog-ng-core", "prometheus"]
"""Each row is downloaded in one go, with the libraries that are not installed."""

_LIBRARIES = ("usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib/syslog-ng")


def program(name: str) -> Path:
    """Return the path of a program: an unpacked one, or else one of the system. Without any, the test is skipped."""
    for folder in ("sbin", "bin"):
        unpacked = FOLDER / "root" / "usr" / folder / name
        if unpacked.exists():
            return unpacked
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/lib/systemd:/lib/systemd")
    if found is None:
        pytest.skip(f"{name} is not here; make interop downloads it as root")
    return Path(found)


def modules(name: str) -> list[Path]:
    """Return the folders of a server's modules, first the unpacked ones and then those of the system."""
    roots = (FOLDER / "root", Path("/"))
    return [found for root in roots for place in (f"usr/lib/{name}", f"usr/lib/*/{name}") for found in root.glob(place)]


def libraries() -> str:
    """Return the variable by which unpacked programs find their libraries."""
    return "LD_LIBRARY_PATH=" + ":".join(str(FOLDER / "root" / folder) for folder in _LIBRARIES)


def command(name: str, *arguments: object) -> list[object]:
    """Return the command that runs a program with its own libraries."""
    return ["env", libraries(), program(name), *arguments]


def download() -> None:
    """Download and unpack all packages that are not there yet."""
    archives, done = FOLDER / "archives", FOLDER / "unpacked"
    if done.exists():
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print("tests that need packages are skipped: apt-get and root are needed to download them")  # noqa: T201
        return
    (archives / "partial").mkdir(parents=True, exist_ok=True)
    subprocess.run(["apt-get", "update", "-qq"], check=False)
    for row in PACKAGES:
        options = [
            "-y",
            "-qq",
            "--no-install-recommends",
            "--reinstall",
            "--download-only",
            "-o",
            f"Dir::Cache::archives={archives}",
        ]
        subprocess.run(["apt-get", *options, "install", *row.split()], check=False, stdout=subprocess.DEVNULL)
    found = sorted(archives.glob("*.deb"))
    for archive in found:
        subprocess.run(["dpkg", "-x", archive, FOLDER / "root"], check=True)
    if found:
        done.touch()


if __name__ == "__main__":
    download()

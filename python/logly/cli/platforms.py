"""The table of platforms: which ones logly supports, and how that was checked.

`docs/platforms.md` shows the same rows. `python -m logly doctor` names the row of the machine that it runs on.
"""

from __future__ import annotations

import os
import platform
import sys
import sysconfig
from typing import NamedTuple

from logly import _logly

TESTED_IN_CI = "tested in CI"
TESTED_BY_HAND = "tested by hand"
BUILT_ONLY = "built only"
NOT_SUPPORTED = "not supported"


class Row(NamedTuple):
    """One row of the table."""

    platform: str
    python: str
    """Versions of CPython, with a `t` for those without a GIL. A dash stands for every other Python."""
    state: str
    check: str

    def has(self, version: str) -> bool:
        """Return whether the row is about this version."""
        return version in self.python.replace(",", "").split()


_GLIBC = "Linux x86-64 with glibc"
_GLIBC_ARM = "Linux arm64 with glibc"
_ALL = "3.9, 3.10, 3.11, 3.12, 3.13, 3.14, 3.15"
_FROM_3_10 = "3.10, 3.11, 3.12, 3.13, 3.14, 3.15"

ROWS = (
    Row(_GLIBC, "3.11", TESTED_IN_CI, "every test, before each change"),
    Row(_GLIBC, "3.14, 3.15", TESTED_BY_HAND, "every test, once; not since the last changes"),
    Row(_GLIBC, "3.9, 3.10, 3.12, 3.13", TESTED_BY_HAND, "most tests; not all of them since the last changes"),
    Row(_GLIBC, "3.13t", TESTED_BY_HAND, "every test, in parts, and `make stress`; not since the last changes"),
    Row(_GLIBC, "3.15t", BUILT_ONLY, "`make wheels`; no such interpreter was at hand"),
    Row(
        _GLIBC_ARM,
        _ALL,
        BUILT_ONLY,
        "`make wheels`, from 3.10 on; a short program ran in an emulator, with 3.14 and 3.15",
    ),
    Row("Linux x86-64 with musl", _FROM_3_10, BUILT_ONLY, "`make wheels`"),
    Row("Linux arm64 with musl", "-", NOT_SUPPORTED, "`make wheels` has a row for it, which was not run yet"),
    Row("macOS arm64", _FROM_3_10, BUILT_ONLY, "`make wheels`; written by the manuals of macOS"),
    Row("macOS x86-64", _FROM_3_10, BUILT_ONLY, "`make wheels`; written by the manuals of macOS"),
    Row("Windows x86-64", "-", NOT_SUPPORTED, "`make check-targets`; logged to files under wine, by `make wine`"),
    Row("any other", "-", NOT_SUPPORTED, "not tried"),
)

_MACHINES = {"amd64": "x86-64", "x86_64": "x86-64", "aarch64": "arm64"}
_SYSTEMS = {"Darwin": "macOS"}


def row_here() -> Row:
    """Return the row of this machine and this Python."""
    return row_of(_platform(), version())


def row_of(name: str, version: str) -> Row:
    """Return the row of a platform and a version of Python; the last row if no other has them."""
    fitting = (row for row in ROWS if row.platform == name and (row.has(version) or row.python == "-"))
    return next(fitting, ROWS[-1])


def build() -> str:
    """Return the kind of build of the extension: for one version of CPython, or for a stable ABI."""
    name = os.path.basename(_logly.__file__ or "")
    return "built for the stable ABI" if ".abi3" in name else "built for this version"


def version() -> str:
    """Return this version of CPython as the rows have it, or the name of another Python."""
    if platform.python_implementation() != "CPython":
        return platform.python_implementation()
    threads = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
    return f"{sys.version_info[0]}.{sys.version_info[1]}{threads}"


def _platform() -> str:
    system, machine = platform.system(), platform.machine()
    name = f"{_SYSTEMS.get(system, system)} {_MACHINES.get(machine.lower(), machine)}"
    return f"{name} with {_libc()}" if system == "Linux" else name


def _libc() -> str:
    try:
        return "glibc" if os.confstr("CS_GNU_LIBC_VERSION") else "musl"
    except (OSError, ValueError):
        return "musl"

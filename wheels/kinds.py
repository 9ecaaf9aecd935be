"""The kinds of wheels: a platform, and a version of CPython or a stable ABI."""

from __future__ import annotations

from dataclasses import dataclass

VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15")

STABLE = {"abi3": ("cp310-abi3", "3.10"), "abi3t": ("cp315-abi3.abi3t", "3.15")}
"""The stable ABIs by the names of their cargo features: the tag, and the first version of CPython."""


@dataclass(frozen=True)
class Platform:
    """A platform that wheels are for."""

    name: str
    row: str
    """Its name in the table of platforms (`logly.cli.platforms`)."""
    target: str
    compatibility: str
    tag: str
    by_version: bool
    """Whether each version of CPython has a wheel of its own. Elsewhere, those for a stable ABI serve all."""
    libc: str = ""
    """The name of the C library where zig gives it another."""


PLATFORMS = (
    Platform(
        "manylinux-x86-64",
        "Linux x86-64 with glibc",
        "x86_64-unknown-linux-gnu",
        "manylinux_2_17",
        "manylinux_2_17_x86_64",
        by_version=True,
    ),
    Platform(
        "manylinux-arm64",
        "Linux arm64 with glibc",
        "aarch64-unknown-linux-gnu",
        "manylinux_2_17",
        "manylinux_2_17_aarch64",
        by_version=True,
    ),
    Platform(
        "musllinux-x86-64",
        "Linux x86-64 with musl",
        "x86_64-unknown-linux-musl",
        "musllinux_1_2",
        "musllinux_1_2_x86_64",
        by_version=False,
        libc="libc.musl-x86_64.so.1",
    ),
    Platform(
        "musllinux-arm64",
        "Linux arm64 with musl",
        "aarch64-unknown-linux-musl",
        "musllinux_1_2",
        "musllinux_1_2_aarch64",
        by_version=False,
        libc="libc.musl-aarch64.so.1",
    ),
    Platform("macos-arm64", "macOS arm64", "aarch64-apple-darwin", "pypi", "macosx_11_0_arm64", by_version=False),
    Platform("macos-x86-64", "macOS x86-64", "x86_64-apple-darwin", "pypi", "macosx_10_12_x86_64", by_version=False),
)


@dataclass(frozen=True)
class Kind:
    """A wheel to build."""

    platform: Platform
    python: str
    """A version, such as 3.12, or the name of a stable ABI."""

    @property
    def name(self) -> str:
        """The name by which it can be asked for: `manylinux-arm64-3.12`."""
        return f"{self.platform.name}-{self.python}"

    @property
    def is_stable(self) -> bool:
        """Whether it is for a stable ABI."""
        return self.python in STABLE

    @property
    def tag(self) -> str:
        """The tag of Python and ABI in the wheel's name."""
        version = "cp" + self.python.replace(".", "")
        return STABLE[self.python][0] if self.is_stable else f"{version}-{version}"

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions of CPython that it is for, of those that are there today."""
        if not self.is_stable:
            return (self.python,)
        return VERSIONS[VERSIONS.index(STABLE[self.python][1]) :]


KINDS = tuple(
    Kind(platform, python) for platform in PLATFORMS for python in (*STABLE, *(VERSIONS if platform.by_version else ()))
)
"""All kinds. Those for a stable ABI come first on each platform, since they serve most."""

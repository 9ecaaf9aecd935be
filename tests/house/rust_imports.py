"""Dependencies between Rust files: the `use` trees and paths of each file under `src`, read without the compiler."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"


class Use(NamedTuple):
    """A use of one file by another; `place` is the file and line in the form that editors open."""

    user: str
    used: str
    place: str


def module_of(path: Path) -> str:
    """Return `queue::ring` for src/queue/ring.rs, and `queue` for src/queue/mod.rs."""
    parts = path.relative_to(SRC).with_suffix("").parts
    return "::".join(part for part in parts if part != "mod")


FILES = {module_of(path): path for path in sorted(SRC.rglob("*.rs")) if module_of(path) != "lib"}


def code_of(path: Path) -> str:
    """Return a file without its tests and comments; line numbers stay the same."""
    return all_code_of(path).split("\n#[cfg(test)]\nmod ")[0]


def all_code_of(path: Path) -> str:
    """Return a file without its comments; line numbers stay the same."""
    return re.sub(r"//[^\n]*", "", path.read_text(encoding="utf-8"))


def without_texts(code: str) -> str:
    """Return code with empty string literals, so that a name in a literal does not count as a use."""
    return re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', code)


def paths_in(tree: str, before: str = "") -> Iterator[str]:
    """Yield each path of a `use` tree: `a::{self, b::{c, d as e}}` holds `a`, `a::b::c` and `a::b::d`."""
    tree = tree.strip()
    group = re.fullmatch(r"([\w:]*?)(?:::)?\{(.*)\}", tree, re.DOTALL)
    if group is None:
        path = before + re.sub(r"\s+as\s+\w+$", "", tree)
        yield path.removesuffix("::self")
        return
    for part in split(group[2]):
        yield from paths_in(part, f"{before}{group[1]}::" if group[1] else before)


def split(group: str) -> list[str]:
    """Split the content of braces at its top-level commas."""
    parts, depth = [""], 0
    for character in group:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts if part.strip()]


def absolute(path: str, module: str) -> str:
    """Return a path from the root of the crate, without `crate`."""
    parts, here = path.split("::"), module.split("::")
    if parts[0] == "crate":
        return "::".join(parts[1:])
    while parts and parts[0] in {"self", "super"}:
        here = here[:-1] if parts[0] == "super" else here
        parts = parts[1:]
    return "::".join([*here, *parts])


def named_in(module: str, code: str) -> Iterator[tuple[str, int]]:
    """Yield the crate's paths that a file names, from the root, each with its offset in the text."""
    for found in re.finditer(r"\buse\s+((?:crate|super|self)\b[^;]*);", code):
        for path in paths_in(found[1]):
            yield absolute(path, module), found.start()
    outside = re.sub(r"\buse\s+[^;]*;", lambda use: re.sub(r"[^\n]", " ", use[0]), code)
    for found in re.finditer(r"\b(?:crate|super)(?:::\w+)+", outside):
        yield absolute(found[0], module), found.start()
    for child in re.findall(r"^(?:pub(?:\([^)]*\))? )?mod (\w+);", code, re.MULTILINE):
        for found in re.finditer(rf"(?<![\w:]){child}::", outside):
            yield f"{module}::{child}", found.start()


def file_of(path: str) -> str | None:
    """Return the module whose file defines a path; None for the crate's root."""
    parts = path.split("::")
    names = ("::".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((name for name in names if name in FILES), None)


def uses_of(module: str) -> Iterator[Use]:
    """Yield the uses of other files by a file."""
    path = FILES[module]
    code = without_texts(code_of(path))
    for name, at in named_in(module, code):
        used = file_of(name)
        if used is not None and used != module:
            yield Use(module, used, f"{path.relative_to(ROOT)}:{code.count(chr(10), 0, at) + 1}")


def is_of_tests(module: str) -> bool:
    """Tell whether a file is compiled only for tests."""
    return module.endswith("::tests") or module == "disk::scratch"


USES = [use for module in FILES if not is_of_tests(module) for use in uses_of(module)]

"""The imports between modules of the package, read from the source; imports for type checkers alone are left out."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python" / "logly"
FOR_TOOLS = "logly._by_name"
"""The module lists imports for tools that freeze programs, and runs none of them."""


class Import(NamedTuple):
    """An import of one module by another; `place` is the file and line in the form that editors open."""

    importer: str
    imported: str
    place: str


def name_of(path: Path) -> str:
    """Return `logly._sinks.bars` for python/logly/_sinks/bars.py."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


FILES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py")) if name_of(path) != FOR_TOOLS}


def imports_of(module: str) -> Iterator[Import]:
    """Yield a module's imports from the package, at module level or in a function."""
    path = FILES[module]
    for statement in run_by(ast.parse(path.read_text(encoding="utf-8"))):
        for name in named_by(statement):
            imported = module_of(name)
            if imported is not None and imported != module:
                yield Import(module, imported, f"{path.relative_to(ROOT)}:{statement.lineno}")


def run_by(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the import statements of a tree that run."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        yield node
    children = ast.iter_child_nodes(node)
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        children = iter(node.orelse)
    for child in children:
        yield from run_by(child)


def named_by(statement: ast.Import | ast.ImportFrom) -> list[str]:
    """Return the full names that a statement imports."""
    if isinstance(statement, ast.Import):
        return [alias.name for alias in statement.names]
    return [f"{statement.module}.{alias.name}" for alias in statement.names]


def module_of(name: str) -> str | None:
    """Return the package's module that holds a name; None for other packages and for the extension."""
    if is_extension(name):
        return None
    while name and name not in FILES:
        name = name.rpartition(".")[0]
    return name or None


def is_extension(name: str) -> bool:
    """Tell whether a name belongs to the extension, which is not a file of the package."""
    return name == "logly._logly" or name.startswith("logly._logly.")


IMPORTS = [found for module in FILES for found in imports_of(module)]

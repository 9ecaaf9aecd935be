"""Finds uses of Loguru that no changed import moves: private names, subclasses, patched attributes, names in texts.

The tree is walked without recursion, since generated code nests deeper than Python's stack is.
"""

from __future__ import annotations

import ast
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from logly.cli.move.source import Remark, Source

_MODULES = ("loguru", "logly.loguru")
_SETTERS = {"setattr", "delattr", "object"}

# A module, an attribute of it, or a requirement.
_NAME = re.compile(r"loguru(?:\.[\w.]+|\s*(?:\[[^\]]*\])?\s*(?:[<>=!~;@].*)?)")
_IMPORT = re.compile(
    r"(?:^|;|>>>|\.\.\.)[ \t]*(?:from[ \t]+loguru[\w.]*[ \t]+import\b|import[ \t]+loguru\b)", re.MULTILINE
)


def remarks(source: Source) -> Iterator[Remark]:
    """Yield a remark on each use that the author of the program has to look at."""
    names = _names(source.tree)
    annotations = _in_annotations(source.tree)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute):
            yield from _of_attribute(node, names)
        elif isinstance(node, ast.ClassDef):
            yield from _of_class(node, names)
        elif isinstance(node, ast.Call):
            yield from _of_call(node, names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in annotations:
            yield from _of_text(node, node.value)


def _names(tree: ast.Module) -> set[str]:
    """Return the names that imports of Loguru bind anywhere in the file, before the move or after it."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname or "loguru" for alias in node.names if alias.name in _MODULES}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module in _MODULES:
            names |= {alias.asname or alias.name for alias in node.names}
    return names


def _in_annotations(tree: ast.Module) -> set[ast.AST]:
    """Return every node within an annotation: `"loguru.Record"` there follows the import."""
    annotations: list[ast.expr | None] = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.arg, ast.AnnAssign)):
            annotations.append(node.annotation)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            annotations.append(node.returns)
    return {inner for annotation in annotations if annotation is not None for inner in ast.walk(annotation)}


def _of_attribute(node: ast.Attribute, names: set[str]) -> Iterator[Remark]:
    if not _is_named(node.value, names):
        return
    if (node.attr.startswith("_") and not node.attr.endswith("__")) or node.attr == "__class__":
        yield node.lineno, f"`{node.attr}` is a private part of Loguru"
    elif not isinstance(node.ctx, ast.Load):
        yield node.lineno, f"the attribute `{node.attr}` of Loguru is changed"


def _of_class(node: ast.ClassDef, names: set[str]) -> Iterator[Remark]:
    if any(_is_named(base, names) or _is_type(base, names) for base in node.bases):
        yield node.lineno, f"the class `{node.name}` is derived from one of Loguru's"


def _of_call(node: ast.Call, names: set[str]) -> Iterator[Remark]:
    name = _last_name(node.func)
    if name in _SETTERS and node.args and _is_named(node.args[0], names):
        yield node.lineno, f"`{name}` changes an attribute of Loguru"


def _of_text(node: ast.Constant, text: str) -> Iterator[Remark]:
    if _NAME.fullmatch(text):
        yield node.lineno, f'the text "{text}" names Loguru'
    for match in _IMPORT.finditer(text):
        # A text with escapes has fewer lines in the file than in its value.
        line = node.lineno + text.count("\n", 0, match.start())
        yield min(line, node.end_lineno or line), "a text imports Loguru"


def _is_named(node: ast.expr, names: set[str]) -> bool:
    """Return whether an expression is a name of Loguru, or begins with one: `logger.bind(user=1).opt()`."""
    while isinstance(node, (ast.Attribute, ast.Call)):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return isinstance(node, ast.Name) and node.id in names


def _is_type(node: ast.expr, names: set[str]) -> bool:
    if not isinstance(node, ast.Call) or _last_name(node.func) != "type":
        return False
    return len(node.args) == 1 and _is_named(node.args[0], names)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""

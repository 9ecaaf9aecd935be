"""Decides which imports of Loguru to move, and where the text changes.

The name that an import binds stays the same, so uses such as `loguru.logger` and `"loguru.Record"` need no change.
"""

from __future__ import annotations

import ast
import tokenize

from logly.cli.move.source import Edit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from logly.cli.move.source import Remark, Source

_THEIRS = "loguru"
_OURS = "logly.loguru"


def edits(source: Source) -> tuple[list[Edit], list[Remark]]:
    """Return the edits that move a file, and remarks on imports that stay."""
    changes: list[Edit] = []
    undecided: list[Remark] = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if _is_of_loguru(alias.name)]
            if names:
                changes += _in_import(source, node)
            undecided += [(node.lineno, _private(f"import {name}")) for name in names if name != _THEIRS]
        elif isinstance(node, ast.ImportFrom) and not node.level and _is_of_loguru(node.module or ""):
            private = _private_names(node)
            if private:
                undecided.append((node.lineno, _private(private)))
            else:
                changes.append(_renamed(source.tokens_from(node)[1], _OURS))
    return changes, undecided


def _is_of_loguru(module: str) -> bool:
    return module == _THEIRS or module.startswith(_THEIRS + ".")


def _private_names(node: ast.ImportFrom) -> str:
    """Return the import if it is of private names, and else nothing."""
    private = [alias.name for alias in node.names if alias.name.startswith("_") and alias.name != "__version__"]
    if node.module != _THEIRS:
        return f"from {node.module} import {', '.join(alias.name for alias in node.names)}"
    return f"from {_THEIRS} import {', '.join(private)}" if private else ""


def _private(statement: str) -> str:
    return f"`{statement}` stays: logly.loguru has no private names of Loguru"


def _in_import(source: Source, node: ast.Import) -> Iterator[Edit]:
    """Yield the edits of `import a, loguru, b as c`."""
    for part in _parts(source.tokens_from(node)[1:]):
        words = [token.string for token in part]
        if words == [_THEIRS]:
            # Plain `import logly.loguru` would bind the name `logly`.
            yield _renamed(part[0], f"{_OURS} as {_THEIRS}")
        elif words[:2] == [_THEIRS, "as"]:
            yield _renamed(part[0], _OURS)


def _parts(tokens: list[tokenize.TokenInfo]) -> list[list[tokenize.TokenInfo]]:
    """Split tokens at commas."""
    parts: list[list[tokenize.TokenInfo]] = [[]]
    for token in tokens:
        if token.type == tokenize.OP and token.string == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _renamed(token: tokenize.TokenInfo, text: str) -> Edit:
    (row, start), (_, end) = token.start, token.end
    return Edit(row, start, end, text)

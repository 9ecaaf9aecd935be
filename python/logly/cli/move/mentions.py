"""Finds the lines of requirements, of project files and of notebooks that name Loguru."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from logly.cli.move.source import Remark

_REQUIREMENT = re.compile(r"(?<![\w./-])loguru(?!\w)", re.IGNORECASE)
_IMPORT = re.compile(r"(?:from|import)\s+loguru(?!\w)")


def mentions(path: str, data: bytes) -> Iterator[Remark]:
    """Yield a remark on each line that names Loguru outside of comments; in notebooks, on each that imports it."""
    is_notebook = path.endswith(".ipynb")
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        text = line.strip()
        if is_notebook and _IMPORT.search(text):
            yield number, f"a notebook imports Loguru: {text}"
        elif not is_notebook and _REQUIREMENT.search(text.partition("#")[0]):
            yield number, f"Loguru is named here: {text}"

"""Blocks of the guide on several machines, as commands and configurations with the addresses of a test."""

from __future__ import annotations

import re
import shlex

from tests.support.documents import REPOSITORY

_GUIDE = REPOSITORY / "docs" / "guides" / "many-machines.md"


def block(language: str, *containing: str) -> str:
    """Return the first block of a language that contains some texts."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", _GUIDE.read_text(), re.DOTALL | re.MULTILINE)
    return next(text for text in blocks if all(part in text for part in containing))


def arguments(command: str, **replaced: str) -> list[str]:
    """Return the arguments of rotel in the block that contains *command*, without the address that it listens at.

    A keyword's value takes the place of that of the option with its name.
    """
    text = block("sh", "rotel start", command).replace("\\\n", " ")
    line = next(line for line in text.splitlines() if line.startswith("rotel start"))
    words = shlex.split(line)[4:]
    for name, value in replaced.items():
        words[words.index("--" + name.replace("_", "-")) + 1] = value
    return words

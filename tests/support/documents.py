"""The code of documents: finds the blocks of a page, and runs each as its own program.

Each block of Python runs alone, in an empty folder, with the clock stopped at `NOW` in UTC. A block of `text` or `json`
after it shows the program's output; a block with a file name (```` ```text app.log ````) shows that file. `...` matches
anything. A block of Python with a file name (```` ```python main.py ````) is part of a program that does not end by
itself, such as a server. A test of that page runs it. A block that needs a newer Python than the oldest one says so in
its first line: `# Python 3.14 or newer`.
"""

from __future__ import annotations

import doctest
import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import child

REPOSITORY = Path(__file__).resolve().parents[2]
NOW = "2025-01-15T10:30:45.123Z"

_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```\s*$", re.MULTILINE | re.DOTALL)
_NEEDS = re.compile(r"# Python (\d+)\.(\d+) or newer\n")
_CARETS = re.compile(r"^ *[~^]+ *\n", re.MULTILINE)
_STOPPED = """
import runpy, sys, logly.testing
sys.path.insert(0, "")
# Not for a `with` block: at its end the file of the day would be rotated, were the process slow to end.
logly.testing.FrozenClock().move_to({now!r})
runpy.run_path({name!r}, run_name="__main__")
"""


@dataclass
class Block:
    """One block of Python, and the texts the page shows for it, by file name; the output has the empty name."""

    page: str
    line: int
    code: str
    shown: dict[str, str] = field(default_factory=dict)

    @property
    def needs(self) -> tuple[int, ...]:
        """The version of Python that the block needs."""
        match = _NEEDS.match(self.code)
        return (3, 9) if match is None else tuple(map(int, match.groups()))

    @property
    def name(self) -> str:
        """The page and the line where the block begins, as test reports show it."""
        return f"{self.page}:{self.line}"


class Ended(child.Result):
    """The result of a program that ended, and the folder it ran in."""

    folder: Path

    def read(self, name: str) -> str:
        """Return the text of a file the program wrote, or its output when *name* is empty."""
        return self.stdout if not name else (self.folder / name).read_text(encoding="utf-8")


def blocks(path: Path) -> list[Block]:
    """Return the blocks of Python of a page in order, each with the blocks that directly follow it."""
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(REPOSITORY).as_posix() if REPOSITORY in path.parents else path.name
    found: list[Block] = []
    for fence in _FENCE.finditer(text):
        language, _, of_file = fence["info"].strip().partition(" ")
        if language == "python" and not of_file:
            found.append(Block(name, text.count("\n", 0, fence.start()) + 1, fence["text"]))
        elif language in {"text", "json"} and found:
            found[-1].shown.setdefault(of_file.strip(), fence["text"])
    return found


def files(path: Path) -> dict[str, str]:
    """Return the blocks of Python of a page that have a file name, by that name."""
    fences = _FENCE.finditer(path.read_text(encoding="utf-8"))
    named = [(fence["info"].strip().partition(" "), fence["text"]) for fence in fences]
    return {name.strip(): text for (language, _, name), text in named if language == "python" and name}


def run(code: str, folder: Path, name: str = "example.py") -> Ended:
    """Run *code* as a program in *folder*, with the clock stopped."""
    (folder / name).write_text(code, encoding="utf-8")
    return run_program(["-c", _STOPPED.format(now=NOW, name=name)], folder)


def run_program(arguments: list[str], folder: Path) -> Ended:
    """Run Python in *folder*, which also holds temporary files, without variables for logging and colours."""
    environment = child.environment_of({"TZ": "UTC", "PYTHONIOENCODING": "utf-8", "TMPDIR": str(folder)})
    result = child.execute([sys.executable, *arguments], cwd=folder, env=environment)
    ended = Ended(result.args, result.returncode, result.stdout, result.stderr)
    ended.folder = folder
    return ended


def is_shown(expected: str, got: str, folder: Path) -> bool:
    """Tell whether *got* matches the page: `...` matches anything, and marks below code are ignored."""
    got = got.replace(f"{folder}{os.sep}", "")
    return doctest.OutputChecker().check_output(_CARETS.sub("", expected), _CARETS.sub("", got), doctest.ELLIPSIS)

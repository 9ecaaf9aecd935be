"""Programs for the CPython of Windows, and how they are run."""

from __future__ import annotations

import os
import subprocess
import textwrap
from pathlib import Path

WINE = Path(__file__).parents[2] / "target" / "wine"
"""The folder that `.ci/make-wine` fills."""

PYTHON = WINE / "python" / "python.exe"

_PATIENCE = 120
"""Seconds that a program may take."""


class Folder:
    """A folder in which programs run.

    Args:
        path: The folder on this system.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def start(
        self, *parts: str, argument: str = "", name: str = "program.py", **options: str
    ) -> subprocess.Popen[bytes]:
        """Start a program of some parts; *options* are variables of its environment."""
        file = self.path / name
        file.write_text("\n".join(map(textwrap.dedent, parts)), encoding="utf-8")
        variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LOGLY"))}
        variables.pop("DISPLAY", None)
        wine = {"WINEPREFIX": str(WINE / "prefix"), "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml="}
        return subprocess.Popen(
            [WINE / "sid" / "usr" / "lib" / "x86_64-linux-gnu" / "wine" / "wine", PYTHON, name, argument],
            cwd=self.path,
            env={**variables, **wine, **options},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *parts: str, **options: str) -> str:
        """Run a program that tells nothing on standard error; return its output."""
        output, errors = self.run_with_errors(*parts, **options)
        assert errors == ""
        return output

    def run_with_errors(self, *parts: str, **options: str) -> tuple[str, str]:
        """Run a program; return its standard output and standard error."""
        return finished(self.start(*parts, **options))

    def text(self, name: str = "app.log") -> str:
        """Return the text of a file."""
        return (self.path / name).read_text(encoding="utf-8")

    def lines(self, name: str = "app.log") -> list[str]:
        """Return the lines of a file, each of which has its end."""
        text = self.text(name)
        assert text == "" or text.endswith("\n")
        return text.splitlines()

    def names(self, start: str = "app") -> list[str]:
        """Return the names of the files that begin so, sorted."""
        return sorted(path.name for path in self.path.iterdir() if path.name.startswith(start))


def finished(process: subprocess.Popen[bytes]) -> tuple[str, str]:
    """Wait for a program that ends well; return its standard output and standard error."""
    output, errors = (stream.decode().replace("\r\n", "\n") for stream in process.communicate(timeout=_PATIENCE))
    assert process.returncode == 0, output + errors
    return output, errors

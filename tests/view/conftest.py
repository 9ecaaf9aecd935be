"""A way to run the command and to get what it shows."""

from __future__ import annotations

import pytest
from logly.cli import main


@pytest.fixture
def view(capsysbinary, tmp_path, monkeypatch):
    """Run `logly view` in a folder of the test; return its exit code, and what it wrote to both streams."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        capsysbinary.readouterr()
        code = main(["view", *map(str, arguments)])
        out, err = capsysbinary.readouterr()
        return code, out.decode(), err.decode()

    return run


@pytest.fixture
def shown(view):
    """Run `logly view --utc` where all is well, and return the lines that it shows."""

    def run(*arguments):
        code, out, err = view(*arguments, "--utc")
        assert (code, err) == (0, "")
        return out.splitlines()

    return run

"""Ways to run the commands and to get what they show."""

from __future__ import annotations

import functools
import json

import pytest
from logly.cli import main


@pytest.fixture
def command(capsysbinary, tmp_path, monkeypatch):
    """Run a command in a folder of the test; return its exit code, and what it wrote to both streams."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        capsysbinary.readouterr()
        code = main([*map(str, arguments)])
        out, err = capsysbinary.readouterr()
        return code, out.decode(), err.decode()

    return run


@pytest.fixture
def view(command):
    """Run `logly view`."""
    return functools.partial(command, "view")


@pytest.fixture
def counted(command):
    """Run `logly stats --json` where all is well, and return the counts."""

    def run(*arguments):
        code, out, err = command("stats", "--json", *arguments)
        assert (code, err) == (0, "")
        return json.loads(out)

    return run


@pytest.fixture
def shown(view):
    """Run `logly view --utc` where all is well, and return the lines that it shows."""

    def run(*arguments):
        code, out, err = view(*arguments, "--utc")
        assert (code, err) == (0, "")
        return out.splitlines()

    return run

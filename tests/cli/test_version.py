"""`logly --version`, and the script that is installed."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path

import logly


def test_installed_script_tells_the_version():
    script = Path(sysconfig.get_path("scripts"), "logly")

    ended = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)

    assert (ended.stdout, ended.stderr) == (f"logly {logly.__version__}\n", "")

"""Rotation compared with a simple model, through a year with both clock changes, in a process for each zone.

`LOGLY_STRESS=1` runs thousands of plans a zone.
"""

from __future__ import annotations

import os
import sys
import zoneinfo
from importlib import resources
from pathlib import Path

import pytest

from tests.support import child

REPOSITORY = Path(__file__).parents[2]
COUNT = 2000 if os.environ.get("LOGLY_STRESS") else 25
LIMIT = 3600 if os.environ.get("LOGLY_STRESS") else 180


def zone_variable(name: str) -> str:
    """Return the value of TZ for a zone: its name, or a file of the package `tzdata` if the system has none."""
    if any(Path(folder, name).is_file() for folder in zoneinfo.TZPATH):
        return name
    try:
        path = Path(str(resources.files("tzdata").joinpath("zoneinfo", name)))
    except ModuleNotFoundError:
        path = Path(name)
    return str(path) if path.is_file() else pytest.skip(f"{name}: neither the system nor tzdata has this zone")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_files_are_those_of_the_model(zone: str) -> None:
    plans = [sys.executable, "-m", "tests.support.rotation_plans", zone, "0", str(COUNT)]
    environment = {**os.environ, "TZ": zone_variable(zone)}

    ended = child.execute(plans, cwd=REPOSITORY, env=environment, timeout=LIMIT)

    ended.check()
    assert f"'plans': {COUNT}" in ended.stdout
